import { onBeforeUnmount, onMounted, ref, watch } from 'vue'
import { DeskStream, type Changed } from '../lib/deskStream'
import { codeOfEnd, may } from '../lib/session'
import { useSeen } from '../useSeen'
import { checkSession, fateOf, lost, session } from '../useSession'
import { readClock } from './engine'

const tick_ms = 250
const clock_ms = 60_000

export type Link = 'starting' | 'live' | 'lost'

interface Heard {
  changed(what: Changed): void
  resumed(): void
  tick?(): void
  /** The stream rests while nobody sees the page: nothing at it calls for anybody. */
  rests?: boolean
}

/** What changed as it changes, whether the engine is heard, and a tick for what counts down. */
export function useStream(on: Heard) {
  const link = ref<Link>('starting')
  const silence_s = ref(0)
  let timer = 0
  let clockTimer = 0
  let startedAt = 0
  /** The session that the stream was opened with; nothing: it is not open. */
  let openedAs: string | undefined

  const stream = new DeskStream(
    {
      changed: on.changed,
      resumed: () => {
        void readClock()
        on.resumed()
      },
      signedOut: (reason) => void ended(reason),
      refused: () => void checkSession(),
    },
    {
      open: () => new EventSource('/api/desk'),
      now: () => performance.now(),
      later: (run, ms) => window.setTimeout(run, ms),
    },
  )

  function start(): void {
    // Who may not see what it tells would leave a refusal on record with each attempt.
    if (!may(session.value, 'contact.show')) return
    openedAs = session.value?.csrf
    stream.start()
  }
  /** Another password ends the session that the stream was opened with, and begins another. */
  async function ended(reason: string): Promise<void> {
    const was = openedAs
    const fate = await fateOf(was)
    // Meanwhile the page may have left, or have begun again by itself.
    if (openedAs !== was) return
    // Where the engine has not answered, the stream is refused until it is known.
    if (fate === 'over') lost(codeOfEnd(reason), reason)
    else start()
  }
  watch(
    () => session.value?.csrf,
    (now) => {
      if (!now || openedAs === undefined || now === openedAs) return
      stream.stop()
      start()
    },
  )

  let isResting = false
  function rest(): void {
    isResting = true
    stream.stop()
    openedAs = undefined
    link.value = 'starting'
  }
  function goOn(): void {
    isResting = false
    startedAt = performance.now()
    start()
    // Others may have signed in at another tab meanwhile.
    void checkSession()
  }
  if (on.rests) useSeen({ left: rest, back: goOn })

  function tick(): void {
    if (isResting) return on.tick?.()
    stream.check()
    const now = performance.now()
    const since = Math.max(stream.heardAt, startedAt)
    silence_s.value = Math.floor((now - since) / 1000)
    if (stream.isLive(now)) link.value = 'live'
    else if (now - since > 3000) link.value = 'lost'
    on.tick?.()
  }

  onMounted(() => {
    startedAt = performance.now()
    void readClock()
    start()
    timer = window.setInterval(tick, tick_ms)
    clockTimer = window.setInterval(() => void readClock(), clock_ms)
  })
  onBeforeUnmount(() => {
    window.clearInterval(timer)
    window.clearInterval(clockTimer)
    stream.stop()
    openedAs = undefined
  })
  return { link, silence_s }
}
