import { expect, test } from 'vitest'
import forms from '../../../../../actors/registration/tables/forms.cpp?raw'
import { revealPurposes } from './codes'
import { inClear, phoneIn, reveal_ms, revealed, secondsInClear } from './reveal'

test('what was revealed is masked again after half a minute', () => {
  const shown = revealed({ phone: '13812345678', name: null }, 1000)
  expect(inClear(shown, 1000)).toEqual({ phone: '13812345678' })
  expect(secondsInClear(shown, 1000)).toBe(30)
  expect(secondsInClear(shown, 30_500)).toBe(1)
  expect(inClear(shown, 1000 + reveal_ms)).toEqual({})
  expect(secondsInClear(shown, 99_000)).toBe(0)
  expect(inClear(null, 0)).toEqual({})
})

test('a purpose and a field that are asked for are the engine’s', () => {
  for (const [purpose, fields] of Object.entries(revealPurposes)) {
    expect(forms).toContain(`reveal_row{"${purpose}"`)
    for (const field of fields) expect(forms).toContain(`field_row{"${field}"`)
  }
})

test('a phone number is told apart from a party’s name', () => {
  expect(phoneIn('138 1234-5678')).toBe('13812345678')
  expect(phoneIn('+86 21 5888 0000')).toBe('+862158880000')
  for (const name of ['party-7', '12345', '张三', '']) expect(phoneIn(name)).toBeUndefined()
})
