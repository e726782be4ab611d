import { describe, expect, it } from 'vitest'
import { inTurn, type Locks } from './tabs'

/** A browser that gives the lock at once, or never until it is told that nobody waits any more. */
const locks = (isGiven: boolean) =>
  ({
    request: (_name: string, { signal }: LockOptions, run: () => Promise<unknown>) =>
      isGiven
        ? run()
        : new Promise((_, fail) => signal?.addEventListener('abort', () => fail(signal.reason))),
  }) as unknown as Locks

describe('tabs of one browser', () => {
  it('do in turn what is done to their session', async () => {
    expect(await inTurn('shared', async () => 'read', locks(true))).toBe('read')
  })
  it('go on by themselves where the browser has no locks', async () => {
    expect(await inTurn('exclusive', async () => 'renewed', undefined)).toBe('renewed')
  })
  it('do not wait for ever for one that stands still', async () => {
    const patience = new AbortController()
    const read = inTurn('shared', async () => 'read', locks(false), patience.signal)
    patience.abort()
    expect(await read).toBe('read')
  })
})
