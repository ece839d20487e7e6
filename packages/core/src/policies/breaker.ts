import type { Call, Scope } from '../call.ts'
import type { ErrorKind, PatchbayError } from '../errors.ts'
import type { Gate, Outcome } from '../policy.ts'
import {
  Breaker,
  type BreakerSettings,
  type BreakerSnapshot,
  type BreakerState,
  type Verdict,
} from './breaker-state.ts'
import { CountWindow, TimeWindow } from './breaker-window.ts'
import { numberOption, refuseOption, wordOption } from './check-options.ts'
import { type Share, sharedState, shares } from './share.ts'

export type { BreakerSnapshot, BreakerState }

export interface BreakerOptions {
  /** What is looked at: the last `calls`, or the calls of the last `ms` milliseconds. Default 30 000 ms. */
  readonly window?: { readonly calls: number } | { readonly ms: number }
  /** Share of failed calls, 0 to 1, that opens the breaker. Default 0.5. */
  readonly failureRatio?: number
  /** Milliseconds from which an attempt counts as slow. Default Infinity: none does. */
  readonly slowCallMs?: number
  /** Share of slow calls, 0 to 1, that opens the breaker. Default 0.8. */
  readonly slowRatio?: number
  /** Calls that the window must hold before it is judged. Default 20, or the whole window when that is smaller. */
  readonly minimumCalls?: number
  /** Milliseconds of the first break; doubled each time it opens again soon. Default 5 000. */
  readonly breakMs?: number
  /** Longest break in milliseconds, also when the vendor asked for more by Retry-After. Default 60 000. */
  readonly maxBreakMs?: number
  /** Share of a break, 0 to 1, that chance may take off, so that processes do not probe in step. Default 0.2. */
  readonly jitter?: number
  /** Calls let through at once after a break; all must answer, less than `failureRatio` of them badly, to close it. Default 3. */
  readonly probes?: number
  /**
   * Calls in flight at which recovery ends. Until then as many as `probes` are allowed, one more per success, half as many after a
   * failure. 0: no slow start. Default 32.
   */
  readonly slowStart?: number
  /**
   * Kinds of error that count as failures. `cancelled`, `rate-limited`, `credential`, the caller's own deadline and whatever never
   * left this process count for nothing. Default network, unavailable, timeout.
   */
  readonly failures?: readonly ErrorKind[]
  /** Who shares the breaker. Default `tenant`. */
  readonly share?: Share
}

/** Manual control of a breaker, for an operator. */
export interface BreakerHandle {
  readonly state: BreakerState
  /** Refuses every call (`unavailable`, `breaker-isolated`) until {@link reset}. */
  isolate(): void
  /** Closes the breaker and forgets what it saw. */
  reset(): void
  snapshot(): BreakerSnapshot
  /** Goes on where a snapshot of an earlier process left off; its time left starts to run now. */
  restore(snapshot: BreakerSnapshot): void
}

/** The gate with its handle; the connection shows the handle to operators. */
export interface BreakerGate extends Gate {
  readonly handle: BreakerHandle
}

/** Stops calling a vendor that is down: open circuits refuse at once with the time left (`unavailable`, `breaker-open`, nothing sent). */
export function breakerPolicy(options: BreakerOptions, scope: Scope): BreakerGate {
  return new BreakerPolicy(options, scope)
}

const kinds: readonly ErrorKind[] = ['network', 'unavailable', 'timeout', 'unexpected', 'protocol']
/** The vendor answered, and the answer says nothing bad about its health. */
const answered: ReadonlySet<ErrorKind> = new Set([
  'invalid-input',
  'unsupported',
  'permission',
  'not-found',
  'conflict',
])

class BreakerPolicy implements BreakerGate {
  readonly name = 'breaker'
  readonly settings: Readonly<Record<string, unknown>>
  readonly handle: BreakerHandle
  readonly #breaker: Breaker
  readonly #failures: ReadonlySet<ErrorKind>
  readonly #slowCallMs: number
  /** The latest start of an attempt seen: near enough to now for counting a success without reading the clock. */
  #latest = 0

  constructor(options: BreakerOptions, scope: Scope) {
    const { window, failures, slowCallMs, share, rest } = check(options)
    this.settings = {
      window,
      failures,
      slowCallMs: slowCallMs === Number.POSITIVE_INFINITY ? 'off' : slowCallMs,
      share,
      ...rest,
    }
    this.#failures = new Set(failures)
    this.#slowCallMs = slowCallMs
    this.#breaker = sharedState('breaker', share, this.settings, scope, () => {
      const outcomes = 'calls' in window ? new CountWindow(window.calls) : new TimeWindow(window.ms)
      return new Breaker(rest, outcomes, scope.clock, scope.random)
    })
    this.handle = new Handle(this.#breaker, scope)
  }

  enter(call: Call): undefined {
    if (!this.#breaker.free) this.#breaker.admit(call, call.attemptStartedAt)
    return undefined
  }

  leave(call: Call, error: Outcome): void {
    const startedAt = call.attemptStartedAt
    if (startedAt > this.#latest) this.#latest = startedAt
    const breaker = this.#breaker
    const watched = this.#slowCallMs !== Number.POSITIVE_INFINITY
    if (error === undefined && breaker.free && !watched) {
      breaker.succeed(call, this.#latest)
      return
    }
    const now = call.scope.clock.monotonic()
    const sent = error === undefined || error.sent !== 'none'
    const isSlow = watched && sent && now - startedAt >= this.#slowCallMs
    breaker.settle(call, this.#verdict(error), isSlow, now, error?.retryAfterMs)
  }

  #verdict(error: PatchbayError | undefined): Verdict {
    if (error === undefined) return 'success'
    if (error.kind === 'timeout' && error.code === 'deadline') return 'neutral'
    if (this.#failures.has(error.kind)) return 'failure'
    return answered.has(error.kind) && error.sent !== 'none' ? 'success' : 'neutral'
  }
}

class Handle implements BreakerHandle {
  readonly #breaker: Breaker
  readonly #scope: Scope

  constructor(breaker: Breaker, scope: Scope) {
    this.#breaker = breaker
    this.#scope = scope
  }

  get state(): BreakerState {
    return this.#breaker.state
  }

  isolate(): void {
    this.#breaker.isolate()
    this.#tell('open')
  }

  reset(): void {
    this.#breaker.reset()
    this.#tell('close')
  }

  snapshot(): BreakerSnapshot {
    return this.#breaker.snapshot()
  }

  restore(snapshot: BreakerSnapshot): void {
    const { state, breakLeftMs, openings } = snapshot
    wordOption('snapshot.state', state, 'closed', ['closed', 'open', 'half-open', 'isolated'])
    numberOption('snapshot.breakLeftMs', breakLeftMs, 0)
    numberOption('snapshot.openings', openings, 0, { integer: true })
    this.#breaker.restore(snapshot)
  }

  #tell(decision: string): void {
    const { events, connection, connector, tenant } = this.#scope
    events.emit('decision', {
      connection,
      connector,
      tenant,
      policy: 'breaker',
      decision,
      reason: 'by-hand',
      numbers: {},
    })
  }
}

interface Checked {
  readonly window: { readonly calls: number } | { readonly ms: number }
  readonly failures: readonly ErrorKind[]
  readonly slowCallMs: number
  readonly share: Share
  readonly rest: BreakerSettings
}

function check(options: BreakerOptions): Checked {
  const window = checkWindow(options.window)
  const failures = options.failures ?? ['network', 'unavailable', 'timeout']
  for (const kind of failures) wordOption('breaker.failures', kind, kind, kinds)
  const breakMs = numberOption('breaker.breakMs', options.breakMs, 5_000, { min: 1, max: 86_400_000 })
  const minimum = 'calls' in window ? Math.min(20, window.calls) : 20
  const minimumCalls = numberOption('breaker.minimumCalls', options.minimumCalls, minimum, { min: 1, integer: true })
  if ('calls' in window && minimumCalls > window.calls)
    refuseOption(
      'breaker.minimumCalls',
      `must not be above window.calls (${window.calls}): the breaker could never open`,
    )
  const rest = {
    failureRatio: numberOption('breaker.failureRatio', options.failureRatio, 0.5, { min: 0.001, max: 1 }),
    slowRatio: numberOption('breaker.slowRatio', options.slowRatio, 0.8, { min: 0.001, max: 1 }),
    minimumCalls,
    breakMs,
    maxBreakMs: numberOption('breaker.maxBreakMs', options.maxBreakMs, Math.max(60_000, breakMs), {
      min: breakMs,
      max: 86_400_000,
    }),
    jitter: numberOption('breaker.jitter', options.jitter, 0.2, { max: 1 }),
    probes: numberOption('breaker.probes', options.probes, 3, { min: 1, max: 1_000, integer: true }),
    slowStart: numberOption('breaker.slowStart', options.slowStart, 32, { max: 1_000_000, integer: true }),
  }
  const slowCallMs = numberOption('breaker.slowCallMs', options.slowCallMs, Number.POSITIVE_INFINITY, { min: 1 })
  const share = wordOption('breaker.share', options.share, 'tenant', shares)
  return { window, failures, slowCallMs, share, rest }
}

function checkWindow(window: BreakerOptions['window'] = { ms: 30_000 }): Checked['window'] {
  if ('calls' in window)
    return { calls: numberOption('breaker.window.calls', window.calls, 100, { min: 1, max: 1_000_000, integer: true }) }
  return { ms: numberOption('breaker.window.ms', window.ms, 30_000, { min: 100, max: 86_400_000 }) }
}
