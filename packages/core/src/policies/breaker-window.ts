/** How one call ended, as bits: a call may be both. */
export const failed = 1
export const slow = 2

/** The outcomes that a breaker looks at, with running counts: recording and judging cost the same whatever the window's length. */
export interface BreakerWindow {
  readonly total: number
  readonly failures: number
  readonly slowCalls: number
  /** Adds an outcome (0, {@link failed}, {@link slow} or both) at monotonic `now`. */
  record(outcome: number, now: number): void
  /** Forgets what has left the window by `now`. */
  expire(now: number): void
  clear(): void
}

/** The last `size` calls. */
export class CountWindow implements BreakerWindow {
  total = 0
  failures = 0
  slowCalls = 0
  readonly #outcomes: Uint8Array
  #next = 0

  constructor(size: number) {
    this.#outcomes = new Uint8Array(size)
  }

  record(outcome: number): void {
    const outcomes = this.#outcomes
    const at = this.#next
    if (this.total === outcomes.length) this.#count(outcomes[at] ?? 0, -1)
    else this.total++
    outcomes[at] = outcome
    this.#next = at + 1 === outcomes.length ? 0 : at + 1
    this.#count(outcome, 1)
  }

  expire(): void {}

  clear(): void {
    this.total = 0
    this.failures = 0
    this.slowCalls = 0
    this.#next = 0
  }

  #count(outcome: number, by: number): void {
    if (outcome === 0) return
    if ((outcome & failed) !== 0) this.failures += by
    if ((outcome & slow) !== 0) this.slowCalls += by
  }
}

const slices = 10

/** The calls of the last `ms`, in ten slices; a slice leaves as a whole, so that the window is up to a tenth shorter than asked. */
export class TimeWindow implements BreakerWindow {
  total = 0
  failures = 0
  slowCalls = 0
  readonly #sliceMs: number
  readonly #totals = new Uint32Array(slices)
  readonly #failures = new Uint32Array(slices)
  readonly #slow = new Uint32Array(slices)
  /** Number of the newest slice since monotonic zero. */
  #newest = Number.NEGATIVE_INFINITY

  constructor(ms: number) {
    this.#sliceMs = ms / slices
  }

  record(outcome: number, now: number): void {
    this.expire(now)
    const at = this.#newest % slices
    this.#totals[at] = (this.#totals[at] ?? 0) + 1
    this.total++
    if (outcome === 0) return
    if ((outcome & failed) !== 0) {
      this.#failures[at] = (this.#failures[at] ?? 0) + 1
      this.failures++
    }
    if ((outcome & slow) !== 0) {
      this.#slow[at] = (this.#slow[at] ?? 0) + 1
      this.slowCalls++
    }
  }

  expire(now: number): void {
    const slice = Math.floor(now / this.#sliceMs)
    if (slice <= this.#newest) return
    if (slice - this.#newest >= slices) this.clear()
    else for (let gone = this.#newest + 1; gone <= slice; gone++) this.#empty(gone % slices)
    this.#newest = slice
  }

  clear(): void {
    this.total = 0
    this.failures = 0
    this.slowCalls = 0
    this.#totals.fill(0)
    this.#failures.fill(0)
    this.#slow.fill(0)
  }

  #empty(at: number): void {
    this.total -= this.#totals[at] ?? 0
    this.failures -= this.#failures[at] ?? 0
    this.slowCalls -= this.#slow[at] ?? 0
    this.#totals[at] = 0
    this.#failures[at] = 0
    this.#slow[at] = 0
  }
}
