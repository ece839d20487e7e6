import type { Call } from '../call.ts'
import type { Lazy } from '../lazy.ts'
import type { Outcome } from '../policy.ts'
import type { RateFeedback } from '../rate-feedback.ts'
import { load, partFor, prefetch } from './lazy-part.ts'
import type { Throttle, ThrottleParts, ThrottleState } from './throttle-state.ts'
import { Traffic } from './throttle-traffic.ts'

/** A module that makes throttles. */
export interface ThrottleCode {
  makeThrottle(parts: ThrottleParts, traffic: Traffic): Throttle
}

/**
 * A throttle whose code is loaded when it is needed. With limits that is at once, and calls wait for it. Without limits calls are only
 * counted until the vendor first says something about its limits: from then on they wait until what it said is known to the throttle.
 */
export class LateThrottle {
  /** Once it is there. */
  throttle: Throttle | undefined = undefined
  readonly #code: Lazy<ThrottleCode>
  readonly #parts: ThrottleParts
  readonly #limited: boolean
  readonly #traffic = new Traffic()
  /** What the throttle has still to be told, in the order in which it happened. */
  #untold: ((throttle: Throttle) => void)[] = []

  /** @param limited true when something holds calls back from the start */
  constructor(code: Lazy<ThrottleCode>, parts: ThrottleParts, limited: boolean) {
    this.#code = code
    this.#parts = parts
    this.#limited = limited
    if (limited && this.#make() === undefined) prefetch(code)
  }

  get state(): ThrottleState {
    return (
      this.throttle?.state ?? { inFlight: this.#traffic.inFlight, waiting: 0, pausedMs: 0, adaptiveRate: undefined }
    )
  }

  async ready(): Promise<void> {
    await load('throttle', this.#code)
    this.#make()
  }

  /** Called while there is no throttle. */
  enter(call: Call): undefined | Promise<undefined> {
    if (!this.#limited && this.#untold.length === 0) {
      this.#traffic.take(call.cost, call.attemptStartedAt)
      return undefined
    }
    const throttle = this.#make()
    return throttle === undefined ? this.#enterLate(call) : throttle.queue.enter(call, call.cost)
  }

  /** As {@link Throttle.leave}, while there is no throttle. */
  leave(call: Call, error: Outcome): void {
    const news = error?.kind === 'rate-limited' || error?.retryAfterMs !== undefined
    // After other news, in its turn: what an answer told is compared with what was under way then.
    if (news || this.#untold.length > 0) this.#tell((throttle) => throttle.leave(call, error))
    else this.#traffic.leave(call.cost)
  }

  /** As {@link Throttle.learn}. */
  learn(call: Call, told: RateFeedback): void {
    this.#tell((throttle) => throttle.learn(call, told))
  }

  #tell(news: (throttle: Throttle) => void): void {
    const throttle = this.#make()
    if (throttle !== undefined) {
      news(throttle)
      return
    }
    this.#untold.push(news)
    this.#code().then(
      () => this.#make(),
      // The next call tries again, and fails rather than go past what the vendor said.
      () => undefined,
    )
  }

  async #enterLate(call: Call): Promise<undefined> {
    await partFor(call, 'throttle', this.#code)
    // The wait was none of the attempt's time.
    call.attemptStartedAt = call.scope.clock.monotonic()
    const throttle = this.#make() as Throttle
    return throttle.queue.enter(call, call.cost)
  }

  #make(): Throttle | undefined {
    const code = this.#code.current
    if (this.throttle !== undefined || code === undefined) return this.throttle
    const throttle = code.makeThrottle(this.#parts, this.#traffic)
    this.throttle = throttle
    for (const news of this.#untold) news(throttle)
    this.#untold = []
    return throttle
  }
}
