// Who works at this page. The session itself is a cookie that the page cannot read.

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

async function answerOf(response: Response): Promise<Session> {
  const said = (await response.json().catch(() => ({}))) as Record<string, any>
  if (response.ok && typeof said.user === 'string')
    return { roles: [], sends: [], csrf: '', ...(said as Pick<Session, 'user'>) }
  throw new SessionError(String(said.type ?? response.status), said.detail ?? '')
}

async function over(fetched: Promise<Response>): Promise<Response> {
  return fetched.catch(() => {
    throw new SessionError('offline')
  })
}

export async function readSession(call: typeof fetch = fetch): Promise<Session> {
  return answerOf(await over(call('/api/session')))
}

export async function signIn(who: Credentials, call: typeof fetch = fetch): Promise<Session> {
  const { user, password, code, new_password } = who
  const more = { ...(code ? { code } : {}), ...(new_password ? { new_password } : {}) }
  const body = JSON.stringify({ user, password, ...more })
  const headers = { 'Content-Type': 'application/json' }
  return answerOf(await over(call('/api/session', { method: 'POST', headers, body })))
}

export async function signOut(csrf: string, call: typeof fetch = fetch): Promise<void> {
  await over(call('/api/session', { method: 'DELETE', headers: { 'X-CSRF-Token': csrf } }))
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
