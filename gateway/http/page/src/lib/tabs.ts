import { patience } from './patience'

/** What inTurn needs of a browser's locks. */
export type Locks = Pick<LockManager, 'request'>

const session = 'careline-session'

/**
 * The tabs of one browser have one session. Who reads whose it is does so `shared` with others, who
 * has it renewed or ended does so alone (`exclusive`), so that nobody reads half of that. Where a
 * tab stands still with the lock, and where browsers have none (a name over plain HTTP), each goes
 * on by itself. `run` may not fail.
 */
export function inTurn<T>(
  mode: LockMode,
  run: () => Promise<T>,
  locks: Locks | undefined = globalThis.navigator?.locks,
  signal = patience(),
): Promise<T> {
  if (!locks) return run()
  return Promise.resolve(locks.request(session, { mode, signal }, run)).catch(run)
}
