import { expect, test } from 'vitest'
import { byNeed, matches, rowOf, sorter, waitingSince } from './order'

const now = 1_000_000
const row = (id: string, queue: object, waited_s?: number) =>
  rowOf(
    id,
    { ...queue, ...(waited_s === undefined ? {} : { oldest_since: now - waited_s * 1000 }) },
    now,
  )

test('who needs somebody most stands first', () => {
  const rows = [
    row('quiet', {}),
    row('long', { waiting: 1 }, 200),
    row('many', { waiting: 9 }, 20),
    row('few', { waiting: 2 }, 20),
    row('nobody-there', { waiting: 1, agents: { not_ready: 1 } }, 3),
  ]
  expect(rows.sort(byNeed).map((r) => r.id)).toEqual([
    'long',
    'nobody-there',
    'many',
    'few',
    'quiet',
  ])
})

test('equal queues stand by name, with numbers in their order', () => {
  const rows = ['queue-10', 'queue-9', '账单'].map((id) => row(id, {}))
  expect(
    rows
      .sort(sorter('need'))
      .map((r) => r.id)
      .slice(-2),
  ).toEqual(['queue-9', 'queue-10'])
})

test('a queue without a service level stands behind those that have one', () => {
  const rows = [row('none', {}), row('low', { sl_late: 0.1 }), row('high', { sl_late: 0.9 })]
  expect(rows.sort(sorter('service')).map((r) => r.id)).toEqual(['low', 'high', 'none'])
})

test('a wait runs on from its beginning and is never below nothing', () => {
  expect(waitingSince(now - 1500, now)).toBe(1.5)
  expect(waitingSince(now + 1500, now)).toBe(0)
  expect(waitingSince(null, now)).toBeUndefined()
})

test('a search finds a part of a name, in any case', () => {
  expect(matches('Fault-Report', ' fault ')).toBe(true)
  expect(matches('宽带报障', '报障')).toBe(true)
  expect(matches('billing', 'fault')).toBe(false)
})
