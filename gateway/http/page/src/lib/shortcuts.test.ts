import { expect, test } from 'vitest'
import { actionOf, counterActions, keysOf, shortcuts } from './shortcuts'

const alt = { altKey: true, ctrlKey: false, metaKey: false }

test('each letter means one thing', () => {
  const letters = Object.values(shortcuts)
  expect(new Set(letters).size).toBe(letters.length)
  expect(keysOf('accept')).toBe('Alt+A')
  expect(counterActions.map(keysOf)).toEqual(['Alt+X', 'Alt+G', 'Alt+M'])
})

test('a shortcut is Alt and the letter, and nothing else', () => {
  expect(actionOf({ ...alt, key: 'a' })).toBe('accept')
  expect(actionOf({ ...alt, key: 'å', code: 'KeyA' })).toBe('accept')
  expect(actionOf({ ...alt, altKey: false, key: 'a' })).toBeUndefined()
  expect(actionOf({ ...alt, ctrlKey: true, key: 'a' })).toBeUndefined()
  expect(actionOf({ ...alt, key: 'z' })).toBeUndefined()
})

test('a key that is held down does it once', () => {
  expect(actionOf({ ...alt, key: 'a', repeat: true })).toBeUndefined()
})
