import type { Call } from './call.ts'
import { classify, passesThrough } from './classify.ts'
import type { AnyConnector } from './connector.ts'
import type { PatchbayError } from './errors.ts'
import type { Lazy } from './lazy.ts'
import type { AnyOperation } from './operation.ts'
import { armDeadline } from './policies/deadline.ts'
import type { Hedger } from './policies/hedge.ts'
import type { RetryPolicy } from './policies/retry.ts'
import { Answer, type Gate } from './policy.ts'
import { isUnchecked, validate } from './schema.ts'

/** What a connection gives to the path of one of its operations. */
export interface PathParts {
  readonly connector: AnyConnector
  readonly operation: AnyOperation
  readonly client: Lazy<unknown>
  /** Outside retry, outermost first. */
  readonly outer: readonly Gate[]
  /** Inside retry, outermost first. */
  readonly inner: readonly Gate[]
  readonly retry: RetryPolicy | undefined
  /** Told once when a call is over. */
  readonly ended: () => void
}

// A module-level pair instead of a closure per call: the executor runs synchronously, so nothing can come between.
let resolveLast: (value: unknown) => void
let rejectLast: (reason: unknown) => void
const capture = (resolve: (value: unknown) => void, reject: (reason: unknown) => void): void => {
  resolveLast = resolve
  rejectLast = reject
}

/**
 * The path of every call of one operation: one async function instead of a promise per policy. Gates are entered outermost first and
 * left in reverse; p-retry is loaded and drives the attempts only after a first failure.
 */
export class CallPath {
  readonly #parts: PathParts
  readonly #skipInput: boolean
  readonly #skipOutput: boolean
  readonly #recovers: boolean
  #sample = 0

  constructor(parts: PathParts) {
    this.#parts = parts
    this.#skipInput = isUnchecked(parts.operation.spec.input)
    this.#skipOutput = isUnchecked(parts.operation.spec.output)
    this.#recovers = parts.outer.some((gate) => gate.recover !== undefined)
  }

  async run(call: Call): Promise<unknown> {
    const { outer } = this.#parts
    const { signal } = call.options
    let entered = 0
    let value: unknown
    let listener: (() => void) | undefined
    try {
      if (signal !== undefined) {
        signal.throwIfAborted()
        listener = () => call.cancel(signal.reason, true)
        signal.addEventListener('abort', listener, { once: true })
      }
      if (!this.#skipInput) {
        const checked = validate(this.#parts.operation.spec.input, call.input, 'invalid-input', 'the input')
        call.input = checked instanceof Promise ? await checked : checked
      }
      let answer: Answer | undefined
      while (entered < outer.length) {
        const entering = (outer[entered] as Gate).enter?.(call)
        if (entering !== undefined) {
          answer = entering instanceof Answer ? entering : await entering
          if (answer === undefined) entered++
          // Given up between the gate's yes and here: the gate is left like any other.
          if (call.ended) throw call.cancelReason
          if (answer !== undefined) break
        } else {
          entered++
        }
      }
      if (answer === undefined) {
        const { retry } = this.#parts
        retry?.budgetOf(call)?.deposit()
        // The first attempt stands here and not in a function of its own: a promise less on every call that goes well.
        let failure: PatchbayError | undefined
        let failed: unknown
        try {
          const outcome = await (retry?.hedger === undefined
            ? this.#attempt(call)
            : this.#hedged(call, retry, retry.hedger))
          value = this.#skipOutput ? outcome : await this.#accept(outcome)
          if (retry !== undefined && (this.#sample++ & 15) === 0) retry.observe(this.#attemptMs(call))
          this.#leaveAttempt(call, undefined, value)
        } catch (error) {
          failed = error
          failure = this.#failed(call, error)
        }
        if (failure !== undefined) value = await this.#again(call, failed, failure)
      } else {
        value = await answer.value
      }
    } catch (thrown) {
      if (listener !== undefined) signal?.removeEventListener('abort', listener)
      return this.#fail(call, thrown, entered)
    }
    if (listener !== undefined) signal?.removeEventListener('abort', listener)
    for (let index = entered - 1; index >= 0; index--) (outer[index] as Gate).leave?.(call, undefined, value)
    this.#parts.ended()
    return value
  }

  /** Enters the inner gates and runs the operation; stays synchronous up to the operation's own promise when nothing has to wait. */
  #attempt(call: Call): Promise<unknown> {
    const { inner, client } = this.#parts
    call.attempt = call.parent === undefined ? call.attempt + 1 : ++call.parent.attempt
    call.attemptStartedAt = call.scope.clock.monotonic()
    const current = client.current
    if (current === undefined) return this.#attemptSlowly(call, 0)
    const { events } = call.scope
    if (events.listening) events.emit('attempt-start', { ...call.facts(), attempt: call.attempt })
    for (let index = 0; index < inner.length; index++) {
      const entering = (inner[index] as Gate).enter?.(call)
      if (entering !== undefined) return this.#attemptSlowly(call, index, entering)
      call.gatesEntered = index + 1
    }
    return this.#race(call, current)
  }

  async #attemptSlowly(
    call: Call,
    from: number,
    pending?: undefined | Answer | Promise<undefined | Answer>,
  ): Promise<unknown> {
    const { inner, client } = this.#parts
    let entering = pending
    const { events } = call.scope
    if (entering === undefined && events.listening)
      events.emit('attempt-start', { ...call.facts(), attempt: call.attempt })
    for (let index = from; index < inner.length; index++) {
      entering ??= (inner[index] as Gate).enter?.(call)
      const answer = await entering
      entering = undefined
      if (call.cancelReason !== undefined) {
        call.gatesEntered = index + 1
        throw call.cancelReason
      }
      if (answer !== undefined) return answer.value
      call.gatesEntered = index + 1
    }
    return this.#race(call, client.current ?? (await this.#open(call)))
  }

  /** Opening may take longer than this call has. The connection goes on opening for the others. */
  #open(call: Call): Promise<unknown> {
    return this.#abandonable(call, this.#parts.client())
  }

  #race(call: Call, client: unknown): Promise<unknown> {
    if (call.cancelReason !== undefined) throw call.cancelReason
    call.sent = 'maybe'
    return this.#abandonable(call, this.#parts.operation.run(client, call.input, call))
  }

  /** The promise's outcome, or the cancellation's reason if that comes first, whether or not the operation reacts to it. */
  #abandonable(call: Call, running: Promise<unknown>): Promise<unknown> {
    const outcome = new Promise(capture)
    call.abandon = rejectLast
    running.then(resolveLast, rejectLast)
    return outcome
  }

  #accept(outcome: unknown): unknown {
    return validate(this.#parts.operation.spec.output, outcome, 'protocol', 'the answer')
  }

  #attemptMs(call: Call): number {
    return call.scope.clock.monotonic() - (call.attemptStartedAt === 0 ? call.startedAt : call.attemptStartedAt)
  }

  #leaveAttempt(call: Call, error: PatchbayError | undefined, value: unknown): void {
    const { inner } = this.#parts
    if (call.hedged) {
      // Its copies have left their gates already.
      call.hedged = false
      return
    }
    call.abandon = undefined
    for (let index = call.gatesEntered - 1; index >= 0; index--) (inner[index] as Gate).leave?.(call, error, value)
    call.gatesEntered = 0
    const { events } = call.scope
    if (events.listening) {
      events.emit('attempt-end', { ...call.facts(), attempt: call.attempt, durationMs: this.#attemptMs(call), error })
    }
  }

  #failed(call: Call, thrown: unknown): PatchbayError {
    const error = classify(this.#parts.connector, call, thrown)
    this.#leaveAttempt(call, error, undefined)
    return error
  }

  /** Everything after a first failure. May be as dear as it likes. */
  async #again(call: Call, firstThrown: unknown, firstError: PatchbayError): Promise<unknown> {
    const { retry } = this.#parts
    if (retry === undefined || call.ended || passesThrough(call, firstThrown)) throw firstThrown
    const { default: pRetry } = await retry.loop()
    let thrown = firstThrown
    let counted = 1
    return pRetry(
      async (attempt) => {
        if (attempt === 1) throw firstError
        try {
          const outcome = await this.#attempt(call)
          const value = this.#skipOutput ? outcome : await this.#accept(outcome)
          this.#leaveAttempt(call, undefined, value)
          return value
        } catch (error) {
          thrown = error
          throw this.#failed(call, error)
        }
      },
      {
        retries: Number.POSITIVE_INFINITY,
        // Ours are the waits, on the injected clock; p-retry runs the loop and refuses what is no error of the other side.
        minTimeout: 0,
        shouldRetry: async ({ error }) => {
          const failure = error as PatchbayError
          if (call.ended || passesThrough(call, thrown)) return false
          call.renew()
          armDeadline(call)
          const free = call.freeRetries?.length ?? 0
          if (!(await retry.next(call, failure, counted))) return false
          if ((call.freeRetries?.length ?? 0) === free) counted++
          return true
        },
      },
    ).catch((error: unknown) => {
      if (call.ended) throw call.cancelReason
      throw passesThrough(call, thrown) ? thrown : error
    })
  }

  /** The first attempt as two copies, the second only when the first is slow. The call's own gates stay untouched. */
  async #hedged(call: Call, retry: RetryPolicy, hedger: Hedger): Promise<unknown> {
    const { clock } = call.scope
    const delay = hedger.delayFor(call)
    const started = clock.monotonic()
    const race = hedger.race.current
    if (delay === undefined || race === undefined) {
      const value = await this.#attempt(call)
      hedger.observe(clock.monotonic() - started)
      return value
    }
    call.hedged = true
    const value = await race.hedge(call, {
      delay,
      allowed: () => hedger.take() && (retry.budgetOf(call)?.take() ?? true),
      start: async (copy) => this.#attempt(copy),
      end: (copy, error, outcome) => {
        if (error === undefined) this.#leaveAttempt(copy, undefined, outcome)
        else this.#failed(copy, error)
      },
    })
    hedger.observe(clock.monotonic() - started)
    return value
  }

  async #fail(call: Call, thrown: unknown, entered: number): Promise<unknown> {
    const { outer, connector } = this.#parts
    const error = classify(connector, call, thrown)
    if (call.decisions !== undefined && error.connector === call.scope.connector) error.decisions = call.decisions
    const rescue = this.#recovers && !call.ended ? await this.#recover(call, error, entered) : undefined
    for (let index = entered - 1; index >= 0; index--) {
      ;(outer[index] as Gate).leave?.(call, rescue === undefined ? error : undefined, rescue?.value)
    }
    this.#parts.ended()
    if (rescue !== undefined) return rescue.value
    throw passesThrough(call, thrown) ? thrown : error
  }

  async #recover(call: Call, error: PatchbayError, entered: number): Promise<Answer | undefined> {
    for (let index = entered - 1; index >= 0; index--) {
      const answer = await (this.#parts.outer[index] as Gate).recover?.(call, error)
      if (answer !== undefined) return new Answer(await answer.value)
    }
    return undefined
  }
}
