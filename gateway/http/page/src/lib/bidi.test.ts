import { expect, test } from 'vitest'
import { isolated } from './bidi'

test('a name that turns text around cannot reorder the sentence it stands in', () => {
  expect(isolated('C-4711')).toBe('C-4711')
  expect(isolated('宽带报障')).toBe('宽带报障')
  expect(isolated('שלום')).toBe('\u2068שלום\u2069')
  expect(isolated('C\u202e1174')).toBe('\u2068C\ufffd1174\u2069')
  expect(isolated('C\u2069\u202e1')).toBe('\u2068C\ufffd\ufffd1\u2069')
})
