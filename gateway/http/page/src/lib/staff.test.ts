import { expect, test } from 'vitest'
import { byAttention, levelOfState, relevelled, staffAfter, worstOf } from './staff'

const noon = Date.parse('2026-03-02T04:00:00Z')
const agent = (name: string, state: string, more = {}) => ({ agent: name, state, ...more })

test('too long in a state goes by the state, and by the reason where it has its own time', () => {
  expect(levelOfState('wrap_up', undefined, 119)).toBe('good')
  expect(levelOfState('wrap_up', undefined, 120)).toBe('watch')
  expect(levelOfState('wrap_up', undefined, 300)).toBe('act')
  expect(levelOfState('not_ready', 'break', 2700)).toBe('act')
  expect(levelOfState('not_ready', 'lunch', 2699)).toBe('good')
  expect(levelOfState('ready', undefined, 99_999)).toBe('good')
})

test('the time in a state goes on over answers, and begins anew with another state', () => {
  const first = staffAfter(null, [agent('A', 'wrap_up'), agent('B', 'not_ready')], noon)
  expect(first.map((r) => r.atLeast)).toEqual([true, true])
  const second = staffAfter(first, [agent('A', 'wrap_up'), agent('B', 'busy')], noon + 130_000)
  expect(second.map((r) => [r.since - noon, r.atLeast, r.level])).toEqual([
    [0, true, 'watch'],
    [130_000, false, 'good'],
  ])
  expect(relevelled(second, noon + 300_000)[0]?.level).toBe('act')
  expect(worstOf(second)).toBe('watch')
})

test('where the engine says since when, that is taken', () => {
  const idle = new Date(noon - 60_000).toISOString()
  const rows = staffAfter(null, [agent('A', 'ready', { idle_since: idle })], noon)
  expect([rows[0]?.since, rows[0]?.atLeast]).toEqual([noon - 60_000, false])
  const told = staffAfter(null, [agent('A', 'busy', { since: idle, idle_since: 'x' })], noon)
  expect(told[0]?.since).toBe(noon - 60_000)
})

test('who signed out is not on the floor; who is too long in a state stands first', () => {
  const rows = staffAfter(
    staffAfter(null, [agent('C', 'wrap_up')], noon),
    [agent('A', 'ready', {}), agent('B', 'signed_out'), agent('C', 'wrap_up'), agent('D', 'busy')],
    noon + 400_000,
  )
  expect(rows.sort(byAttention).map((r) => r.agent.agent)).toEqual(['C', 'D', 'A'])
})
