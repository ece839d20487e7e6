import type { Call } from '../call.ts'
import { type HedgeOptions, standardRatio } from './hedge-options.ts'
import { race } from './hedge-race.ts'
import type { RetryBudget } from './retry-budget.ts'

const kept = 128
const needed = 20

/** Decides when a slow call gets a second copy; the copy is paid from the retry budget like a retry. */
export class Hedger {
  readonly #afterMs: number | undefined
  readonly #ratio: number
  readonly #durations = new Float64Array(kept)
  #seen = 0
  #tokens = 1
  #percentile = 0

  constructor(options: HedgeOptions) {
    this.#afterMs = options.afterMs
    this.#ratio = options.ratio ?? standardRatio
  }

  /** Milliseconds to wait before the second copy; undefined for none. Only what may be done twice is hedged. */
  #delayFor(call: Call): number | undefined {
    if (call.spec.effect === 'write' || call.parent !== undefined) return undefined
    this.#tokens = Math.min(10, this.#tokens + this.#ratio)
    if (this.#afterMs !== undefined) return this.#afterMs
    return this.#seen < needed ? undefined : this.#percentile
  }

  /** Takes a token for one hedge. */
  #take(): boolean {
    if (this.#tokens < 1) return false
    this.#tokens--
    return true
  }

  #observe(ms: number): void {
    this.#durations[this.#seen % kept] = ms
    this.#seen++
    // Sorting 128 numbers at every tenth answer costs less than a sketch would in code.
    if (this.#seen % 10 !== 0) return
    const sorted = this.#durations.slice(0, Math.min(this.#seen, kept)).sort()
    this.#percentile = sorted[Math.floor(sorted.length * 0.95)] ?? 0
  }

  /** A first attempt as two copies, the second only when the first is slow. The call's own gates stay untouched. */
  async run(call: Call, attempt: HedgedAttempt): Promise<unknown> {
    const { clock } = call.scope
    const delay = this.#delayFor(call)
    const started = clock.monotonic()
    if (delay === undefined) {
      const value = await attempt.start(call)
      this.#observe(clock.monotonic() - started)
      return value
    }
    call.gatesEntered = -1
    const allowed = (): boolean => this.#take() && (attempt.budget?.take() ?? true)
    const value = await race(call, { delay, allowed, start: attempt.raced, end: attempt.end })
    this.#observe(clock.monotonic() - started)
    return value
  }
}

/** How the call path runs copies of an attempt. */
export interface HedgedAttempt {
  readonly budget: RetryBudget | undefined
  /** The attempt itself, without a copy. */
  readonly start: (call: Call) => Promise<unknown>
  /** One copy; ends when it is given up. */
  readonly raced: (copy: Call) => Promise<unknown>
  /** Leaves the copy's gates. */
  readonly end: (copy: Call, error: unknown, value: unknown) => void
}
