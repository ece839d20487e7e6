import type { LimitSpec } from '../connector.ts'

/** How a vendor counts, see {@link LimitSpec.kind}. */
export type LimitKind = NonNullable<LimitSpec['kind']>

export type ThrottleLimit = LimitSpec

/** One limit, local to this process. Lazily brought up to date from the times it is given: meters hold no timer. */
export interface Meter {
  /** What a wait for this meter is called in decisions. */
  readonly reason: string
  /**
   * Milliseconds from monotonic `now` until a call of `units` can go when `ahead` units go before it; 0 or less: now. Never more than
   * it takes at the present knowledge, so that a refusal because of it is right.
   */
  waitFor(units: number, ahead: number, now: number): number
  take(units: number, now: number): void
}

/** A meter for a published limit, which the vendor's own numbers may correct. */
export interface LimitMeter extends Meter {
  /** At most this many units are left now. */
  shrink(remaining: number, now: number): void
  /** The vendor allows another number of units than was published. */
  resize(units: number, perMs: number | undefined): void
  /** Multiplies rate and burst. */
  scale(factor: number): void
}

export function meterFor(limit: ThrottleLimit): LimitMeter {
  if (limit.kind === 'bucket') return new BucketMeter(limit)
  return limit.kind === 'fixed-window' ? new FixedMeter(limit) : new SlidingMeter(limit)
}

/** Rounding of floating sums must not cost a wait. */
const tolerance = 1e-6

/** A token bucket: `burst` units at once, refilled at `units` per `perMs`. */
export class BucketMeter implements LimitMeter {
  readonly reason: string
  #capacity: number
  #perMs: number
  #units: number
  #tokens: number
  #at = Number.NEGATIVE_INFINITY

  constructor({ units, perMs, burst = units }: LimitSpec, reason = 'rate') {
    this.reason = reason
    this.#units = units
    this.#perMs = units / perMs
    this.#capacity = burst
    this.#tokens = burst
  }

  waitFor(units: number, ahead: number, now: number): number {
    this.#refill(now)
    const missing = ahead + Math.min(units, this.#capacity) - this.#tokens
    return missing <= tolerance ? 0 : missing / this.#perMs
  }

  take(units: number, now: number): void {
    this.#refill(now)
    this.#tokens -= units
  }

  shrink(remaining: number, now: number): void {
    this.#refill(now)
    this.#tokens = Math.min(this.#tokens, remaining)
  }

  /** A number that is neither the rate nor the burst is another plan's burst: the rate grows with it. */
  resize(units: number, perMs: number | undefined): void {
    if (perMs !== undefined) this.setRate(units / perMs, Math.min(this.#capacity, units))
    else if (units !== this.#units && units !== this.#capacity)
      this.setRate((this.#perMs * units) / this.#capacity, units)
  }

  scale(factor: number): void {
    this.#units *= factor
    this.setRate(this.#perMs * factor, this.#capacity * factor)
  }

  /** `rate` in units per millisecond. */
  setRate(rate: number, capacity: number): void {
    this.#perMs = rate
    this.#capacity = capacity
    this.#tokens = Math.min(this.#tokens, capacity)
  }

  #refill(now: number): void {
    if (now <= this.#at) return
    // The first reading comes from minus infinity: the bucket starts full.
    this.#tokens = Math.min(this.#capacity, this.#tokens + (now - this.#at) * this.#perMs)
    this.#at = now
  }
}

const slices = 30

/**
 * At most `units` in any `perMs`, wherever the vendor's window begins. Units are counted in slices of a thirtieth of the window and
 * held until their whole slice has left it, so that it errs by up to one slice, always on the safe side.
 */
export class SlidingMeter implements LimitMeter {
  readonly reason = 'rate'
  #units: number
  #sliceMs: number
  readonly #taken = new Float64Array(slices + 1)
  #total = 0
  /** Number of the newest slice since monotonic zero. */
  #newest = Number.NEGATIVE_INFINITY

  constructor({ units, perMs }: LimitSpec) {
    this.#units = units
    this.#sliceMs = perMs / slices
  }

  waitFor(units: number, ahead: number, now: number): number {
    this.#roll(now)
    let missing = ahead + Math.min(units, this.#units) - (this.#units - this.#total)
    if (missing <= tolerance) return 0
    for (let slice = this.#newest - slices; slice <= this.#newest; slice++) {
      missing -= this.#taken[index(slice)] ?? 0
      if (missing <= tolerance) return (slice + slices + 1) * this.#sliceMs - now
    }
    return (missing / this.#units) * this.#sliceMs * slices + slices * this.#sliceMs
  }

  take(units: number, now: number): void {
    this.#roll(now)
    const at = index(this.#newest)
    this.#taken[at] = (this.#taken[at] ?? 0) + units
    this.#total += units
  }

  shrink(remaining: number, now: number): void {
    this.#roll(now)
    const unseen = this.#units - this.#total - remaining
    if (unseen > 0) this.take(unseen, now)
  }

  resize(units: number, perMs: number | undefined): void {
    this.#units = units
    if (perMs === undefined || perMs / slices === this.#sliceMs) return
    // Slices of another length cannot be told apart any more: all that was taken counts as taken in the newest.
    const taken = this.#total
    const now = this.#newest * this.#sliceMs
    this.#sliceMs = perMs / slices
    this.#taken.fill(0)
    this.#newest = Math.floor(now / this.#sliceMs)
    if (Number.isFinite(this.#newest)) this.#taken[index(this.#newest)] = taken
  }

  scale(factor: number): void {
    this.#units *= factor
  }

  #roll(now: number): void {
    const slice = Math.floor(now / this.#sliceMs)
    if (slice <= this.#newest) return
    if (slice - this.#newest > slices) {
      this.#taken.fill(0)
      this.#total = 0
    } else {
      for (let gone = this.#newest + 1; gone <= slice; gone++) {
        this.#total -= this.#taken[index(gone)] ?? 0
        this.#taken[index(gone)] = 0
      }
    }
    this.#newest = slice
  }
}

function index(slice: number): number {
  const at = slice % (slices + 1)
  return at < 0 ? at + slices + 1 : at
}

/** At most `units` from the first unit taken until `perMs` later, then anew: for vendors whose window begins with the first request. */
export class FixedMeter implements LimitMeter {
  readonly reason = 'rate'
  #units: number
  #perMs: number
  #left: number
  #endsAt = Number.NEGATIVE_INFINITY

  constructor({ units, perMs }: LimitSpec) {
    this.#units = units
    this.#perMs = perMs
    this.#left = units
  }

  waitFor(units: number, ahead: number, now: number): number {
    if (now >= this.#endsAt) this.#left = this.#units
    const missing = ahead + Math.min(units, this.#units) - this.#left
    if (missing <= tolerance) return 0
    const windows = Math.ceil((missing - tolerance) / this.#units) - 1
    return Math.max(0, this.#endsAt - now) + windows * this.#perMs
  }

  take(units: number, now: number): void {
    if (now >= this.#endsAt) {
      this.#left = this.#units
      this.#endsAt = now + this.#perMs
    }
    this.#left -= units
  }

  shrink(remaining: number, now: number): void {
    if (now >= this.#endsAt) this.#endsAt = now + this.#perMs
    this.#left = Math.min(this.#left, remaining)
  }

  resize(units: number, perMs: number | undefined): void {
    this.#left += units - this.#units
    this.#units = units
    this.#perMs = perMs ?? this.#perMs
  }
  scale(factor: number): void {
    this.resize(this.#units * factor, undefined)
  }
}
