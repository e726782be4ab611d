import { ref } from 'vue'
import {
  readSession,
  SessionError,
  signIn,
  signOut,
  type Credentials,
  type Session,
} from './lib/session'
import { inTurn } from './lib/tabs'

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

const isOver = (e: unknown) => e instanceof SessionError && e.code.startsWith('security.')

function refused(e: unknown): void {
  session.value = null
  refusal.value = refusalOf(e)
}

export function checkSession(): Promise<void> {
  return inTurn('shared', readAgain)
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
    if (isOver(e) || !session.value) refused(e)
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

/** Another password for who is signed in: a session of its own begins, and all others end. */
export function renew(
  to: Pick<Credentials, 'password' | 'new_password' | 'code'>,
): Promise<Refusal | null> {
  const user = session.value?.user ?? ''
  return inTurn('exclusive', async () => {
    try {
      session.value = await signIn({ user, ...to })
      return null
    } catch (e) {
      return refusalOf(e)
    }
  })
}

/** What became of a session that was refused; unknown: the engine has not answered. */
export type Fate = 'replaced' | 'over' | 'unknown'

/**
 * Another session of the same user may have taken the place of the one with this token, at this tab
 * or at another: what was refused to the old one is asked again then.
 */
export function fateOf(csrf: string | undefined): Promise<Fate> {
  return inTurn('shared', async () => {
    const is = session.value
    if (is?.csrf !== csrf) return is ? 'replaced' : 'over'
    try {
      const found = await readSession()
      if (found.csrf === csrf) return 'unknown'
      if (found.user !== is?.user) return 'over'
      if (session.value?.csrf === csrf) session.value = found
      return 'replaced'
    } catch (e) {
      return isOver(e) ? 'over' : 'unknown'
    }
  })
}

/** Why one is still signed in; null: the session is over. */
export function leave(): Promise<Refusal | null> {
  return inTurn('exclusive', async () => {
    try {
      await signOut(session.value?.csrf ?? '')
    } catch (e) {
      const why = refusalOf(e)
      // The user signed in anew in another tab: the next attempt is of that session.
      if (why.code === 'security.token_missing') await readAgain()
      return why
    }
    session.value = null
    refusal.value = null
    return null
  })
}

/** The engine says that the session is over. */
export function lost(code: string, detail = ''): void {
  session.value = null
  refusal.value = { code, detail }
}
