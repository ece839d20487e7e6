const sampleMs = 500
const smoothing = 0.8

/** What passes a throttle, whether or not it holds anything back. */
export class Traffic {
  /** Calls on their way, and what they cost. */
  inFlight = 0
  units = 0
  /** Units per second in the half seconds in which anything was sent; pauses and idle times do not lower it. */
  rate = 0
  #sample = Number.NEGATIVE_INFINITY
  #sampled = 0

  take(units: number, now: number): void {
    this.inFlight++
    this.units += units
    if (Math.floor(now / sampleMs) > this.#sample) this.measure(now)
    this.#sampled += units
  }

  leave(units: number): void {
    this.inFlight--
    this.units -= units
  }

  /** Closes the present sample. */
  measure(now: number): void {
    if (this.#sampled > 0) {
      const rate = (this.#sampled * 1000) / sampleMs
      this.rate = this.rate === 0 ? rate : rate * smoothing + this.rate * (1 - smoothing)
    }
    this.#sampled = 0
    this.#sample = Math.floor(now / sampleMs)
  }
}
