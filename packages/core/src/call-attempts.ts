import type { Call } from './call.ts'
import { classify, passesThrough } from './classify.ts'
import type { PatchbayError } from './errors.ts'
import type { PathParts } from './path-parts.ts'
import type { Hedger } from './policies/hedge.ts'
import type { Answer, Gate } from './policy.ts'
import { validate } from './schema.ts'

/** The attempts of calls of one operation: the gates inside retry, the operation itself, and what follows a failure. */
export class Attempts {
  readonly #parts: PathParts

  constructor(parts: PathParts) {
    this.#parts = parts
  }

  /** The first attempt. Nothing but its own promise when nothing has to wait; it may throw synchronously. */
  first(call: Call): Promise<unknown> {
    const { retry } = this.#parts
    const hedger = retry?.hedger?.current
    // The closures of a hedge stand in a function of their own: here they would cost every call.
    return hedger === undefined ? this.#start(call) : this.#hedged(call, hedger)
  }

  accept(outcome: unknown): unknown {
    return validate(this.#parts.operation.spec.output, outcome, 'protocol', 'the answer')
  }

  durationOf(call: Call): number {
    return call.scope.clock.monotonic() - call.attemptStartedAt
  }

  /** Leaves the gates of an attempt that is over. */
  leave(call: Call, error: PatchbayError | undefined, value: unknown): void {
    call.generation++
    const { gatesEntered } = call
    call.gatesEntered = 0
    // Its copies have left their gates and told their ends already.
    if (gatesEntered === -1) return
    const { inner } = this.#parts
    for (let index = gatesEntered - 1; index >= 0; index--) (inner[index] as Gate).leave?.(call, error, value)
    const { events } = call.scope
    if (events.listening && call.attempt > 0) {
      events.emit('attempt-end', { ...call.facts(), attempt: call.attempt, durationMs: this.durationOf(call), error })
    }
  }

  fail(call: Call, thrown: unknown): PatchbayError {
    const error = classify(this.#parts.connector, call, thrown)
    const { sent } = error
    const whole = call.parent ?? call
    if (sent === 'all' || (sent === 'maybe' && whole.leftBefore === undefined)) whole.leftBefore = sent
    this.leave(call, error, undefined)
    return error
  }

  /** What follows a first failure. */
  async again(call: Call, firstThrown: unknown, firstError: PatchbayError): Promise<unknown> {
    const { retry } = this.#parts
    if (retry === undefined || call.ended || passesThrough(call, firstThrown)) throw firstThrown
    const loop = retry.loop.current ?? (await retry.loop().catch(() => undefined))
    // Who cannot load the loop knows at least why the first attempt failed.
    if (loop === undefined) throw firstThrown
    return loop.tryAgain(call, {
      thrown: firstThrown,
      error: firstError,
      rules: retry.rules,
      typicalMs: retry.typicalMs,
      budget: retry.budgetOf(call),
      run: async () => {
        const value = await this.#raced(call, true)
        this.leave(call, undefined, value)
        return value
      },
      fail: (thrown) => this.fail(call, thrown),
    })
  }

  /** Enters the inner gates and runs the operation; synchronous up to the operation's own promise when nothing has to wait. */
  #start(call: Call): Promise<unknown> {
    const { inner, client } = this.#parts
    const { parent } = call
    call.attempt = parent === undefined ? call.attempt + 1 : ++parent.attempt
    // The first attempt of a call that waited for nothing starts with the call: a look at the clock less.
    if (call.attempt > 1 || call.waited) {
      call.attemptStartedAt = call.scope.clock.monotonic()
      // After a stall of the event loop the wheel may not have told it yet.
      if (call.attemptStartedAt >= call.deadlineAt) call.expire()
    }
    const { events } = call.scope
    if (events.listening) events.emit('attempt-start', { ...call.facts(), attempt: call.attempt })
    const current = client.current
    if (current === undefined) return this.#startSlowly(call, 0)
    for (let index = 0; index < inner.length; index++) {
      const entering = (inner[index] as Gate).enter?.(call)
      if (entering !== undefined) return this.#startSlowly(call, index, entering)
      call.gatesEntered = index + 1
    }
    return this.#send(call, current)
  }

  #send(call: Call, client: unknown): Promise<unknown> {
    // A listener to what the gates tell may have given the call up.
    if (call.ended) throw call.cancelReason
    call.sent = 'maybe'
    // The call itself, whose copies these are, may end before they do.
    if (call.parent !== undefined) call.parent.sent = 'maybe'
    return this.#parts.operation.run(client, call.input, call)
  }

  async #startSlowly(call: Call, from: number, pending?: Answer | Promise<undefined | Answer>): Promise<unknown> {
    const { inner, client } = this.#parts
    const { generation } = call
    let entering: undefined | Answer | Promise<undefined | Answer> = pending
    for (let index = from; index < inner.length; index++) {
      const gate = inner[index] as Gate
      entering ??= gate.enter?.(call)
      const answer = await entering
      entering = undefined
      if (answer !== undefined) return answer.value
      this.#demandCurrent(call, generation, gate)
      call.gatesEntered = index + 1
      call.attemptStartedAt = call.scope.clock.monotonic()
    }
    // Opening may take longer than this call has; the connection goes on opening for the others.
    const opened = client.current ?? (await client())
    if (call.timeLeft() <= 0) call.expire()
    this.#demandCurrent(call, generation)
    return this.#send(call, opened)
  }

  /** An attempt that was abandoned while it waited must not go on, and gives back what the gate has just granted. */
  #demandCurrent(call: Call, generation: number, gate?: Gate): void {
    if (call.generation === generation && call.cancelReason === undefined) return
    const reason = call.cancelReason ?? new Error('the attempt was abandoned')
    gate?.leave?.(call, classify(this.#parts.connector, call, reason), undefined)
    throw reason
  }

  /** One attempt's outcome, or the cancellation's reason if that comes first, whether or not the operation reacts to it. */
  #raced(call: Call, checked = false): Promise<unknown> {
    return new Promise((resolve, reject) => {
      if (call.ended) throw call.cancelReason
      const outcome = Promise.resolve(this.#start(call))
      const accepted = checked ? outcome.then((value) => this.accept(value)) : outcome
      const unlisten = call.onCancel(reject)
      accepted.then(resolve, reject).finally(unlisten)
    })
  }

  #hedged(call: Call, hedger: Hedger): Promise<unknown> {
    const { retry } = this.#parts
    return hedger.run(call, {
      budget: retry?.budgetOf(call),
      start: (one) => this.#start(one),
      raced: (copy) => this.#raced(copy),
      end: (copy, error, value) => {
        if (error === undefined) this.leave(copy, undefined, value)
        else this.fail(copy, error)
      },
    })
  }
}
