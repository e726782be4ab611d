import { expect, test } from 'vitest'
import { firstList, leadOf } from './leads'
import { rowOf } from './order'
import type { Queue } from './types'

const row = (id: string, queue: Queue) => rowOf(id, queue, 600_000)
const rows = [
  row('small', { waiting: 1, oldest_since: 0, answered: 1, abandoned: 4, sl_late: 0 }),
  row('large', { waiting: 9, oldest_since: 500_000, answered: 90, abandoned: 10, sl_late: 0.6 }),
  row('calm', { in_progress: 7, answered: 50, sl_late: 1 }),
]

test('a red figure of the centre leads to the queue that weighs most in it', () => {
  expect(leadOf('waiting', rows)).toEqual({ queue: 'large', list: 'waiting' })
  expect(leadOf('oldest', rows)).toEqual({ queue: 'small', list: 'waiting' })
  expect(leadOf('service', rows)).toEqual({ queue: 'large', list: 'recent' })
  expect(leadOf('abandon', rows)).toEqual({ queue: 'large', list: 'recent' })
  expect(leadOf('progress', rows)).toEqual({ queue: 'calm', list: 'progress' })
})

test('a figure that no queue has any part in leads nowhere', () => {
  expect(leadOf('oldest', [row('calm', { waiting: 0 })])).toBeUndefined()
  expect(leadOf('waiting', [])).toBeUndefined()
})

test('a queue that lost many and has nobody waiting opens with those it lost', () => {
  expect(firstList(row('a', { answered: 6, abandoned: 4, abandon_rate: 0.4 }))).toBe('recent')
  expect(firstList(row('a', { waiting: 1, answered: 6, abandoned: 4, abandon_rate: 0.4 }))).toBe(
    'waiting',
  )
  expect(firstList(row('a', {}))).toBe('waiting')
  expect(firstList(undefined)).toBe('waiting')
})
