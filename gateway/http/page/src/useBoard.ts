import { computed, onBeforeUnmount, onMounted, ref, shallowRef } from 'vue'
import { arrivedIn, BoardStream, freshnessOf, type Shown } from './lib/stream'
import { may, readSession, SessionError } from './lib/session'
import { inTurn } from './lib/tabs'
import type { Frame } from './lib/types'
import { useSeen } from './useSeen'
import { lost } from './useSession'

/** How long an arrival lights up its queue. */
const lit_ms = 2200
const tick_ms = 500

/** An engine with accounts shows its board to those who signed in; another has no sessions. */
async function checkBoard(): Promise<void> {
  try {
    if (!may(await readSession(), 'board.show')) lost('security.not_allowed')
  } catch (e) {
    if (e instanceof SessionError && e.code === 'security.sign_in_needed') lost(e.code)
  }
}

/** The board as it is now: the last frame, how old it is, and engine time running on from it. */
export function useBoard() {
  const frame = shallowRef<Frame>({})
  const lit = shallowRef<ReadonlySet<string>>(new Set())
  const now = ref(0)
  const heardAt = ref(0)
  const frameAt = ref(0)
  const litUntil = new Map<string, number>()
  let before: Frame | null = null

  const stream = new BoardStream(take, {
    open: () => new EventSource('/api/events'),
    now: () => performance.now(),
    later: (run, ms) => window.setTimeout(run, ms),
    refused: () => void inTurn('shared', checkBoard),
  })

  function take(shown: Shown): void {
    const arrived = arrivedIn(before, shown)
    for (const id of arrived) litUntil.set(id, performance.now() + lit_ms)
    if (arrived.length > 0) lit.value = new Set(litUntil.keys())
    before = shown.frame
    frame.value = shown.frame
    tick()
  }

  function tick(): void {
    now.value = performance.now()
    heardAt.value = stream.heardAt
    frameAt.value = stream.frameAt
    let over = false
    for (const [id, until] of litUntil) if (until < now.value) over = litUntil.delete(id)
    if (over) lit.value = new Set(litUntil.keys())
  }

  let timer = 0
  onMounted(() => {
    stream.start()
    timer = window.setInterval(() => {
      stream.check()
      tick()
    }, tick_ms)
  })
  onBeforeUnmount(() => {
    window.clearInterval(timer)
    stream.stop()
  })
  useSeen({ left: () => stream.stop(), back: () => stream.start() })

  const freshness = computed(() => freshnessOf(heardAt.value, frameAt.value, now.value))
  const age_s = computed(() => Math.max(0, now.value - frameAt.value) / 1000)
  const silence_s = computed(() => Math.max(0, now.value - heardAt.value) / 1000)
  const frameTime = computed(() => Date.parse(frame.value.time ?? '') || 0)
  /** Engine time now: waits are counted on between frames, and stand still when none come. */
  const engineNow = computed(() => {
    const ahead = freshness.value === 'live' ? Math.min(now.value - frameAt.value, 3000) : 0
    return frameTime.value + Math.max(0, ahead) * (frame.value.speed ?? 1)
  })
  const offset = computed(() => frame.value.offset_minutes ?? 480)
  return { frame, lit, freshness, age_s, silence_s, frameTime, engineNow, offset }
}
export type Board = ReturnType<typeof useBoard>
