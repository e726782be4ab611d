// Who works at this page. The session itself is a cookie that the page cannot read.

import { isNoAnswer, patience } from './patience'

export interface Session {
  user: string
  /** Who the user is at the desk. */
  agent?: string
  roles: string[]
  /** What may be sent: words, beginnings that end in ".", or "*". */
  sends: string[]
  csrf: string
  expires?: string
}

export class SessionError extends Error {
  constructor(
    readonly code: string,
    readonly detail = '',
  ) {
    super(code)
  }
}

export interface Credentials {
  user: string
  password: string
  code?: string
  /** Theirs from now on: all other sessions of the person end. */
  new_password?: string
}

type Said = Record<string, any>

const saidIn = (response: Response) => response.json().catch(() => ({})) as Promise<Said>

function errorOf({ status }: Response, said: Said): SessionError {
  const code = isNoAnswer(status) ? 'offline' : String(said.type ?? status)
  return new SessionError(code, said.detail)
}

async function answerOf(response: Response): Promise<Session> {
  const said = await saidIn(response)
  if (response.ok && typeof said.user === 'string')
    return { roles: [], sends: [], csrf: '', ...(said as Pick<Session, 'user'>) }
  throw errorOf(response, said)
}

async function over(fetched: Promise<Response>): Promise<Response> {
  return fetched.catch(() => {
    throw new SessionError('offline')
  })
}

export async function readSession(call: typeof fetch = fetch): Promise<Session> {
  return answerOf(await over(call('/api/session', { signal: patience() })))
}

export async function signIn(who: Credentials, call: typeof fetch = fetch): Promise<Session> {
  const { user, password, code, new_password } = who
  const more = { ...(code ? { code } : {}), ...(new_password ? { new_password } : {}) }
  const body = JSON.stringify({ user, password, ...more })
  const headers = { 'Content-Type': 'application/json' }
  const signal = patience()
  return answerOf(await over(call('/api/session', { method: 'POST', headers, body, signal })))
}

/** Throws unless the session is over: by this, or before. */
export async function signOut(csrf: string, call: typeof fetch = fetch): Promise<void> {
  const headers = { 'X-CSRF-Token': csrf }
  const signal = patience()
  const response = await over(call('/api/session', { method: 'DELETE', headers, signal }))
  if (response.status === 204 || response.status === 401) return
  throw errorOf(response, await saidIn(response))
}

/** Whether the session's roles let it send this; the engine has the last word. */
export function may(session: Session | null | undefined, type: string): boolean {
  return (session?.sends ?? []).some(
    (word) => word === '*' || word === type || (word.endsWith('.') && type.startsWith(word)),
  )
}

const told = [
  ...['sign_in_failed', 'code_needed', 'code_used', 'locked', 'suspended', 'not_vetted'],
  ...['sign_in_needed', 'not_allowed', 'over', 'offline'],
]

/** The key of the sentence that tells why somebody is not let in. */
export function refusalKey(code: string): string {
  const word = code.replace(/^security\./, '')
  if (word === 'signed_out') return 'signIn.ended'
  // An engine without accounts has no such path.
  if (code === 'about:blank' || code === '404') return 'signIn.off'
  return `signIn.${told.includes(word) ? word : 'failed'}`
}

/** The key of the sentence that tells why somebody could not sign out. */
export function stayedKey(code: string): string {
  return code === 'offline' || code === 'security.token_missing'
    ? `signIn.stayedBy.${code.replace(/^security\./, '')}`
    : 'signIn.stayedBy.other'
}

/** How a session that was there has ended, as the stream says it. */
export function codeOfEnd(reason: string): string {
  if (reason === '' || reason === 'security.sign_in_needed') return 'security.over'
  return reason.startsWith('security.') ? reason : 'security.signed_out'
}

/** The moment that a detail names ("until 2026-03-02T02:30:00Z"), in milliseconds. */
export function momentIn(detail: string): number | undefined {
  const ms = Date.parse(detail.match(/\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)/)?.[0] ?? '')
  return Number.isNaN(ms) ? undefined : ms
}
