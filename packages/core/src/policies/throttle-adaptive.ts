import { BucketMeter, type Meter } from './throttle-meters.ts'
import type { Traffic } from './throttle-traffic.ts'

const beta = 0.7
const scale = 0.4
/** Units per second below which it never goes: one refusal must not stop a connection that hardly sends. */
const slowest = 1
/** The curve is followed in steps of this length. */
const stepMs = 100

/**
 * Finds a rate that the vendor bears when neither the manifest nor the answers tell one: off until the first refusal, then 0.7 of the
 * rate that was refused, growing back along a cubic curve and beyond it, off again when ten times that rate was not refused.
 * The curve is the one of TCP CUBIC (RFC 9438, section 4.2), on units per second.
 */
export class AdaptiveMeter implements Meter {
  readonly reason = 'adaptive-rate'
  readonly #traffic: Traffic
  readonly #bucket = new BucketMeter({ units: 1, perMs: 1000 }, 'adaptive-rate')
  #on = false
  #rate = 0
  #maximum = 0
  #flatSeconds = 0
  #limitedAt = Number.NEGATIVE_INFINITY
  #steppedAt = Number.NEGATIVE_INFINITY

  /** @param traffic tells the rate that was refused */
  constructor(traffic: Traffic) {
    this.#traffic = traffic
  }

  /** Units per second allowed now; undefined while off. */
  get rate(): number | undefined {
    return this.#on ? this.#rate : undefined
  }

  waitFor(units: number, ahead: number, now: number): number {
    if (!this.#on) return 0
    if (now - this.#steppedAt >= stepMs) this.#step(now)
    return this.#bucket.waitFor(units, ahead, now)
  }

  take(units: number, now: number): void {
    if (this.#on) this.#bucket.take(units, now)
  }

  /** A refusal by the vendor of a call that started at `startedAt`; those that started before the last cut are part of it. */
  limited(startedAt: number, now: number): void {
    if (startedAt <= this.#limitedAt) return
    this.#traffic.measure(now)
    const { rate } = this.#traffic
    this.#maximum = Math.max(slowest, this.#on ? Math.min(rate, this.#rate) : rate)
    this.#flatSeconds = Math.cbrt((this.#maximum * (1 - beta)) / scale)
    this.#limitedAt = now
    this.#on = true
    this.#step(now)
  }

  #step(now: number): void {
    const seconds = (now - this.#limitedAt) / 1000
    this.#rate = Math.max(slowest, scale * (seconds - this.#flatSeconds) ** 3 + this.#maximum)
    this.#steppedAt = now
    if (this.#rate > 10 * this.#maximum + 10) this.#on = false
    else this.#bucket.setRate(this.#rate / 1000, Math.max(1, this.#rate))
  }
}
