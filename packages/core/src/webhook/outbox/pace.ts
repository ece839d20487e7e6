import type { Clock } from '../../clock.ts'

/** Consecutive failures after which an endpoint counts as down: it is then tried by one request at a time, ever more rarely. */
const downAfter = 5
const shortestPauseMs = 5000
const longestPauseMs = 900_000

/** When an endpoint may be sent to: its rate, the pauses that it asked for, and, while it is down, single probes. All on monotonic time. */
export class EndpointPace {
  readonly #clock: Clock
  #rate: number | undefined
  #tokens: number
  #refilledAt: number
  /** What the endpoint asked for; only time ends it. */
  #pausedUntil = Number.NEGATIVE_INFINITY
  /** Between probes of an endpoint that is down. */
  #probeAt = Number.NEGATIVE_INFINITY
  #failures = 0

  constructor(clock: Clock, ratePerSecond: number | undefined) {
    this.#clock = clock
    this.#rate = ratePerSecond
    this.#tokens = Math.max(1, ratePerSecond ?? 1)
    this.#refilledAt = clock.monotonic()
  }

  setRate(ratePerSecond: number | undefined): void {
    this.#rate = ratePerSecond
  }

  /** Milliseconds to wait before the next request; 0 takes one. */
  take(): number {
    const now = this.#clock.monotonic()
    const from = Math.max(this.#pausedUntil, this.#probeAt)
    if (now < from) return Math.ceil(from - now)
    if (this.#rate === undefined) return 0
    this.#tokens = Math.min(Math.max(1, this.#rate), this.#tokens + ((now - this.#refilledAt) / 1000) * this.#rate)
    this.#refilledAt = now
    if (this.#tokens < 1) return Math.ceil(((1 - this.#tokens) / this.#rate) * 1000)
    this.#tokens--
    return 0
  }

  /** Sends nothing for a while. */
  pause(ms: number): void {
    this.#pausedUntil = Math.max(this.#pausedUntil, this.#clock.monotonic() + ms)
  }

  get down(): boolean {
    return this.#failures >= downAfter
  }

  succeeded(): void {
    this.#failures = 0
    this.#probeAt = Number.NEGATIVE_INFINITY
  }

  failed(): void {
    this.#failures++
    if (!this.down) return
    const pauseMs = Math.min(longestPauseMs, shortestPauseMs * 2 ** (this.#failures - downAfter))
    this.#probeAt = this.#clock.monotonic() + pauseMs
  }

  /** An operator says that all is well. */
  reset(): void {
    this.succeeded()
    this.#pausedUntil = Number.NEGATIVE_INFINITY
  }
}
