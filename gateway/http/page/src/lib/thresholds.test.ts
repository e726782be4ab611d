import { expect, test } from 'vitest'
import { abandonOf, levelsOf, oldestOf, serviceLevelOf, staffOf, worst } from './thresholds'

test('a wait is measured by its own queue’s limit', () => {
  expect(oldestOf(undefined, 15)).toBe('good')
  expect(oldestOf(29.9, 15)).toBe('good')
  expect(oldestOf(30, 15)).toBe('watch')
  expect(oldestOf(90, 15)).toBe('act')
  expect(oldestOf(90, 60)).toBe('good')
})

test('a service level of a handful of contacts is no alarm', () => {
  expect(serviceLevelOf({ sl_late: 0, answered: 3, abandoned: 1 })).toBe('good')
  expect(serviceLevelOf({ sl_late: 0.85, answered: 10 })).toBe('good')
  expect(serviceLevelOf({ sl_late: 0.84, answered: 10 })).toBe('watch')
  expect(serviceLevelOf({ sl_late: 0.69, answered: 10 })).toBe('act')
  expect(serviceLevelOf({ answered: 10 })).toBe('good')
})

test('abandons are watched from one in twenty', () => {
  expect(abandonOf({ abandon_rate: 0.049, answered: 100 })).toBe('good')
  expect(abandonOf({ abandon_rate: 0.05, answered: 100 })).toBe('watch')
  expect(abandonOf({ abandon_rate: 0.1, answered: 100 })).toBe('act')
})

test('somebody waiting where nobody serves is the worst there is', () => {
  expect(staffOf({ waiting: 1, agents: { not_ready: 3 } })).toBe('act')
  expect(staffOf({ waiting: 1, agents: { busy: 1 } })).toBe('good')
  expect(staffOf({ waiting: 0, agents: {} })).toBe('good')
  expect(staffOf({ waiting: 1 })).toBe('good')
})

test('a bad morning is watched, and is no alarm while nobody waits', () => {
  const queue = { sl_late: 0.2, abandon_rate: 0.4, answered: 50, service_level_s: 15 }
  expect(levelsOf(queue, undefined).all).toBe('watch')
  expect(levelsOf(queue, 600).all).toBe('act')
  expect(worst()).toBe('good')
})
