// One's own password: what can be said against a new one before the engine is asked.

import { refusalKey } from './session'

export const characters_min = 12
/** The engine's own limit. */
export const bytes_max = 256

export type Flaw = 'short' | 'long' | 'same' | 'twice'

/** What is wrong with it; nothing: the engine may be asked. */
export function flawOf(of: { old: string; wanted: string; again: string }): Flaw | undefined {
  if ([...of.wanted].length < characters_min) return 'short'
  if (new TextEncoder().encode(of.wanted).length > bytes_max) return 'long'
  if (of.wanted === of.old) return 'same'
  return of.wanted === of.again ? undefined : 'twice'
}

const own: Record<string, string> = {
  'security.sign_in_failed': 'password.wrong',
  'security.password_weak': 'password.weak',
  // The answer may be what was lost.
  offline: 'password.offline',
}

/** The key of the sentence that tells why it was not changed. */
export function passwordKey(code: string): string {
  const key = own[code] ?? refusalKey(code)
  return key === 'signIn.failed' ? 'password.failed' : key
}
