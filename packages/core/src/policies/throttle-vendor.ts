import type { RateFeedback } from '../rate-feedback.ts'
import { BucketMeter, type Meter } from './throttle-meters.ts'

/** Below this share of its limit, what remains is spread over the time until the reset. */
const paceBelow = 0.2
/** Share of what remains that may go at once nevertheless, so that short bursts need not wait. */
const burstShare = 0.1

/**
 * One of the vendor's own limits, as its answers describe it. While it knows better, it stands in for the published limit that it
 * `covers`; when its knowledge has run out, that one counts again.
 */
export class VendorMeter implements Meter {
  readonly reason = 'vendor-limit'
  readonly #covers: Meter | undefined
  #left = Number.POSITIVE_INFINITY
  #limit: number | undefined
  /** What `remaining` is compared with when the limit is not told: the most that was ever left. */
  #most = 0
  #windowMs = 0
  #resetAt = Number.NEGATIVE_INFINITY
  /** A limit that refills steadily and not at once: a bucket, filled to what the vendor said was left. */
  #bucket: BucketMeter | undefined
  /** Units that may go at once while pacing, as of `#creditAt`. */
  #credit = Number.POSITIVE_INFINITY
  #creditAt = Number.NEGATIVE_INFINITY

  constructor(covers: Meter | undefined) {
    this.#covers = covers
  }

  /**
   * Takes the numbers of an answer. `unseen` units of other calls are under way, which the vendor may not have counted yet.
   */
  tell({ limit, remaining, resetMs, restorePerSecond, windowMs }: RateFeedback, unseen: number, now: number): void {
    if (remaining !== undefined && restorePerSecond !== undefined) {
      this.#refill(restorePerSecond, limit, Math.max(0, remaining - unseen), now)
      return
    }
    if (remaining === undefined || resetMs === undefined) return
    this.#limit = limit ?? this.#limit
    this.#most = Math.max(this.#most, remaining)
    this.#windowMs = windowMs ?? Math.max(this.#windowMs, resetMs)
    this.#resetAt = now + Math.max(0, resetMs)
    this.#left = remaining - Math.min(unseen, remaining)
  }

  waitFor(units: number, ahead: number, now: number): number {
    if (this.#bucket !== undefined) return this.#bucket.waitFor(units, ahead, now)
    if (!this.#knows(now)) return this.#covers?.waitFor(units, ahead, now) ?? 0
    const whole = this.#limit ?? this.#most
    const missing = ahead + Math.min(units, Math.max(1, whole)) - this.#left
    const untilReset = this.#resetAt - now
    if (missing > 0) return untilReset + Math.max(0, Math.ceil(missing / Math.max(1, whole)) - 1) * this.#windowMs
    if (this.#left >= whole * paceBelow) return 0
    this.#earnCredit(now)
    const short = ahead + units - this.#credit
    return short <= 0 ? 0 : short * this.#gap(now)
  }

  take(units: number, now: number): void {
    if (this.#bucket !== undefined) {
      this.#bucket.take(units, now)
      this.#covers?.take(units, now)
      return
    }
    this.#earnCredit(now)
    this.#left -= units
    this.#credit -= units
    this.#covers?.take(units, now)
  }

  #refill(perSecond: number, limit: number | undefined, left: number, now: number): void {
    this.#most = Math.max(this.#most, left)
    this.#bucket = new BucketMeter(
      { units: perSecond, perMs: 1000, burst: Math.max(1, limit ?? this.#most) },
      this.reason,
    )
    this.#bucket.shrink(left, now)
  }

  /** Milliseconds per unit at which what is left lasts until the reset. */
  #gap(now: number): number {
    return (this.#resetAt - now) / (Math.max(0, this.#left) + 1)
  }

  #earnCredit(now: number): void {
    const most = Math.max(1, this.#left * burstShare)
    const earned = now > this.#creditAt && now < this.#resetAt ? (now - this.#creditAt) / this.#gap(now) : 0
    this.#credit = Math.min(most, this.#credit + earned)
    this.#creditAt = Math.max(now, this.#creditAt)
  }

  /** After the reset the whole limit is there again, when it is known; else nothing is known. */
  #knows(now: number): boolean {
    if (now < this.#resetAt) return true
    if (this.#limit === undefined || this.#windowMs <= 0 || now >= this.#resetAt + this.#windowMs) return false
    this.#left = this.#limit
    this.#resetAt += this.#windowMs
    return true
  }
}
