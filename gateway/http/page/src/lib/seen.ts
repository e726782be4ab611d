/** Who looks elsewhere for less than this loses nothing by it. */
export const hidden_ms = 20_000

export interface SeenListener {
  /** Nobody has seen the page for a while. */
  left(): void
  /** After that somebody sees it again. */
  back(): void
}

export interface SeenEnvironment {
  isHidden(): boolean
  later(run: () => void, ms: number): number
  forget(timer: number): void
}

/**
 * Whether anybody sees the page. A browser opens six connections to an engine and a stream holds
 * one for good: those of pages that nobody sees would in the end leave none for a command.
 */
export class Seen {
  private timer: number | undefined
  private isAway = false

  constructor(
    private readonly on: SeenListener,
    private readonly env: SeenEnvironment,
  ) {}

  /** Called whenever the page was hidden or shown. */
  look(): void {
    this.stop()
    if (this.env.isHidden()) {
      if (this.isAway) return
      this.timer = this.env.later(() => {
        this.timer = undefined
        this.isAway = true
        this.on.left()
      }, hidden_ms)
    } else if (this.isAway) {
      this.isAway = false
      this.on.back()
    }
  }

  stop(): void {
    if (this.timer !== undefined) this.env.forget(this.timer)
    this.timer = undefined
  }
}
