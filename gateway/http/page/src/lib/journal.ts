// What a supervisor did and saw to from this tab. It is no record: that is the engine's log.

export interface Deed {
  at: number
  by: string
  /** A sentence of i18n/ and what is filled into it. */
  key: string
  values: Record<string, string>
  /** A code word. */
  reason: string
}

export const deedsMax = 100

/** The newest first, and only so many. */
export function noted(deeds: Deed[], deed: Deed): Deed[] {
  return [deed, ...deeds].slice(0, deedsMax)
}

/** What was kept, or the empty one where nothing was or what was kept cannot be read. */
export function kept<T>(text: string | null, empty: T): T {
  try {
    const read = JSON.parse(text ?? '') as T
    return Array.isArray(read) === Array.isArray(empty) && read !== null && typeof read === 'object'
      ? read
      : empty
  } catch {
    return empty
  }
}
