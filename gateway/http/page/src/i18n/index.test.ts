import { expect, test } from 'vitest'
import { firstLanguage } from '.'
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
