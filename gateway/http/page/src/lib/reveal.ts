// What was shown in clear is masked again by itself.

export const reveal_ms = 30_000

export interface Revealed {
  values: Record<string, string>
  until: number
}

export function revealed(values: Record<string, unknown>, now: number): Revealed {
  const shown: Record<string, string> = {}
  for (const [field, value] of Object.entries(values))
    if (value != null) shown[field] = String(value)
  return { values: shown, until: now + reveal_ms }
}

/** What may be shown of it now; nothing once its time is over. */
export function inClear(of: Revealed | null, now: number): Record<string, string> {
  return of && now < of.until ? of.values : {}
}

/** Whether what was typed is a phone number, and no name of the centre's own. */
export function phoneIn(text: string): string | undefined {
  const plain = text.replace(/[\s()-]/g, '')
  return /^\+?\d{6,20}$/.test(plain) ? plain : undefined
}

export function secondsInClear(of: Revealed | null, now: number): number {
  return of ? Math.max(0, Math.ceil((of.until - now) / 1000)) : 0
}
