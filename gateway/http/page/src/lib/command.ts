// Says a command to the engine. Its id is made here, so that whatever was lost on the way is said
// again under the same id and happens once.

import { isNoAnswer, patience } from './patience'
import type { Reply } from './types'

export class CommandError extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly field = '',
    readonly data: Record<string, unknown> = {},
  ) {
    super(message)
  }
}

export interface CommandEnvironment {
  fetch: typeof fetch
  /** The engine's time in milliseconds: an id of another time is not taken. */
  now(): number
  wait(ms: number): Promise<void>
  random(bytes: Uint8Array): Uint8Array
  /** The engine said what time it is. */
  heardTime?(time: string): void
  /** No answer came: it is not known whether it was done, and it is about to be said again. */
  unanswered?(): void
}

/** So long is waited before each repetition; after the last one it has failed. */
export const repeat_ms = [300, 700, 1500, 3000]
const retryAfterMax_ms = 5000

/** A UUID of version 7: its first 48 bits are the moment. */
export function uuid7(now_ms: number, random: Uint8Array): string {
  const bytes = new Uint8Array(16)
  bytes.set(random.subarray(0, 10), 6)
  for (let i = 0, rest = Math.max(0, Math.floor(now_ms)); i < 6; i++) {
    bytes[5 - i] = rest % 256
    rest = Math.floor(rest / 256)
  }
  bytes[6] = ((bytes[6] as number) & 0x0f) | 0x70
  bytes[8] = ((bytes[8] as number) & 0x3f) | 0x80
  const hex = [...bytes].map((b) => b.toString(16).padStart(2, '0')).join('')
  return [8, 12, 16, 20, 32].map((to, i) => hex.slice([0, 8, 12, 16, 20][i], to)).join('-')
}

interface Said {
  status: number
  body: Partial<Reply> & Record<string, any>
  retryAfter_ms?: number
}

/** What was answered; null: nothing, or nothing that says whether it was done. */
async function sayOnce(text: string, csrf: string, env: CommandEnvironment): Promise<Said | null> {
  let response: Response
  try {
    response = await env.fetch('/api/command', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'X-CSRF-Token': csrf },
      body: text,
      signal: patience(),
    })
  } catch {
    return null
  }
  const read = (await response.json().catch(() => null)) as Said['body'] | null
  if (isNoAnswer(response.status) || (response.ok && !read?.outcome)) return null
  const body = read ?? {}
  const after = Number(response.headers.get('Retry-After'))
  return {
    status: response.status,
    body,
    ...(after > 0 ? { retryAfter_ms: Math.min(after * 1000, retryAfterMax_ms) } : {}),
  }
}

function errorOf({ status, body }: Said): CommandError {
  const why = body.problem ?? body
  return new CommandError(
    String(why.type ?? status),
    String(why.title ?? status),
    why.field ?? '',
    body.data ?? {},
  )
}

const offline = () => new CommandError('offline', 'offline')

/**
 * Whether this no is the last word. Of what was said before without an answer only the engine
 * knows how it went: neither that it is busy now nor a no at its door says anything about that.
 */
function isTold({ body }: Said, isUnknown: boolean): boolean {
  return !isUnknown || body.outcome === 'refused' || body.outcome === 'invalid'
}

const isOfAnotherTime = (code: string) =>
  code === 'command.clock_ahead' || code === 'command.too_old'

/** The reply of an accepted command; throws a CommandError when the answer is no. */
export async function say(
  type: string,
  data: Record<string, unknown>,
  csrf: string,
  env: CommandEnvironment,
): Promise<Reply> {
  const freshText = () =>
    JSON.stringify({ id: uuid7(env.now(), env.random(new Uint8Array(10))), type, data })
  let text = freshText()
  let retimed = false
  let isUnknown = false
  for (let tried = 0; ; tried++) {
    const said = await sayOnce(text, csrf, env)
    if (said && said.status < 300 && said.body.outcome === 'accepted') return said.body as Reply
    if (!said) isUnknown = true
    const error = said && isTold(said, isUnknown) ? errorOf(said) : offline()
    const pause = repeat_ms[tried]
    if (!said || said.status === 503) {
      if (pause === undefined) throw error
      if (!said) env.unanswered?.()
      await env.wait(said?.retryAfter_ms ?? pause)
      continue
    }
    const time = said.body.engine_time
    if (!isOfAnotherTime(error.code) || !time || !env.heardTime || retimed) throw error
    // Nothing was done under that id: the same is said once more, at the engine's time.
    retimed = true
    env.heardTime(String(time))
    text = freshText()
  }
}
