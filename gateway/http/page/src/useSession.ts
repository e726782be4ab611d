import { ref } from 'vue'
import {
  readSession,
  SessionError,
  signIn,
  signOut,
  type Credentials,
  type Session,
} from './lib/session'

/** What the engine said against it. */
export interface Refusal {
  code: string
  detail: string
}

/** Who is signed in; null: nobody; undefined: not yet known. */
export const session = ref<Session | null>()
/** Why nobody is, as the engine says it. */
export const refusal = ref<Refusal | null>(null)

function refusalOf(e: unknown): Refusal {
  return e instanceof SessionError
    ? { code: e.code, detail: e.detail }
    : { code: String(e), detail: '' }
}

function refused(e: unknown): void {
  session.value = null
  refusal.value = refusalOf(e)
}

export async function checkSession(): Promise<void> {
  await settled()
  await readAgain()
}

async function readAgain(): Promise<void> {
  const was = session.value?.csrf
  // What is answered of a session that another has replaced meanwhile says nothing of this one.
  const isOld = () => session.value?.csrf !== was
  try {
    const found = await readSession()
    if (isOld()) return
    session.value = found
    refusal.value = null
  } catch (e) {
    if (isOld()) return
    // A line that is broken for a moment signs nobody out.
    const isOver = e instanceof SessionError && e.code.startsWith('security.')
    if (isOver || !session.value) refused(e)
  }
}

/** The board asks who is there, to lead them on. It is shown to nobody in particular too. */
export async function noteSession(): Promise<void> {
  const found = await readSession().catch(() => undefined)
  if (found && !session.value) session.value = found
}

export async function enter(who: Credentials): Promise<void> {
  try {
    session.value = await signIn(who)
    refusal.value = null
  } catch (e) {
    refused(e)
  }
}

/**
 * The tabs of one browser have one session. While one of them has it renewed it holds this lock:
 * what the others are refused meanwhile says nothing yet. A tab that is closed lets go of it.
 * Browsers have locks where pages come over TLS or from this machine, and the engine serves no
 * others.
 */
const renewing = 'careline-session'

/** Once no session is being renewed. */
export async function settled(): Promise<void> {
  await navigator.locks.request(renewing, { mode: 'shared' }, () => undefined)
}

/** Another password for who is signed in: a session of its own begins, and all others end. */
export async function renew(
  to: Pick<Credentials, 'password' | 'new_password' | 'code'>,
): Promise<Refusal | null> {
  return navigator.locks.request(renewing, async () => {
    try {
      session.value = await signIn({ user: session.value?.user ?? '', ...to })
      return null
    } catch (e) {
      return refusalOf(e)
    }
  })
}

/**
 * Whether another session has taken the place of the one with this token, at this tab or at
 * another: what was refused to the old one is asked again.
 */
export async function isReplaced(csrf: string | undefined): Promise<boolean> {
  await settled()
  if (session.value?.csrf === csrf) await noteAnother(csrf)
  return Boolean(session.value && session.value.csrf !== csrf)
}
async function noteAnother(csrf: string | undefined): Promise<void> {
  const found = await readSession().catch(() => null)
  if (found && session.value?.csrf === csrf) session.value = found
}

/** Why one is still signed in; null: the session is over. */
export async function leave(): Promise<Refusal | null> {
  try {
    await signOut(session.value?.csrf ?? '')
  } catch (e) {
    const why = refusalOf(e)
    // The user signed in anew in another tab: the next attempt is of that session.
    if (why.code === 'security.token_missing') await checkSession()
    return why
  }
  session.value = null
  refusal.value = null
  return null
}

/** The engine says that the session is over. */
export function lost(code: string, detail = ''): void {
  session.value = null
  refusal.value = { code, detail }
}
