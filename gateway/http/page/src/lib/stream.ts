import { mergePatch } from './merge'
import type { Frame } from './types'

/** What is used of an EventSource; tests hand in their own. */
export interface Source {
  addEventListener(type: string, heard: (event: MessageEvent) => void): void
  close(): void
  readonly readyState: number
}

export interface StreamEnvironment {
  open(): Source
  /** Milliseconds that only go forward. */
  now(): number
  later(run: () => void, ms: number): unknown
  /** It was answered with no stream: a session may be needed. */
  refused?(): void
}

export interface Shown {
  frame: Frame
  /** What the last frame was a patch of; null after a whole one. */
  patch: Frame | null
}

const closed = 2
/** Open and silent for so long: the other side went without a word. */
const dead_ms = 12_000
const retry_ms = [500, 1000, 2000, 5000]

/**
 * One stream of frames: a snapshot, then patches on the frame before. Comes back by itself, each
 * time with a snapshot; what cannot be read is answered the same way.
 */
export class BoardStream {
  /** When anything at all was heard last; 0 before the first time. */
  heardAt = 0
  /** When a frame came last. */
  frameAt = 0
  /** When the connection that is open now was begun: each gets its own time to speak. */
  private triedAt = 0
  private frame: Frame | null = null
  private source: Source | null = null
  private failures = 0
  private ended = false

  constructor(
    private readonly on: (shown: Shown) => void,
    private readonly env: StreamEnvironment,
  ) {}

  start(): void {
    this.ended = false
    this.frame = null
    this.triedAt = this.env.now()
    const source = this.env.open()
    this.source = source
    const heard = (take: (text: string) => void) => (event: MessageEvent) => {
      if (source !== this.source) return
      try {
        take(event.data as string)
        this.heardAt = this.env.now()
        this.failures = 0
      } catch {
        this.again()
      }
    }
    source.addEventListener(
      'snapshot',
      heard((text) => this.show(JSON.parse(text), null)),
    )
    source.addEventListener(
      'delta',
      heard((text) => {
        if (this.frame === null) return
        const patch = JSON.parse(text) as Frame
        this.show(mergePatch<Frame>(this.frame, patch), patch)
      }),
    )
    source.addEventListener(
      'beat',
      heard(() => undefined),
    )
    // The browser tries again by itself unless the answer was no stream at all.
    source.addEventListener('error', () => {
      if (source !== this.source || source.readyState !== closed) return
      this.env.refused?.()
      this.again()
    })
  }

  stop(): void {
    this.ended = true
    this.source?.close()
    this.source = null
  }

  /** Called now and then: a connection that is open and says nothing is begun anew. */
  check(): void {
    const since = Math.max(this.heardAt, this.triedAt)
    if (this.source && this.env.now() - since > dead_ms) this.again()
  }

  private show(frame: Frame, patch: Frame | null): void {
    this.frame = frame
    this.frameAt = this.env.now()
    this.on({ frame, patch })
  }

  private again(): void {
    this.source?.close()
    this.source = null
    const wait = retry_ms[Math.min(this.failures++, retry_ms.length - 1)] as number
    this.env.later(() => {
      if (!this.ended && this.source === null) this.start()
    }, wait)
  }
}

export type Freshness = 'starting' | 'live' | 'quiet' | 'lost'

/** No sign at all for so long: what is shown may be wrong. */
export const lost_ms = 3000
/** The engine is there and sends no figures. */
export const quiet_ms = 15_000

export function freshnessOf(heardAt: number, frameAt: number, now: number): Freshness {
  if (frameAt === 0) return 'starting'
  if (now - heardAt > lost_ms) return 'lost'
  return now - frameAt > quiet_ms ? 'quiet' : 'live'
}

/** Queues that contacts came to between two frames. */
export function arrivedIn(before: Frame | null, shown: Shown): string[] {
  if (!before || !shown.patch?.queues) return []
  return Object.keys(shown.patch.queues).filter((id) => {
    const now = shown.frame.queues?.[id]?.queued
    const then = before.queues?.[id]?.queued ?? 0
    return now !== undefined && now > then
  })
}
