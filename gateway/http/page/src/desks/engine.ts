// The engine as the desks speak to it: with the session's rights, at the engine's time.

import { ref } from 'vue'
import { CommandError, say } from '../lib/command'
import { EngineClock } from '../lib/engineClock'
import { ask, QueryError } from '../lib/query'
import { may } from '../lib/session'
import type { Reply } from '../lib/types'
import { checkSession, lost, session } from '../useSession'

const clock = new EngineClock()
const behind_ms = [150, 400, 1000]
const pause = (ms: number) => new Promise<void>((done) => window.setTimeout(done, ms))

/** Minutes that the centre's wall clock is ahead of UTC; the board says so. */
export const zone = ref(480)
let zoneAsked = false

async function readZone(): Promise<void> {
  // Who may not ask for the board would leave a refusal on record each time.
  if (zoneAsked || !may(session.value, 'board.show')) return
  zoneAsked = true
  const frame = await fetch('/api/board')
    .then((answer) => (answer.ok ? answer.json() : null))
    .catch(() => null)
  if (typeof frame?.offset_minutes === 'number') zone.value = frame.offset_minutes
}

export function engineNow(): number {
  return clock.now(performance.now())
}

export async function readClock(): Promise<void> {
  void readZone()
  const sent = performance.now()
  const status = await ask('engine.status', {}).catch(() => null)
  if (status?.time) clock.set(status.time, sent, performance.now(), status.speed ?? 1)
}

function noticed(code: string): void {
  if (code === 'security.sign_in_needed') lost(code)
}

/** Asks for what is at least as new as `min_position`; waits a little for what is behind. */
export async function question<T = any>(
  type: string,
  data: Record<string, unknown>,
  min_position = 0,
): Promise<T> {
  const asked = min_position > 0 ? { ...data, min_position } : data
  for (let tried = 0; ; tried++)
    try {
      return await ask<T>(type, asked)
    } catch (e) {
      const code = e instanceof QueryError ? e.code : ''
      noticed(code)
      const wait = behind_ms[tried]
      if (!/^engine\.(behind|busy)$/.test(code) || wait === undefined) throw e
      await pause(wait)
    }
}

function sayNow(type: string, data: Record<string, unknown>): Promise<Reply> {
  return say(type, data, session.value?.csrf ?? '', {
    fetch: (path, options) => fetch(path, options),
    now: engineNow,
    wait: pause,
    random: (bytes) => crypto.getRandomValues(bytes),
    heardTime: (time) => clock.set(time, performance.now(), performance.now()),
  })
}

export async function command(type: string, data: Record<string, unknown>): Promise<Reply> {
  try {
    try {
      return await sayNow(type, data)
    } catch (e) {
      // The user signed in anew in another tab: this one learns of it, and nothing was done yet.
      if (!(e instanceof CommandError && e.code === 'security.token_missing')) throw e
      await checkSession()
      return await sayNow(type, data)
    }
  } catch (e) {
    if (e instanceof CommandError) noticed(e.code)
    throw e
  }
}
