import type { CallOptions } from './call-options.ts'
import type { Cancel, Cancellation, Clock, Random } from './clock.ts'
import type { WheelEntry } from './deadline-wheel.ts'
import type { Decision } from './decision.ts'
import { Fault, type FreeRetry, type Sent } from './errors.ts'
import type { CallFacts, Events } from './events.ts'
import type { Effect, OperationSpec } from './operation-spec.ts'
import type { RateFeedback } from './rate-feedback.ts'
import type { Runtime } from './runtime.ts'
import type { Store } from './store.ts'

/** What a call knows of its connection. */
export interface Scope {
  /** Unique id of the connection. */
  readonly connection: string
  /** `family/product` */
  readonly connector: string
  readonly tenant: string | undefined
  /** What limits and budgets belong to: the vendor's host, or the connector's id when it has none. */
  readonly target: string
  readonly runtime: Runtime
  readonly clock: Clock
  readonly random: Random
  readonly events: Events
  readonly store: Store | undefined
  feedback(call: Call, feedback: RateFeedback): void
}

/** What few calls need, in an object of its own, so that the others do not carry it. */
class Rare {
  parent: Call | undefined = undefined
  freeRetries: FreeRetry[] | undefined = undefined
  decisions: Decision[] | undefined = undefined
  state: Map<object, unknown> | undefined = undefined
  unlisten: Cancel | undefined = undefined
  controller: AbortController | undefined = undefined
  listeners: Set<(reason: unknown) => void> | undefined = undefined
  id: string | undefined = undefined
  idempotencyKey: string | undefined = undefined
  leftBefore: 'maybe' | 'all' | undefined = undefined
  effect: Effect | undefined = undefined
}

const noSlot = -1
const nothing = (): void => undefined

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
  /** Tokens that it takes from the throttle. */
  readonly cost: number
  /** Monotonic milliseconds. */
  readonly startedAt: number
  /** 1 for the first attempt; counts every request that was tried, free retries and hedges included. */
  attempt = 0
  /** Monotonic start of the present attempt. */
  attemptStartedAt: number
  /** How much of the present attempt left this process. Transports narrow it; `maybe` where they cannot know. */
  sent: Sent = 'none'
  /** @internal Settles the caller's promise. */
  resolve: (value: unknown) => void = nothing
  /** @internal */
  reject: (reason: unknown) => void = nothing
  /** @internal The path that waits for the present attempt; told when the call is given up, whether or not the operation reacts. */
  path: { abandoned(call: Call, reason: unknown): void } | undefined = undefined
  /** @internal How many gates outside retry have let the call through. */
  entered = 0
  /** @internal How many gates inside retry the present attempt has entered; -1 while copies run in its place. */
  gatesEntered = 0
  /** @internal True when something had to wait before the first attempt. */
  waited = false
  /** @internal Changes when an attempt is over, so that what it left running knows that it is late. */
  generation = 0

  wheelNext: WheelEntry | undefined = undefined
  wheelPrevious: WheelEntry | undefined = undefined
  wheelSlot = noSlot

  // Whole milliseconds, 0 for none: V8 keeps small whole numbers in the object itself, and any other number in one of its own.
  private callMs = 0
  private attemptMs = 0
  private reasonGiven: unknown = undefined
  /** True when the reason ends the call and not just the attempt. */
  private final = false
  private rare: Rare | undefined = undefined

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
    this.cost = options.cost ?? spec.cost ?? 1
    this.startedAt = startedAt
    this.attemptStartedAt = startedAt
    if (parent !== undefined) this.seldom.parent = parent
  }

  get tenant(): string | undefined {
    return this.options.tenant ?? this.scope.tenant
  }

  /** The caller's, or the one that the idempotency policy made. */
  get idempotencyKey(): string | undefined {
    return this.rare?.idempotencyKey ?? this.options.idempotencyKey
  }

  set idempotencyKey(key: string | undefined) {
    this.seldom.idempotencyKey = key
  }

  /** Monotonic milliseconds at which the whole call must have ended; Infinity without a deadline. Kept to the millisecond, rounded up. */
  get deadlineAt(): number {
    return this.callMs === 0 ? Number.POSITIVE_INFINITY : this.startedAt + this.callMs
  }

  set deadlineAt(at: number) {
    this.callMs = wholeMs(at - this.startedAt)
  }

  /** The same for the present attempt. */
  get attemptDeadlineAt(): number {
    return this.attemptMs === 0 ? Number.POSITIVE_INFINITY : this.attemptStartedAt + this.attemptMs
  }

  set attemptDeadlineAt(at: number) {
    this.attemptMs = wholeMs(at - this.attemptStartedAt)
  }

  /** For a hedge: the call it was forked from. */
  get parent(): Call | undefined {
    return this.rare?.parent
  }

  /** The free retries already used, see {@link FreeRetry}. */
  get freeRetries(): FreeRetry[] | undefined {
    return this.rare?.freeRetries
  }

  set freeRetries(used: FreeRetry[] | undefined) {
    this.seldom.freeRetries = used
  }

  /** @internal The most that left this process in attempts that failed; undefined for nothing. */
  get leftBefore(): 'maybe' | 'all' | undefined {
    return this.rare?.leftBefore
  }

  set leftBefore(sent: 'maybe' | 'all') {
    this.seldom.leftBefore = sent
  }

  get decisions(): Decision[] | undefined {
    return this.rare?.decisions
  }

  set decisions(made: Decision[] | undefined) {
    this.seldom.decisions = made
  }

  /** Per-policy private state of this call (a queue ticket, a breaker permit), keyed by the gate object. Made on first use. */
  get state(): Map<object, unknown> | undefined {
    return this.rare?.state
  }

  set state(state: Map<object, unknown> | undefined) {
    this.seldom.state = state
  }

  /** @internal Stops listening to the caller's signal. */
  get unlisten(): Cancel | undefined {
    return this.rare?.unlisten
  }

  set unlisten(unlisten: Cancel | undefined) {
    this.seldom.unlisten = unlisten
  }

  /** Monotonic milliseconds at which the wheel must act: the end of the attempt or of the call, whichever is first. */
  get expiresAt(): number {
    return Math.min(this.deadlineAt, this.attemptDeadlineAt)
  }

  private get seldom(): Rare {
    this.rare ??= new Rare()
    return this.rare
  }

  get id(): string {
    const { seldom } = this
    seldom.id ??= seldom.parent?.id ?? this.scope.random.uuid()
    return seldom.id
  }

  /** Fires when the attempt times out, the deadline passes or the caller gives up. Made when first read: it costs more than the rest of the call path. */
  get signal(): AbortSignal {
    const { seldom } = this
    seldom.controller ??= new AbortController()
    const { signal } = seldom.controller
    if (this.reasonGiven !== undefined && !signal.aborted) seldom.controller.abort(this.reasonGiven)
    return signal
  }

  get cancelReason(): unknown {
    return this.reasonGiven
  }

  /** True once the caller gave up or the deadline passed: nothing may be started any more. */
  get ended(): boolean {
    return this.final
  }

  /** What sending this call twice does: the spec's word, unless the operation knows better. */
  get effect(): Effect {
    return this.rare?.effect ?? this.spec.effect
  }

  /**
   * For operations whose input names what is done (a method of a description), and whose spec therefore has to say `write`: `run` tells the
   * effect of this very call before it sends anything.
   */
  set effect(effect: Effect) {
    this.seldom.effect = effect
  }

  /** True when sending again cannot do the effect twice: reads, idempotent operations, writes with a key that the vendor honours. */
  get repeatable(): boolean {
    return this.effect !== 'write' || (this.spec.idempotency === 'vendor-key' && this.idempotencyKey !== undefined)
  }

  onCancel(listener: (reason: unknown) => void): Cancel {
    if (this.reasonGiven !== undefined) {
      listener(this.reasonGiven)
      return () => undefined
    }
    const { seldom } = this
    seldom.listeners ??= new Set()
    const { listeners } = seldom
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
    const { rare } = this
    rare?.controller?.abort(reason)
    const listeners = rare?.listeners
    if (rare !== undefined) rare.listeners = undefined
    if (listeners !== undefined) for (const listener of listeners) this.tell(listener, reason)
    this.path?.abandoned(this, reason)
  }

  /** One listener's mistake must not keep the others, or the end of the call, from being told. */
  private tell(listener: (reason: unknown) => void, reason: unknown): void {
    try {
      listener(reason)
    } catch {
      const { connection, events } = this.scope
      const message = `a listener of a cancelled call of ${this.spec.name} threw`
      events.emit('notice', { connection, code: 'cancel-listener', message })
    }
  }

  /** @internal Forgets the last attempt's timeout, so that the next attempt has a signal of its own. */
  renew(): void {
    if (this.final) return
    this.reasonGiven = undefined
    this.attemptDeadlineAt = Number.POSITIVE_INFINITY
    if (this.rare === undefined) return
    this.rare.controller = undefined
    this.rare.listeners = undefined
  }

  /** Milliseconds until the deadline; Infinity without one. */
  timeLeft(now = this.scope.clock.monotonic()): number {
    return this.deadlineAt - now
  }

  /** @internal Called by the deadline wheel. */
  expire(): void {
    const final = this.deadlineAt <= this.scope.clock.monotonic()
    const ms = Math.round(final ? this.deadlineAt - this.startedAt : this.attemptDeadlineAt - this.attemptStartedAt)
    const message = final ? `the deadline of ${ms} ms passed` : `no answer within ${ms} ms`
    const code = final ? 'deadline' : 'attempt-timeout'
    this.cancel(new Fault({ kind: 'timeout', code, sent: this.sent, message }), final)
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
      effect: this.effect,
      tenant: this.tenant,
      callId: this.id,
    }
  }
}

function wholeMs(left: number): number {
  return left === Number.POSITIVE_INFINITY ? 0 : Math.max(1, Math.ceil(left))
}
