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
  await renewal
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

/** Another session is beginning: what is refused meanwhile says nothing yet. */
let renewal: Promise<unknown> | null = null

// Tabs of one browser have one session: each is told when another has it renewed.
const tabs = new BroadcastChannel('careline-session')
/** A tab that is closed meanwhile tells nobody how it went. */
const renewal_ms = 15_000
let toldEnd: () => void = () => undefined

tabs.onmessage = ({ data }: MessageEvent<'renewing' | 'renewed'>) => {
  if (data === 'renewed') return toldEnd()
  if (!session.value || renewal) return
  const end = new Promise<void>((resolve) => {
    toldEnd = resolve
    window.setTimeout(resolve, renewal_ms)
  })
  renewal = end.then(readAgain).finally(() => (renewal = null))
}

/** Another password for who is signed in: a session of its own begins, and all others end. */
export function renew(to: Pick<Credentials, 'password' | 'new_password' | 'code'>) {
  tabs.postMessage('renewing')
  const renewed = (async () => {
    try {
      session.value = await signIn({ user: session.value?.user ?? '', ...to })
      return null
    } catch (e) {
      return refusalOf(e)
    } finally {
      renewal = null
      tabs.postMessage('renewed')
    }
  })()
  renewal = renewed
  return renewed
}

/**
 * Whether another session has taken the place of the one with this token: what was refused to the
 * old one is asked again. Waits for one that is just beginning.
 */
export async function isReplaced(csrf: string | undefined): Promise<boolean> {
  await renewal
  return Boolean(session.value && session.value.csrf !== csrf)
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
  // It ends because another begins: whether one did is known in a moment.
  if (renewal) return
  session.value = null
  refusal.value = { code, detail }
}
