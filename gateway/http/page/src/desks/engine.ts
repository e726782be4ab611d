// The engine as the desks speak to it: with the session's rights, at the engine's time.

import { ref } from 'vue'
import { CommandError, say } from '../lib/command'
import { EngineClock } from '../lib/engineClock'
import { ask, QueryError } from '../lib/query'
import type { Reply } from '../lib/types'
import { checkSession, fateOf, lost, session } from '../useSession'

const clock = new EngineClock()
const behind_ms = [150, 400, 1000]
const pause = (ms: number) => new Promise<void>((done) => window.setTimeout(done, ms))

/**
 * Minutes that the centre's wall clock is ahead of UTC. Until the engine says so, and that is only
 * to who is signed in, it is this machine's.
 */
export const zone = ref(0 - new Date().getTimezoneOffset())

/** How many commands were not answered in time and are being said again. */
export const unanswered = ref(0)

export function engineNow(): number {
  return clock.now(performance.now())
}

export async function readClock(): Promise<void> {
  const sent = performance.now()
  const status = await ask('engine.status', {}).catch(() => null)
  if (status?.time) clock.set(status.time, sent, performance.now(), status.speed ?? 1)
  if (typeof status?.offset_minutes === 'number') zone.value = status.offset_minutes
}

/** Whether what was refused may be asked again: another session has taken the place of its own. */
async function noticed(code: string, as: string | undefined): Promise<boolean> {
  if (code !== 'security.sign_in_needed') return false
  const fate = await fateOf(as)
  if (fate === 'over') lost(code)
  return fate === 'replaced'
}

/** Asks for what is at least as new as `min_position`; waits a little for what is behind. */
export async function question<T = any>(
  type: string,
  data: Record<string, unknown>,
  min_position = 0,
): Promise<T> {
  const asked = min_position > 0 ? { ...data, min_position } : data
  for (let tried = 0; ; tried++) {
    const as = session.value?.csrf
    try {
      return await ask<T>(type, asked)
    } catch (e) {
      const code = e instanceof QueryError ? e.code : ''
      if (await noticed(code, as)) continue
      const wait = behind_ms[tried]
      if (!/^engine\.(behind|busy)$/.test(code) || wait === undefined) throw e
      await pause(wait)
    }
  }
}

const pagesMax = 20
/** All of a list that comes in pages. */
export async function wholeList<T>(type: string, list: string): Promise<T[]> {
  const all: T[] = []
  let after = ''
  for (let page = 0; page < pagesMax; page++) {
    const answer = await question(type, after ? { after } : {})
    all.push(...((answer[list] ?? []) as T[]))
    after = answer.next ?? ''
    if (!after) break
  }
  return all
}

async function sayNow(type: string, data: Record<string, unknown>): Promise<Reply> {
  let isLate = false
  try {
    return await say(type, data, session.value?.csrf ?? '', {
      fetch: (path, options) => fetch(path, options),
      now: engineNow,
      wait: pause,
      random: (bytes) => crypto.getRandomValues(bytes),
      heardTime: (time) => clock.set(time, performance.now(), performance.now()),
      unanswered: () => {
        if (!isLate) unanswered.value++
        isLate = true
      },
    })
  } finally {
    if (isLate) unanswered.value--
  }
}

export async function command(type: string, data: Record<string, unknown>): Promise<Reply> {
  const { csrf, user } = session.value ?? {}
  try {
    return await sayNow(type, data)
  } catch (e) {
    const code = e instanceof CommandError ? e.code : ''
    // The user signed in anew in another tab: this one learns of it, and nothing was done yet.
    if (code === 'security.token_missing') await checkSession()
    else if (!(await noticed(code, csrf))) throw e
    // Nobody else says what this user wanted.
    if (session.value?.user !== user) throw e
  }
  return sayNow(type, data).catch((e) => {
    if (e instanceof CommandError) void noticed(e.code, session.value?.csrf)
    throw e
  })
}
