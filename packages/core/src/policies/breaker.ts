import type { Call, Scope } from '../call.ts'
import type { ErrorKind, PatchbayError } from '../errors.ts'
import type { Gate, Outcome } from '../policy.ts'
import type { BreakerSettings, BreakerSnapshot, BreakerState, Verdict } from './breaker-circuit.ts'
import { Breaker } from './breaker-state.ts'
import { CountWindow, TimeWindow } from './breaker-window.ts'
import { numberOption, numberOptions, refuseOption, wordOption } from './check-options.ts'
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

const forever = Number.POSITIVE_INFINITY
const kinds: readonly ErrorKind[] = ['network', 'unavailable', 'timeout', 'unexpected', 'protocol']
/** The vendor answered, and the answer says nothing bad about its health. */
const answered: ReadonlySet<ErrorKind> = new Set([
  'invalid-input',
  'unsupported',
  'permission',
  'not-found',
  'conflict',
])

type Window = NonNullable<BreakerOptions['window']>

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
    const { failures = ['network', 'unavailable', 'timeout'] } = options
    for (const kind of failures) wordOption('breaker.failures', kind, kind, kinds)
    const window = checkWindow(options.window)
    const { slowCallMs, ...numbers } = checkNumbers(options, 'calls' in window ? window.calls : forever)
    const share = wordOption('breaker.share', options.share, 'tenant', shares)
    this.settings = { window, failures, slowCallMs: slowCallMs === forever ? 'off' : slowCallMs, share, ...numbers }
    this.#failures = new Set(failures)
    this.#slowCallMs = slowCallMs
    this.#breaker = sharedState('breaker', share, this.settings, scope, () => {
      const outcomes = 'calls' in window ? new CountWindow(window.calls) : new TimeWindow(window.ms)
      return new Breaker(numbers, outcomes, scope.clock, scope.random)
    })
    this.handle = handleOf(this.#breaker, scope)
  }

  ready(): Promise<unknown> {
    return this.#breaker.ready()
  }

  enter(call: Call): undefined | Promise<undefined> {
    return this.#breaker.free ? undefined : this.#breaker.admit(call)
  }

  leave(call: Call, error: Outcome): void {
    const startedAt = call.attemptStartedAt
    if (startedAt > this.#latest) this.#latest = startedAt
    const breaker = this.#breaker
    const watched = this.#slowCallMs !== forever
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

function handleOf(breaker: Breaker, { events, connection, connector, tenant }: Scope): BreakerHandle {
  const tell = (decision: string): void => {
    const policy = 'breaker'
    events.emit('decision', { connection, connector, tenant, policy, decision, reason: 'by-hand', numbers: {} })
  }
  return {
    get state() {
      return breaker.state
    },
    isolate() {
      breaker.isolate()
      tell('open')
    },
    reset() {
      breaker.reset()
      tell('close')
    },
    snapshot: () => breaker.snapshot(),
    restore(snapshot) {
      const { state, breakLeftMs, openings } = snapshot
      wordOption('snapshot.state', state, 'closed', ['closed', 'open', 'half-open', 'isolated'])
      numberOptions('snapshot', { breakLeftMs, openings }, { breakLeftMs: [0], openings: [0, 0, forever, 'whole'] })
      breaker.restore(snapshot)
    },
  }
}

function checkNumbers(options: BreakerOptions, calls: number): BreakerSettings & { readonly slowCallMs: number } {
  const day = 86_400_000
  const breakMs = numberOption('breaker.breakMs', options.breakMs, [5_000, 1, day])
  const numbers = numberOptions('breaker', options, {
    slowCallMs: [forever, 1],
    failureRatio: [0.5, 0.001, 1],
    slowRatio: [0.8, 0.001, 1],
    minimumCalls: [Math.min(20, calls), 1, forever, 'whole'],
    breakMs: [breakMs],
    maxBreakMs: [Math.max(60_000, breakMs), breakMs, day],
    jitter: [0.2, 0, 1],
    probes: [3, 1, 1_000, 'whole'],
    slowStart: [32, 0, 1_000_000, 'whole'],
  })
  if (numbers.minimumCalls > calls)
    refuseOption('breaker.minimumCalls', `must not be above window.calls (${calls}): the breaker could never open`)
  return numbers
}

function checkWindow(window: BreakerOptions['window'] = { ms: 30_000 }): Window {
  return 'calls' in window
    ? { calls: numberOption('breaker.window.calls', window.calls, [100, 1, 1_000_000, 'whole']) }
    : { ms: numberOption('breaker.window.ms', window.ms, [30_000, 100, 86_400_000]) }
}
