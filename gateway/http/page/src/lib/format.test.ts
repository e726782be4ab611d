import { expect, test } from 'vitest'
import { clock, count, day, duration, percent } from './format'

test('a wait is told in minutes and seconds, and cut rather than rounded', () => {
  expect(duration(0)).toBe('0:00')
  expect(duration(59.9)).toBe('0:59')
  expect(duration(60)).toBe('1:00')
  expect(duration(3599.9)).toBe('59:59')
  expect(duration(3723)).toBe('1:02:03')
  expect(duration(-3)).toBe('0:00')
  expect(duration(undefined)).toBe('–')
})

test('a share is told in per cent, and all or none only when it is all or none', () => {
  expect(percent(0.846)).toBe('85%')
  expect(percent(0.0312, 1)).toBe('3.1%')
  expect(percent(1)).toBe('100%')
  expect(percent(0.9999)).toBe('99%')
  expect(percent(0.9999, 1)).toBe('99.9%')
  expect(percent(0)).toBe('0%')
  expect(percent(0.0001)).toBe('1%')
  expect(percent(undefined)).toBe('–')
})

test('the clock is the centre’s own, wherever the reader sits', () => {
  const at = Date.parse('2026-03-01T23:30:05Z')
  expect(clock(at, 480)).toBe('07:30:05')
  expect(clock(at, 480, false)).toBe('07:30')
  expect(day(at, 480)).toBe('2026-03-02')
})

test('large counts are grouped', () => {
  expect(count(1234567)).toBe('1 234 567')
  expect(count(undefined)).toBe('–')
})
