import { expect, test } from 'vitest'
import { flawOf, passwordKey } from './password'

const flaw = (wanted: string, again = wanted) => flawOf({ old: 'an old password', wanted, again })

test('a new password is long enough, another one, and typed twice alike', () => {
  expect(flaw('eleven char')).toBe('short')
  expect(flaw('twelve chars')).toBeUndefined()
  expect(flaw('十二个汉字也是一个好口令')).toBeUndefined()
  expect(flaw('an old password')).toBe('same')
  expect(flaw('twelve chars', 'twelve charz')).toBe('twice')
})

test('what the engine takes for too long is not sent', () => {
  expect(flaw('x'.repeat(256))).toBeUndefined()
  expect(flaw('x'.repeat(257))).toBe('long')
  expect(flaw('字'.repeat(86))).toBe('long')
})

test('why it was not changed is told in words that fit', () => {
  expect(passwordKey('security.sign_in_failed')).toBe('password.wrong')
  expect(passwordKey('security.password_weak')).toBe('password.weak')
  expect(passwordKey('security.code_needed')).toBe('signIn.code_needed')
  expect(passwordKey('security.locked')).toBe('signIn.locked')
  expect(passwordKey('offline')).toBe('password.offline')
  expect(passwordKey('engine.busy')).toBe('password.failed')
})
