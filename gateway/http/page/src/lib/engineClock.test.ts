import { expect, test } from 'vitest'
import { countdown, EngineClock } from './engineClock'

const at = (s: number) => new Date(Date.parse('2026-03-02T02:00:00Z') + s * 1000).toISOString()

test('the engine’s time runs on from its last answer, at its own speed', () => {
  const clock = new EngineClock()
  expect(clock.known).toBe(false)
  clock.set(at(0), 1000, 1200)
  expect(clock.now(1100)).toBe(Date.parse(at(0)))
  expect(clock.now(3100)).toBe(Date.parse(at(2)))
  clock.set(at(0), 0, 0, 60)
  expect(clock.now(1000)).toBe(Date.parse(at(60)))
  clock.set('no time', 5000, 5000)
  expect(clock.now(1000)).toBe(Date.parse(at(60)))
})

test('an offer counts down to its end, in whole seconds that are never too few', () => {
  const now = Date.parse(at(4.2))
  expect(countdown(at(15), at(0), now)).toMatchObject({ left_s: 11, over: false })
  expect(countdown(at(15), at(0), now)?.share).toBeCloseTo(0.72)
  expect(countdown(at(15), at(0), Date.parse(at(15)))).toEqual({ left_s: 0, share: 0, over: true })
  expect(countdown(at(15), undefined, now)?.share).toBe(1)
  expect(countdown(at(15), at(0), Date.parse(at(-0.2)))).toMatchObject({ left_s: 15, share: 1 })
  expect(countdown(undefined, at(0), now)).toBeUndefined()
})
