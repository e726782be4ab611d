/**
 * The engine's time, reckoned from its last answer about it: this machine's clock may be wrong, and
 * a simulated day runs faster.
 */
export class EngineClock {
  private time = 0
  private at = 0
  private speed = 1

  /** `sent` and `got`: when was asked and answered, on a clock that only goes forward. */
  set(time: string, sent: number, got: number, speed = 1): void {
    const parsed = Date.parse(time)
    if (Number.isNaN(parsed)) return
    this.time = parsed
    this.at = (sent + got) / 2
    this.speed = speed
  }

  get known(): boolean {
    return this.time > 0
  }

  now(at: number): number {
    return this.known ? this.time + (at - this.at) * this.speed : Date.now()
  }
}

export interface Countdown {
  left_s: number
  /** What is left of the whole, from 1 to 0. */
  share: number
  over: boolean
}

/** How much is left until `until`; without a beginning the ring is full until it is over. */
export function countdown(until: string | undefined, since: string | undefined, now: number) {
  const end = Date.parse(until ?? '')
  if (Number.isNaN(end)) return undefined
  const whole = end - Date.parse(since ?? '')
  const rest = Math.max(0, end - now)
  // A clock that is a little behind must not promise more than there was.
  const left = whole > 0 ? Math.min(rest, whole) : rest
  const share = whole > 0 ? left / whole : left > 0 ? 1 : 0
  return { left_s: Math.ceil(left / 1000), share, over: left === 0 } as Countdown
}
