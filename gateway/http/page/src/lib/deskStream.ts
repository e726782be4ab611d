// What changed, told as it happens: positions and names, never what is in them.

import type { Source } from './stream'

export interface Changed {
  position: number
  subjects: string[]
}

export interface DeskEnvironment {
  open(): Source
  now(): number
  later(run: () => void, ms: number): unknown
}

export interface DeskListener {
  changed(what: Changed): void
  /** Connected anew: anything may have changed meanwhile. */
  resumed(): void
  signedOut(reason: string): void
  /** The stream was refused: the session may be over. */
  refused(): void
}

const closed = 2
const retry_ms = [300, 1000, 2000, 3000]
/** Without a sign for so long the desk says that it is not connected, and tries again. */
export const deskLost_ms = 3000

export class DeskStream {
  heardAt = 0
  private triedAt = 0
  private source: Source | null = null
  private failures = 0
  private ended = false
  private fresh = false

  constructor(
    private readonly on: DeskListener,
    private readonly env: DeskEnvironment,
  ) {}

  start(): void {
    this.ended = false
    this.fresh = true
    this.triedAt = this.env.now()
    const source = this.env.open()
    this.source = source
    const heard = (take: (text: string) => void) => (event: MessageEvent) => {
      if (source !== this.source) return
      this.heardAt = this.env.now()
      this.failures = 0
      if (this.fresh) this.on.resumed()
      this.fresh = false
      take(event.data as string)
    }
    source.addEventListener(
      'changed',
      heard((text) => this.on.changed(JSON.parse(text) as Changed)),
    )
    source.addEventListener(
      'beat',
      heard(() => undefined),
    )
    source.addEventListener(
      'signed_out',
      heard((text) => {
        this.stop()
        this.on.signedOut(String((JSON.parse(text) as { reason?: string }).reason ?? ''))
      }),
    )
    source.addEventListener('error', () => {
      if (source !== this.source) return
      if (source.readyState === closed) {
        this.on.refused()
        this.again()
      } else this.fresh = true
    })
  }

  stop(): void {
    this.ended = true
    this.source?.close()
    this.source = null
  }

  isLive(now: number): boolean {
    return this.heardAt > 0 && now - this.heardAt <= deskLost_ms
  }

  /** Called now and then: a stream that says nothing is begun anew. */
  check(): void {
    const since = Math.max(this.heardAt, this.triedAt)
    if (this.source && this.env.now() - since > deskLost_ms) this.again()
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
