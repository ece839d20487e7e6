/**
 * Keeps retries a small share of the traffic, so that they cannot turn a vendor's trouble into a storm: every first attempt pays in a
 * fraction of a token, every retry and hedge takes one.
 * @see https://sre.google/sre-book/handling-overload/
 */
export class RetryBudget {
  readonly #ratio: number
  readonly #most: number
  #tokens: number

  /** @param ratio retries per first attempt; @param reserve tokens at the start and after a quiet time, so that low traffic can retry too */
  constructor(ratio: number, reserve: number) {
    this.#ratio = ratio
    this.#most = Math.max(reserve, 1) * 10
    this.#tokens = reserve
  }

  /** Counted when a call starts, not when it ends: a hanging vendor must not look like no traffic. */
  deposit(): void {
    if (this.#tokens < this.#most) this.#tokens += this.#ratio
  }

  take(): boolean {
    if (this.#tokens < 1) return false
    this.#tokens--
    return true
  }

  get tokens(): number {
    return this.#tokens
  }
}
