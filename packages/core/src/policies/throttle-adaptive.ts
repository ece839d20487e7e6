import { BucketMeter, type Meter } from './throttle-meters.ts'

const beta = 0.7
const scale = 0.4
const smoothing = 0.8
const sampleMs = 500
const slowest = 0.5
const restMs = 60_000

/**
 * Finds a rate that the vendor bears when neither the manifest nor the answers tell one: off until the first refusal, then 0.7 of the
 * rate that was refused, growing back along a cubic curve and beyond it, off again a minute after it is back.
 * The curve is the one of TCP CUBIC (RFC 9438, section 4), on units per second.
 */
export class AdaptiveMeter implements Meter {
  readonly reason = 'adaptive-rate'
  readonly #bucket = new BucketMeter({ units: 1, perMs: 1000 }, 'adaptive-rate')
  #on = false
  #rate = 0
  #maximum = 0
  #flatSeconds = 0
  #limitedAt = Number.NEGATIVE_INFINITY
  /** Units per second that were sent of late, and the sample that is being counted. */
  #measured = 0
  #sample = Number.NEGATIVE_INFINITY
  #sampled = 0

  /** Units per second allowed now; undefined while off. */
  get rate(): number | undefined {
    return this.#on ? this.#rate : undefined
  }

  waitFor(units: number, ahead: number, now: number): number {
    return this.#on ? this.#bucket.waitFor(units, ahead, now) : 0
  }

  take(units: number, now: number): void {
    const sample = Math.floor(now / sampleMs)
    if (sample > this.#sample) this.#measure(sample)
    this.#sampled += units
    if (this.#on) this.#bucket.take(units, now)
  }

  /** A refusal by the vendor of a call that started at `startedAt`; those that started before the last cut are part of it. */
  limited(startedAt: number, now: number): void {
    if (startedAt <= this.#limitedAt) return
    this.#measure(Math.floor(now / sampleMs))
    const sent = Math.max(this.#measured, slowest)
    this.#maximum = this.#on ? Math.min(sent, this.#rate) : sent
    this.#flatSeconds = Math.cbrt((this.#maximum * (1 - beta)) / scale)
    this.#limitedAt = now
    this.#on = true
    this.#set(this.#maximum * beta)
  }

  succeeded(now: number): void {
    if (!this.#on) return
    const seconds = (now - this.#limitedAt) / 1000
    if (seconds * 1000 > this.#flatSeconds * 2000 + restMs) {
      this.#on = false
      return
    }
    const curve = scale * (seconds - this.#flatSeconds) ** 3 + this.#maximum
    this.#set(Math.min(curve, Math.max(2 * this.#measured, this.#maximum)))
  }

  #set(rate: number): void {
    this.#rate = Math.max(rate, slowest)
    this.#bucket.setRate(this.#rate / 1000, Math.max(1, this.#rate))
  }

  #measure(sample: number): void {
    if (this.#sampled > 0 && Number.isFinite(this.#sample)) {
      const seconds = (Math.max(1, sample - this.#sample) * sampleMs) / 1000
      const rate = this.#sampled / seconds
      this.#measured = this.#measured === 0 ? rate : rate * smoothing + this.#measured * (1 - smoothing)
    }
    this.#sampled = 0
    this.#sample = sample
  }
}
