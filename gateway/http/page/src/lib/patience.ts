/**
 * So long an answer is waited for: a little longer than the engine itself waits before it answers
 * 504. Without an end a page whose browser has no connection left would wait for ever, and say
 * nothing.
 */
export const patience_ms = 12_000

export const patience = () => AbortSignal.timeout(patience_ms)

/** Who answers so stands between the page and an engine that has not answered: it may be at it. */
export const isNoAnswer = (status: number) => status === 502 || status === 504
