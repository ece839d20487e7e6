import type { Call, Scope } from '../call.ts'
import { LeasedMeter } from '../limits/leased-meter.ts'
import type { SharedLimiter } from '../limits/shared-limiter.ts'
import type { Gate, Outcome } from '../policy.ts'
import type { RateFeedback } from '../rate-feedback.ts'
import { numberOption, refuseOption, wordOption } from './check-options.ts'
import { type Share, sharedState, shares } from './share.ts'
import type { LimitKind, ThrottleLimit } from './throttle-meters.ts'
import { Throttle, type ThrottleState } from './throttle-state.ts'

export type { LimitKind, ThrottleLimit, ThrottleState }

export interface SharedLimitOptions {
  /** Where the processes meet: `redisLimiter()`, `postgresLimiter()`, or your own. */
  readonly limiter: SharedLimiter
  /** What the limit belongs to; processes with the same key share it. Default: the target and the tenant. */
  readonly key?: string
  /** Processes to expect while the limiter has not told. Default 1. Without the limiter each gets that share of the limit. */
  readonly processes?: number
  /** Milliseconds of consumption that one lease should cover. Default 200. */
  readonly leaseMs?: number
  /** Milliseconds after which the limiter counts as down for this lease. Default 500. */
  readonly timeoutMs?: number
}

export interface ThrottleOptions {
  /** The vendor's limits; a call must fit all. Default: the manifest's. */
  readonly limits?: readonly ThrottleLimit[]
  /** Most attempts in flight behind the throttle. Default: no limit. */
  readonly concurrency?: number
  /** Most calls that wait; further ones are refused. Default 10 000. */
  readonly maxQueue?: number
  /** Longest wait in milliseconds, deadline or not. Default Infinity: as long as the deadline allows. */
  readonly maxWaitMs?: number
  /** Longest time in milliseconds for which an answer (Retry-After, a reset) may hold calls back; longer ones are cut. Default 3 600 000. */
  readonly maxPauseMs?: number
  /** Finds a rate after refusals when the vendor's answers tell no numbers. Default true. */
  readonly adaptive?: boolean
  /** Who shares it within this process. Default `connection`. */
  readonly share?: Share
  /** Shares `limits`, and pauses after a refusal, with other processes. Default: this process has the whole limit. */
  readonly shared?: SharedLimitOptions
}

/** The gate with its state, for the UI. */
export interface ThrottleGate extends Gate {
  readonly state: ThrottleState
}

/**
 * Keeps calls within the vendor's limits: they wait their turn, and are refused at once (`rate-limited`, nothing sent, with the time
 * left) when the wait cannot end before the deadline. What answers say about limits corrects the manifest, and a refusal (429)
 * pauses every caller, not only the one it was for.
 */
export function throttlePolicy(options: ThrottleOptions, scope: Scope): ThrottleGate {
  return new ThrottlePolicy(options, scope)
}

class ThrottlePolicy implements ThrottleGate {
  readonly name = 'throttle'
  readonly settings: Readonly<Record<string, unknown>>
  readonly #throttle: Throttle

  constructor(options: ThrottleOptions, scope: Scope) {
    const { settings, queue, adaptive, maxPauseMs, share, limits } = check(options)
    const key = options.shared?.key ?? `${scope.target}/${scope.tenant ?? ''}`
    this.settings = options.shared === undefined ? settings : { ...settings, shared: { key } }
    this.#throttle = sharedState('throttle', share, this.settings, scope, () => {
      const { clock, random } = scope
      const leased = options.shared === undefined ? undefined : leasedMeters(limits, options.shared, key, scope)
      return new Throttle({ clock, random, limits, leased, queue, adaptive, maxPauseMs })
    })
  }

  get state(): ThrottleState {
    return this.#throttle.state
  }

  enter(call: Call): undefined | Promise<undefined> {
    return this.#throttle.queue.enter(call, call.spec.cost ?? 1)
  }

  leave(call: Call, error: Outcome): void {
    this.#throttle.leave(call, error)
  }

  feedback(call: Call, feedback: RateFeedback): void {
    this.#throttle.learn(call, feedback)
  }
}

function leasedMeters(
  limits: readonly ThrottleLimit[],
  shared: SharedLimitOptions,
  key: string,
  scope: Scope,
): readonly LeasedMeter[] {
  const { limiter, processes = 1, leaseMs = 200, timeoutMs = 500 } = shared
  const { clock } = scope
  const member = scope.random.uuid()
  return limits.map(
    (limit, index) =>
      new LeasedMeter(limit, `${key}/${limit.name ?? index}`, {
        limiter,
        clock,
        member,
        processes,
        leaseMs,
        timeoutMs,
      }),
  )
}

interface Checked {
  readonly settings: Readonly<Record<string, unknown>>
  readonly limits: readonly ThrottleLimit[]
  readonly queue: { readonly concurrency: number; readonly maxQueue: number; readonly maxWaitMs: number }
  readonly adaptive: boolean
  readonly maxPauseMs: number
  readonly share: Share
}

function check(options: ThrottleOptions): Checked {
  const forever = Number.POSITIVE_INFINITY
  const limits = (options.limits ?? []).map(checkLimit)
  const queue = {
    concurrency: numberOption('throttle.concurrency', options.concurrency, forever, { min: 1, integer: true }),
    maxQueue: numberOption('throttle.maxQueue', options.maxQueue, 10_000, { integer: true }),
    maxWaitMs: numberOption('throttle.maxWaitMs', options.maxWaitMs, forever),
  }
  const maxPauseMs = numberOption('throttle.maxPauseMs', options.maxPauseMs, 3_600_000, { min: 1, max: 31_622_400_000 })
  const adaptive = options.adaptive ?? true
  const share = wordOption('throttle.share', options.share, 'connection', shares)
  if (options.shared !== undefined) {
    const { processes, leaseMs, timeoutMs } = options.shared
    numberOption('throttle.shared.processes', processes, 1, { min: 1, integer: true })
    numberOption('throttle.shared.leaseMs', leaseMs, 200, { min: 1, max: 60_000 })
    numberOption('throttle.shared.timeoutMs', timeoutMs, 500, { min: 1, max: 60_000 })
    if (limits.length === 0)
      refuseOption('throttle.shared', 'needs throttle.limits: there is no published limit to share between processes')
  }
  const shown = (value: number): number | 'unlimited' => (value === forever ? 'unlimited' : value)
  const { concurrency, maxQueue, maxWaitMs } = queue
  const settings = {
    limits,
    concurrency: shown(concurrency),
    maxQueue,
    maxWaitMs: shown(maxWaitMs),
    maxPauseMs,
    adaptive,
    share,
  }
  return { settings, limits, queue, adaptive, maxPauseMs, share }
}

function checkLimit(limit: ThrottleLimit, index: number): ThrottleLimit {
  const path = `throttle.limits[${index}]`
  numberOption(`${path}.units`, limit.units, 1, { min: 0.001, max: 1e12 })
  numberOption(`${path}.perMs`, limit.perMs, 1, { min: 1, max: 31_622_400_000 })
  numberOption(`${path}.burst`, limit.burst, 1, { min: 0.001, max: 1e12 })
  const kind = limit.burst === undefined ? 'sliding-window' : 'bucket'
  return { ...limit, kind: wordOption(`${path}.kind`, limit.kind, kind, ['sliding-window', 'bucket', 'fixed-window']) }
}
