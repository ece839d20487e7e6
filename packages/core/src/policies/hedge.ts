import type { Call } from '../call.ts'
import { type Lazy, lazy } from '../lazy.ts'

export interface HedgeOptions {
  /** Milliseconds after which the second copy is sent. Default: the 95th percentile of recent attempts, once 20 are known. */
  readonly afterMs?: number
  /** Most hedges per call, as a ratio. Default 0.05. */
  readonly ratio?: number
}

const kept = 128
const needed = 20

/** Decides when a slow call gets a second copy; the copy is paid from the retry budget like a retry. */
export class Hedger {
  readonly settings: Readonly<Record<string, unknown>>
  /** The race itself, loaded ahead of the first slow call. */
  readonly race: Lazy<typeof import('./hedge-race.ts')> = lazy(() => import('./hedge-race.ts'))
  readonly #afterMs: number | undefined
  readonly #ratio: number
  readonly #durations = new Float64Array(kept)
  #seen = 0
  #tokens = 1
  #percentile = 0

  constructor(options: HedgeOptions) {
    this.#afterMs = options.afterMs
    this.#ratio = options.ratio ?? 0.05
    this.settings = { afterMs: this.#afterMs ?? 'p95', ratio: this.#ratio }
    this.race().catch(() => undefined)
  }

  /** Milliseconds to wait before the second copy; undefined for none. Only what may be done twice is hedged. */
  delayFor(call: Call): number | undefined {
    if (call.spec.effect === 'write' || call.parent !== undefined) return undefined
    this.#tokens = Math.min(10, this.#tokens + this.#ratio)
    if (this.#afterMs !== undefined) return this.#afterMs
    return this.#seen < needed ? undefined : this.#percentile
  }

  /** Takes a token for one hedge. */
  take(): boolean {
    if (this.#tokens < 1) return false
    this.#tokens--
    return true
  }

  observe(ms: number): void {
    this.#durations[this.#seen % kept] = ms
    this.#seen++
    // Sorting 128 numbers at every tenth answer costs less than a sketch would in code.
    if (this.#seen % 10 !== 0) return
    const sorted = this.#durations.slice(0, Math.min(this.#seen, kept)).sort()
    this.#percentile = sorted[Math.floor(sorted.length * 0.95)] ?? 0
  }
}
