import { expect, test } from 'vitest'
import { firstLanguage } from '.'
import { placeOf } from '../usePlace'
import { readRoute, writeRoute } from '../useRoute'

test('the language is the one chosen before, else the browser’s first that there is', () => {
  expect(firstLanguage('zh', ['en'])).toBe('zh')
  expect(firstLanguage(null, ['de', 'zh-TW', 'en'])).toBe('zh')
  expect(firstLanguage(null, ['en-GB', 'zh'])).toBe('en')
  expect(firstLanguage('fr', ['de'])).toBe('en')
})

test('what is open can be sent as an address, whatever its name', () => {
  for (const route of [
    { queue: '', contact: '', list: '' as const },
    { queue: '投诉 & co', contact: 'C#1', list: '' as const },
    { queue: 'care', contact: '', list: 'recent' as const },
  ])
    expect(readRoute(writeRoute(route))).toEqual(route)
})

test('the same can be sent as an address of the supervisor’s floor', () => {
  const route = { queue: 'care', contact: 'C-1', list: 'waiting' as const }
  expect(writeRoute(route, 'floor')).toBe('#/floor?queue=care&list=waiting&contact=C-1')
  expect(readRoute(writeRoute(route, 'floor'))).toEqual(route)
  expect(writeRoute({ queue: '', contact: '', list: '' }, 'floor')).toBe('#/floor')
  expect(readRoute('#/floor')).toEqual({ queue: '', contact: '', list: '' })
  expect(['#/desk', '#/floor?queue=a', '#queue=desk', '#/else'].map(placeOf)).toEqual([
    ...['desk', 'floor', 'board', 'board'],
  ])
})
