import type { Call, Scope } from '../call.ts'
import { lazy } from '../lazy.ts'
import type { SharedLimitOptions } from '../limits/shared-limiter.ts'
import type { Gate, Outcome } from '../policy.ts'
import type { RateFeedback } from '../rate-feedback.ts'
import { numberOption, refuseOption, wordOption } from './check-options.ts'
import { type Share, sharedState, shares } from './share.ts'
import { LateThrottle } from './throttle-late.ts'
import type { LimitKind, ThrottleLimit } from './throttle-meters.ts'
import type { Throttle, ThrottleState } from './throttle-state.ts'
import type { Traffic } from './throttle-traffic.ts'

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

type Code = typeof import('./throttle-state.ts')
type SharedCode = readonly [Code, typeof import('../limits/leased-meter.ts')]

const code = lazy<Code>(() => import('./throttle-state.ts'))
const sharedCode = lazy<SharedCode>(() => Promise.all([code(), import('../limits/leased-meter.ts')]))

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
    const { settings, queue, adaptive, maxPauseMs, share, limits } = check(options)
    const { shared } = options
    const key = shared?.key ?? `${scope.target}/${scope.tenant ?? ''}`
    this.settings = shared === undefined ? settings : { ...settings, shared: { key } }
    const limited = limits.length > 0 || queue.concurrency !== Number.POSITIVE_INFINITY
    this.#late = sharedState('throttle', share, this.settings, scope, () => {
      const { clock, random } = scope
      const parts = { clock, random, limits, queue, adaptive, maxPauseMs }
      if (shared === undefined) {
        const make = ({ Throttle }: Code, traffic: Traffic): Throttle => new Throttle({ ...parts, traffic })
        return new LateThrottle({ code, limited, make })
      }
      const make = ([{ Throttle }, { leasedMeters }]: SharedCode, traffic: Traffic): Throttle =>
        new Throttle({ ...parts, traffic, leased: leasedMeters(limits, shared, key, scope) })
      return new LateThrottle({ code: sharedCode, limited, make })
    }) as LateThrottle
  }

  get state(): ThrottleState {
    return this.#late.state
  }

  ready(): Promise<unknown> {
    return this.#late.ready()
  }

  enter(call: Call): undefined | Promise<undefined> {
    const { throttle } = this.#late
    return throttle === undefined ? this.#late.enter(call) : throttle.queue.enter(call, call.spec.cost ?? 1)
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
