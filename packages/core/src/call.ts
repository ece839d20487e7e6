import type { Cancel, Cancellation } from './clock.ts'
import type { WheelEntry } from './deadline-wheel.ts'
import { Fault, type FreeRetry, type Sent } from './errors.ts'
import type { CallFacts } from './events.ts'
import type { Approval, OperationSpec } from './operation.ts'
import type { Decision } from './policy.ts'
import type { RateFeedback } from './rate-feedback.ts'
import type { Scope } from './runtime.ts'

/** What a caller may say about one call. All optional. */
export interface CallOptions {
  /** Gives the call up; it then rejects with the signal's own reason, untouched. */
  readonly signal?: AbortSignal | undefined
  /** Total time for the call with all attempts and waits, in milliseconds. Overrides the connection's. */
  readonly timeoutMs?: number | undefined
  /** Absolute end of the call. The earlier of this and `timeoutMs` counts. */
  readonly deadline?: Date | undefined
  /** One key per intended effect. Without one, a keyed write gets its own before the first attempt. */
  readonly idempotencyKey?: string | undefined
  /** On whose behalf; queues and budgets are fair between tenants. Default: the connection's tenant. */
  readonly tenant?: string | undefined
  /** `reload` asks the vendor even when a fresh answer is cached. */
  readonly cache?: 'use' | 'reload' | undefined
  /** Needed by destructive operations. */
  readonly approval?: Approval | undefined
}

const noSlot = -1

/**
 * One call on its way: fixed fields, one hidden class, reused by every policy. Operations get it as their third argument and read
 * `signal` (made only then), `attempt`, `deadlineAt` and `idempotencyKey`.
 */
export class Call implements WheelEntry, Cancellation {
  readonly scope: Scope
  readonly spec: OperationSpec
  readonly options: CallOptions
  /** The validated input. */
  input: unknown
  readonly tenant: string | undefined
  idempotencyKey: string | undefined
  /** Monotonic milliseconds. */
  readonly startedAt: number
  /** Monotonic milliseconds at which the whole call must have ended; Infinity without a deadline. */
  deadlineAt = Number.POSITIVE_INFINITY
  /** 1 for the first attempt; counts every request that was tried, free retries and hedges included. */
  attempt = 0
  /** Monotonic start of the present attempt. */
  attemptStartedAt = 0
  attemptDeadlineAt = Number.POSITIVE_INFINITY
  /** How much of the present attempt left this process. Transports narrow it; `maybe` where they cannot know. */
  sent: Sent = 'none'
  /** The free retries already used, see {@link FreeRetry}. */
  freeRetries: FreeRetry[] | undefined
  decisions: Decision[] | undefined
  /** For a hedge: the call it was forked from. */
  readonly parent: Call | undefined
  /** Per-policy private state of this call (a queue ticket, a breaker permit), keyed by the gate object. Made on first use. */
  state: Map<object, unknown> | undefined

  /** @internal Ends the wait for the present attempt, whether or not its operation reacts to the cancellation. */
  abandon: ((reason: unknown) => void) | undefined = undefined
  /** @internal How many gates inside retry the present attempt has entered. */
  gatesEntered = 0
  /** @internal True while copies of the attempt run in its place. */
  hedged = false

  expiresAt = 0
  wheelNext: WheelEntry | undefined = undefined
  wheelPrevious: WheelEntry | undefined = undefined
  wheelSlot = noSlot

  private reasonGiven: unknown = undefined
  /** True when the reason ends the call and not just the attempt. */
  private final = false
  private controller: AbortController | undefined = undefined
  private listeners: Set<(reason: unknown) => void> | undefined = undefined
  private knownId: string | undefined = undefined

  constructor(
    scope: Scope,
    spec: OperationSpec,
    input: unknown,
    options: CallOptions,
    startedAt: number,
    parent?: Call,
  ) {
    this.scope = scope
    this.spec = spec
    this.input = input
    this.options = options
    this.tenant = options.tenant ?? scope.tenant
    this.idempotencyKey = options.idempotencyKey
    this.startedAt = startedAt
    this.parent = parent
  }

  get id(): string {
    this.knownId ??= this.parent?.id ?? this.scope.random.uuid()
    return this.knownId
  }

  /** Fires when the attempt times out, the deadline passes or the caller gives up. Made when first read: it costs more than the rest of the call path. */
  get signal(): AbortSignal {
    this.controller ??= new AbortController()
    if (this.reasonGiven !== undefined && !this.controller.signal.aborted) this.controller.abort(this.reasonGiven)
    return this.controller.signal
  }

  get cancelReason(): unknown {
    return this.reasonGiven
  }

  /** True once the caller gave up or the deadline passed: nothing may be started any more. */
  get ended(): boolean {
    return this.final
  }

  /** True when sending again cannot do the effect twice: reads, idempotent operations, writes with a key that the vendor honours. */
  get repeatable(): boolean {
    return this.spec.effect !== 'write' || (this.spec.idempotency === 'vendor-key' && this.idempotencyKey !== undefined)
  }

  onCancel(listener: (reason: unknown) => void): Cancel {
    if (this.reasonGiven !== undefined) {
      listener(this.reasonGiven)
      return () => undefined
    }
    this.listeners ??= new Set()
    const listeners = this.listeners
    listeners.add(listener)
    return () => {
      listeners.delete(listener)
    }
  }

  /** @internal Gives up the attempt (`final` false) or the call (`final` true). The first final reason stays. */
  cancel(reason: unknown, final: boolean): void {
    if (this.final) return
    this.final = final
    if (this.reasonGiven !== undefined && !final) return
    this.reasonGiven = reason
    this.controller?.abort(reason)
    this.abandon?.(reason)
    const listeners = this.listeners
    this.listeners = undefined
    if (listeners !== undefined) for (const listener of listeners) listener(reason)
  }

  /** @internal Forgets the last attempt's timeout, so that the next attempt has a signal of its own. */
  renew(): void {
    if (this.final) return
    this.reasonGiven = undefined
    this.controller = undefined
    this.listeners = undefined
  }

  /** Milliseconds until the deadline; Infinity without one. */
  timeLeft(now = this.scope.clock.monotonic()): number {
    return this.deadlineAt - now
  }

  /** @internal Called by the deadline wheel. */
  expire(): void {
    const now = this.scope.clock.monotonic()
    if (this.deadlineAt <= now) this.cancel(new Fault(deadlineFacts(this)), true)
    else this.cancel(new Fault(attemptFacts(this)), false)
  }

  /** Records what a policy did, for the error and for listeners. */
  decide(decision: Decision): void {
    const holder = this.parent ?? this
    holder.decisions ??= []
    holder.decisions.push(decision)
    const { events } = this.scope
    if (events.listening) events.emit('decision', { ...this.facts(), ...decision })
  }

  /** Tells the throttle what the vendor said about its limits. */
  feedback(feedback: RateFeedback): void {
    this.scope.feedback(this, feedback)
  }

  facts(): CallFacts {
    const { scope, spec } = this
    return {
      connection: scope.connection,
      connector: scope.connector,
      operation: spec.name,
      effect: spec.effect,
      tenant: this.tenant,
      callId: this.id,
    }
  }
}

function deadlineFacts(call: Call): ConstructorParameters<typeof Fault>[0] {
  const ms = Math.round(call.deadlineAt - call.startedAt)
  return { kind: 'timeout', code: 'deadline', sent: call.sent, message: `the deadline of ${ms} ms passed` }
}

function attemptFacts(call: Call): ConstructorParameters<typeof Fault>[0] {
  const ms = Math.round(call.attemptDeadlineAt - call.attemptStartedAt)
  return { kind: 'timeout', code: 'attempt-timeout', sent: call.sent, message: `no answer within ${ms} ms` }
}
