import { ref } from 'vue'
import {
  readSession,
  SessionError,
  signIn,
  signOut,
  type Credentials,
  type Session,
} from './lib/session'

/** Who is signed in; null: nobody; undefined: not yet known. */
export const session = ref<Session | null>()
/** Why nobody is, as the engine says it. */
export const refusal = ref<{ code: string; detail: string } | null>(null)

function refused(e: unknown): void {
  session.value = null
  refusal.value =
    e instanceof SessionError ? { code: e.code, detail: e.detail } : { code: String(e), detail: '' }
}

export async function checkSession(): Promise<void> {
  try {
    session.value = await readSession()
    refusal.value = null
  } catch (e) {
    // A line that is broken for a moment signs nobody out.
    const isOver = e instanceof SessionError && e.code.startsWith('security.')
    if (isOver || !session.value) refused(e)
  }
}

export async function enter(who: Credentials): Promise<void> {
  try {
    session.value = await signIn(who)
    refusal.value = null
  } catch (e) {
    refused(e)
  }
}

export async function leave(): Promise<void> {
  await signOut(session.value?.csrf ?? '').catch(() => undefined)
  session.value = null
  refusal.value = null
}

/** The engine says that the session is over. */
export function lost(code: string, detail = ''): void {
  session.value = null
  refusal.value = { code, detail }
}
