import { expect, test } from 'vitest'
import { deedsMax, kept, noted, type Deed } from './journal'

const deed = (at: number): Deed => ({ at, by: 'S', key: 'k', values: {}, reason: 'overload' })

test('what was done last stands first, and only so much is kept', () => {
  let deeds: Deed[] = []
  for (let i = 1; i <= deedsMax + 5; i++) deeds = noted(deeds, deed(i))
  expect([deeds.length, deeds[0]?.at]).toEqual([deedsMax, deedsMax + 5])
})

test('what was kept and cannot be read is as if nothing had been', () => {
  expect(kept(JSON.stringify([deed(1)]), [])).toEqual([deed(1)])
  for (const text of [null, '', '{', 'null', '{}', '7']) expect(kept(text, [])).toEqual([])
  expect(kept('[]', {})).toEqual({})
})
