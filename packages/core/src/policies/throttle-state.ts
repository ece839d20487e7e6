import type { Call } from '../call.ts'
import type { Clock, Random } from '../clock.ts'
import type { LeasedMeter } from '../limits/leased-meter.ts'
import type { SharedLimitOptions } from '../limits/shared-limiter.ts'
import type { Outcome } from '../policy.ts'
import type { RateFeedback } from '../rate-feedback.ts'
import { AdaptiveMeter } from './throttle-adaptive.ts'
import { type LimitMeter, type Meter, meterFor, type ThrottleLimit } from './throttle-meters.ts'
import { type QueueLimits, ThrottleQueue } from './throttle-queue.ts'
import type { Traffic } from './throttle-traffic.ts'
import { VendorMeter } from './throttle-vendor.ts'

/** A throttle as numbers, for the UI. */
export interface ThrottleState {
  readonly inFlight: number
  readonly waiting: number
  /** Milliseconds until a pause ends; 0 when there is none. */
  readonly pausedMs: number
  /** Units per second found by trial; undefined while not in use. */
  readonly adaptiveRate: number | undefined
}

/** What a throttle is made of before anything is loaded. */
export interface ThrottleParts {
  readonly clock: Clock
  readonly random: Random
  readonly limits: readonly ThrottleLimit[]
  readonly queue: QueueLimits
  readonly adaptive: boolean
  readonly maxPauseMs: number
  /** With which processes the limits are shared, under which key. */
  readonly shared: SharedLimitOptions | undefined
  readonly key: string
}

/** A throttle for this process alone. */
export function makeThrottle(parts: ThrottleParts, traffic: Traffic): Throttle {
  return new Throttle(parts, traffic)
}

const firstBackoffMs = 1_000
const longestBackoffMs = 60_000
const longestWindowMs = 31_622_400_000
/** Names come out of answers: a vendor that makes them up must not fill our memory. */
const mostVendorMeters = 32

/** What a throttle knows: its meters, what the vendor said, and when everybody has to pause. */
export class Throttle {
  readonly queue: ThrottleQueue
  readonly #clock: Clock
  readonly #random: Random
  readonly #limits: readonly ThrottleLimit[]
  readonly #local: readonly LimitMeter[]
  readonly #leased: readonly LeasedMeter[] | undefined
  readonly #adaptive: AdaptiveMeter | undefined
  readonly #maxPauseMs: number
  readonly #vendor = new Map<string, { readonly meter: VendorMeter; readonly covers: LimitMeter | undefined }>()
  /** When the last refusal came: calls that had started by then belong to the same storm. */
  #limitedAt = Number.NEGATIVE_INFINITY
  #backoffs = 0

  /** @param leased in place of local meters, when the limits are shared between processes */
  constructor(parts: ThrottleParts, traffic: Traffic, leased?: readonly LeasedMeter[]) {
    const { clock, random, limits, queue, adaptive, maxPauseMs } = parts
    this.#clock = clock
    this.#random = random
    this.#limits = limits
    this.#leased = leased
    this.#local = leased ?? limits.map(meterFor)
    this.#adaptive = adaptive ? new AdaptiveMeter(traffic) : undefined
    this.#maxPauseMs = maxPauseMs
    this.queue = new ThrottleQueue(clock, traffic, this.#allMeters(), queue)
    for (const meter of leased ?? []) meter.listen(this.queue.drain, this.#sharedPause)
  }

  get state(): ThrottleState {
    const { traffic, waiting, pausedUntil } = this.queue
    const pausedMs = Math.max(0, pausedUntil - this.#clock.monotonic())
    return { inFlight: traffic.inFlight, waiting, pausedMs, adaptiveRate: this.#adaptive?.rate }
  }

  leave(call: Call, error: Outcome): void {
    if (error !== undefined) {
      const { kind, retryAfterMs } = error
      if (kind === 'rate-limited') this.#limited(call, retryAfterMs)
      else if (kind === 'unavailable' && retryAfterMs !== undefined) this.#pause(call, retryAfterMs, 'retry-after')
    } else if (this.#backoffs > 0 && call.attemptStartedAt > this.#limitedAt) {
      this.#backoffs = 0
    }
    this.queue.leave(call.cost)
  }

  /** Takes what the vendor said about its limits in an answer to `call`. */
  learn(call: Call, told: RateFeedback): void {
    const now = this.#clock.monotonic()
    const feedback = plausible(told, this.#maxPauseMs)
    const { policy = '', limit, remaining, resetMs, restorePerSecond, windowMs, retryAfterMs, limited } = feedback
    const left = remaining ?? (limited === true && resetMs !== undefined ? 0 : undefined)
    const others = Math.max(0, this.queue.traffic.units - call.cost)
    const matching = this.#limitFor(feedback)
    if (limit !== undefined) matching?.resize(limit, windowMs)
    if (left !== undefined && (resetMs !== undefined || restorePerSecond !== undefined)) {
      this.#vendorMeter(policy, matching)?.tell({ ...feedback, remaining: left }, others, now)
    } else if (left !== undefined) {
      matching?.shrink(Math.max(0, left - others), now)
    }
    if (limited === true) this.#limited(call, retryAfterMs)
    else if (retryAfterMs !== undefined) this.#pause(call, retryAfterMs, 'retry-after')
    this.queue.reconsider()
  }

  /** The published limit that the vendor speaks of: by name, else by window, else the only one. */
  #limitFor({ policy, windowMs }: RateFeedback): LimitMeter | undefined {
    const byName = this.#limits.findIndex(({ name }) => name !== undefined && name === policy)
    if (byName !== -1) return this.#local[byName]
    const byWindow = this.#limits.findIndex(({ name, perMs }) => name === undefined && perMs === windowMs)
    if (byWindow !== -1) return this.#local[byWindow]
    const [only] = this.#limits
    return this.#limits.length === 1 && only?.name === undefined && windowMs === undefined ? this.#local[0] : undefined
  }

  #vendorMeter(policy: string, matching: LimitMeter | undefined): VendorMeter | undefined {
    const known = this.#vendor.get(policy)
    if (known !== undefined) return known.meter
    if (this.#vendor.size >= mostVendorMeters) return undefined
    // A shared limit is not replaced: the other processes live on the same remainder.
    const covered = [...this.#vendor.values()].some(({ covers }) => covers === matching)
    const covers = this.#leased === undefined && !covered ? matching : undefined
    const meter = new VendorMeter(covers)
    this.#vendor.set(policy, { meter, covers })
    this.queue.meters = this.#allMeters()
    return meter
  }

  #allMeters(): readonly Meter[] {
    const vendor = [...this.#vendor.values()]
    const covered = new Set(vendor.map(({ covers }) => covers))
    const meters: Meter[] = this.#local.filter((meter) => !covered.has(meter))
    meters.push(...vendor.map(({ meter }) => meter))
    if (this.#adaptive !== undefined) meters.push(this.#adaptive)
    return meters
  }

  #limited(call: Call, retryAfterMs: number | undefined): void {
    const now = this.#clock.monotonic()
    const { attemptStartedAt } = call
    const news = attemptStartedAt > this.#limitedAt
    const timeTold = retryAfterMs !== undefined && retryAfterMs >= 0
    if (timeTold) this.#pause(call, retryAfterMs, 'retry-after')
    if (!news) return
    if (!timeTold && this.queue.waitFor(0, 0, now) <= 0) {
      const backoff = Math.min(longestBackoffMs, firstBackoffMs * 2 ** this.#backoffs++)
      this.#pause(call, backoff * (0.5 + 0.5 * this.#random.next()), 'refused-without-a-time')
    }
    this.#limitedAt = now
    if (this.#vendor.size === 0) this.#adaptive?.limited(attemptStartedAt, now)
  }

  #pause(call: Call, ms: number, reason: string): void {
    const pauseMs = Math.min(ms, this.#maxPauseMs)
    if (!(pauseMs > 0) || !this.queue.pause(this.#clock.monotonic() + pauseMs)) return
    call.decide({ policy: 'throttle', decision: 'pause', reason, numbers: { pauseMs, askedMs: ms } })
    for (const meter of this.#leased ?? []) meter.pause(pauseMs)
  }

  readonly #sharedPause = (ms: number): void => {
    this.queue.pause(this.#clock.monotonic() + Math.min(ms, this.#maxPauseMs))
  }
}

/** Headers can say anything: what is no number, or no sensible one, was not said; a far future is cut like any pause. */
function plausible(told: RateFeedback, longestMs: number): RateFeedback {
  const { policy, limited } = told
  const windowMs = atLeast(told.windowMs, 1)
  const restorePerSecond = atLeast(told.restorePerSecond, 0.001)
  const resetMs = atLeast(told.resetMs, 0)
  return {
    policy,
    limited,
    limit: atLeast(told.limit, 1),
    remaining: told.remaining !== undefined && told.remaining < 0 ? 0 : atLeast(told.remaining, 0),
    restorePerSecond,
    resetMs: resetMs === undefined ? undefined : Math.min(resetMs, longestMs),
    windowMs: windowMs === undefined || windowMs > longestWindowMs ? undefined : windowMs,
    retryAfterMs: atLeast(told.retryAfterMs, 0),
  }
}

function atLeast(value: number | undefined, least: number): number | undefined {
  return value !== undefined && Number.isFinite(value) && value >= least ? value : undefined
}
