import type { Call, Scope } from '../call.ts'
import { Fault } from '../errors.ts'
import { lazyCode } from '../lazy.ts'
import type { SharedLimitOptions } from '../limits/shared-limiter.ts'
import type { Gate, Outcome } from '../policy.ts'
import type { RateFeedback } from '../rate-feedback.ts'
import { type NumberRule, numberOptions, refuseOption, wordOption } from './check-options.ts'
import { type Share, sharedState, shares } from './share.ts'
import { LateThrottle, type ThrottleCode } from './throttle-late.ts'
import type { LimitKind, ThrottleLimit } from './throttle-meters.ts'
import type { ThrottleState } from './throttle-state.ts'

export type { LimitKind, SharedLimitOptions, ThrottleLimit, ThrottleState }

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

const code = lazyCode<ThrottleCode>(() => import('./throttle-state.ts'))
const sharedCode = lazyCode<ThrottleCode>(() => import('./throttle-leased.ts'))

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
  readonly #late: LateThrottle

  constructor(options: ThrottleOptions, scope: Scope) {
    const limits = (options.limits ?? []).map(checkLimit)
    const { maxPauseMs, ...queue } = numberOptions('throttle', options, {
      concurrency: [forever, 1, forever, 'whole'],
      maxQueue: [10_000, 0, forever, 'whole'],
      maxWaitMs: [forever],
      maxPauseMs: [3_600_000, 1, yearMs],
    })
    const { adaptive = true, shared } = options
    const share = wordOption('throttle.share', options.share, 'connection', shares)
    if (shared !== undefined) checkShared(shared, limits)
    const { clock, random, target, tenant } = scope
    const key = shared?.key ?? `${target}/${tenant ?? ''}`
    this.settings = {
      limits,
      ...queue,
      concurrency: shown(queue.concurrency),
      maxWaitMs: shown(queue.maxWaitMs),
      maxPauseMs,
      adaptive,
      share,
      ...(shared === undefined ? {} : { shared: { key } }),
    }
    const parts = { clock, random, limits, queue, adaptive, maxPauseMs, shared, key }
    const limited = limits.length > 0 || queue.concurrency !== forever
    this.#late = sharedState('throttle', share, this.settings, scope, () => {
      return new LateThrottle(shared === undefined ? code : sharedCode, parts, limited)
    })
  }

  get state(): ThrottleState {
    return this.#late.state
  }

  ready(): Promise<unknown> {
    return this.#late.ready()
  }

  enter(call: Call): undefined | Promise<undefined> {
    if (typeof call.cost !== 'number' || !(call.cost >= 0 && call.cost < forever)) refuseCost()
    const { throttle } = this.#late
    return throttle === undefined ? this.#late.enter(call) : throttle.queue.enter(call, call.cost)
  }

  leave(call: Call, error: Outcome): void {
    const { throttle } = this.#late
    if (throttle === undefined) this.#late.leave(call, error)
    else throttle.leave(call, error)
  }

  feedback(call: Call, feedback: RateFeedback): void {
    const { throttle } = this.#late
    if (throttle === undefined) this.#late.learn(call, feedback)
    else throttle.learn(call, feedback)
  }
}

const forever = Number.POSITIVE_INFINITY
const yearMs = 31_622_400_000

const shown = (value: number): number | 'unlimited' => (value === forever ? 'unlimited' : value)

function refuseCost(): never {
  const message = 'must be a number of tokens of at least 0'
  throw new Fault({ kind: 'invalid-input', sent: 'none', issues: [{ path: 'cost', message }] })
}

function checkShared(shared: SharedLimitOptions, limits: readonly ThrottleLimit[]): void {
  numberOptions('throttle.shared', shared, {
    processes: [1, 1, forever, 'whole'],
    leaseMs: [200, 1, 60_000],
    timeoutMs: [500, 1, 60_000],
  })
  if (limits.length === 0)
    refuseOption('throttle.shared', 'needs throttle.limits: there is no published limit to share between processes')
}

function checkLimit(limit: ThrottleLimit, index: number): ThrottleLimit {
  const path = `throttle.limits[${index}]`
  const units: NumberRule = [1, 0.001, 1e12]
  numberOptions(path, limit, { units, perMs: [1, 1, yearMs], burst: units })
  const kind = limit.burst === undefined ? 'sliding-window' : 'bucket'
  return { ...limit, kind: wordOption(`${path}.kind`, limit.kind, kind, ['sliding-window', 'bucket', 'fixed-window']) }
}
