import { expect, test } from 'vitest'
import { alarmsOf, stillThere } from './alarms'

const noon = Date.parse('2026-03-02T04:00:00Z')
const here = { ready: 1 }
const frame = {
  queues: {
    care: { waiting: 2, oldest_since: noon - 200_000, service_level_s: 15, agents: here },
    vip: { waiting: 1, oldest_since: noon - 400_000, service_level_s: 15, agents: here },
    night: { waiting: 3, oldest_since: noon - 5_000, agents: { not_ready: 2 } },
    calm: { waiting: 1, oldest_since: noon - 5_000, agents: here },
  },
  sites: { north: { state: 'closed' as const, waiting: 4 }, south: { state: 'open' as const } },
  promises: { open: 4, broken: 2 },
}

test('what is red on the board is an alarm, the worst first, and leads to its contacts', () => {
  const alarms = alarmsOf(frame, noon)
  expect(alarms.map((a) => a.key)).toEqual([
    'nobody:night',
    'wait:vip',
    'wait:care',
    'site:north',
    'promises:2',
  ])
  expect(alarms[1]?.lead).toEqual({ queue: 'vip', list: 'waiting' })
  expect(alarmsOf({}, noon)).toEqual([])
})

test('who said yes stands with the alarm until it ends; then it asks again', () => {
  const acks = { 'wait:vip': { by: 'S', at: noon }, 'promises:2': { by: 'S', at: noon } }
  const alarms = alarmsOf(frame, noon)
  expect(stillThere(acks, alarms)).toBe(acks)
  const worse = alarmsOf({ ...frame, promises: { broken: 3 } }, noon)
  expect(Object.keys(stillThere(acks, worse))).toEqual(['wait:vip'])
})
