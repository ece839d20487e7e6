import type { Call } from './call.ts'
import { Attempts } from './call-attempts.ts'
import { classify, passesThrough } from './classify.ts'
import type { PatchbayError } from './errors.ts'
import { listen } from './listen.ts'
import type { PathParts } from './path-parts.ts'
import { untilCancelled } from './policies/until-cancelled.ts'
import { Answer, type Gate } from './policy.ts'
import { isUnchecked, validate } from './schema.ts'

// A module-level pair instead of a closure per call: the executor runs synchronously, so nothing can come between.
let resolveLast: (value: unknown) => void
let rejectLast: (reason: unknown) => void
const capture = (resolve: (value: unknown) => void, reject: (reason: unknown) => void): void => {
  resolveLast = resolve
  rejectLast = reject
}

/**
 * The path of every call of one operation. While nothing has to wait and nothing fails, it is plain synchronous code up to the operation's
 * own promise and from there to the caller's: no async function, whose frame alone would cost as much as all gates. Gates are entered
 * outermost first and left in reverse. Everything dear begins with the first failure or wait.
 */
export class CallPath {
  readonly #parts: PathParts
  readonly #attempts: Attempts
  readonly #skipInput: boolean
  readonly #skipOutput: boolean
  readonly #recovers: boolean
  /** Where the gate stands that wants to know of waits before its turn; -1 without one. */
  readonly #deadline: number
  #sample = 0

  constructor(parts: PathParts) {
    this.#parts = parts
    this.#attempts = new Attempts(parts)
    this.#skipInput = isUnchecked(parts.operation.spec.input)
    this.#skipOutput = isUnchecked(parts.operation.spec.output)
    this.#recovers = parts.outer.some((gate) => gate.recover !== undefined)
    this.#deadline = parts.outer.findIndex(({ expect }) => expect !== undefined)
  }

  run(call: Call): Promise<unknown> {
    const promise = new Promise<unknown>(capture)
    call.resolve = resolveLast
    call.reject = rejectLast
    try {
      if (call.options.signal !== undefined) listen(call, call.options.signal)
      const checking = this.#skipInput ? undefined : this.#checkInput(call)
      if (checking === undefined) this.#enter(call)
      else void this.#enterSlowly(call, checking)
    } catch (thrown) {
      void this.#fail(call, thrown)
    }
    return promise
  }

  /** Called by a call that is given up while its attempt runs. */
  abandoned(call: Call, reason: unknown): void {
    this.#broke(call, reason)
  }

  #checkInput(call: Call): Promise<void> | undefined {
    const checked = this.#validated(call.input)
    if (checked instanceof Promise) {
      return checked.then((input) => {
        call.input = input
      })
    }
    call.input = checked
    return undefined
  }

  /** Callers may leave out an input whose every field may be left out. */
  #validated(input: unknown): unknown {
    const { input: schema } = this.#parts.operation.spec
    try {
      return validate(schema, input, 'invalid-input', 'the input')
    } catch (error) {
      if (input !== undefined) throw error
      return validate(schema, {}, 'invalid-input', 'the input')
    }
  }

  #enter(call: Call): void {
    const { outer } = this.#parts
    while (call.entered < outer.length) {
      const entering = (outer[call.entered] as Gate).enter?.(call)
      if (entering !== undefined) {
        void this.#enterSlowly(call, undefined, entering)
        return
      }
      call.entered++
    }
    this.#begin(call)
  }

  async #enterSlowly(
    call: Call,
    checking: Promise<void> | undefined,
    entering?: Answer | Promise<undefined | Answer>,
  ): Promise<void> {
    call.waited = true
    this.#expect(call)
    try {
      if (checking !== undefined) await untilCancelled(call, checking)
      const answer = entering instanceof Answer ? entering : await entering
      if (entering !== undefined && answer === undefined) call.entered++
      // Given up between the gate's yes and here: the gate is left like any other.
      if (call.ended) throw call.cancelReason
      if (answer === undefined) this.#enter(call)
      else this.#succeed(call, await answer.value)
    } catch (thrown) {
      // What nobody waits for any more may still fail.
      void Promise.allSettled([checking, entering])
      await this.#fail(call, thrown)
    }
  }

  /** The deadline holds for whatever a call waits for, also before its own turn comes. One that is refused ends that wait. */
  #expect(call: Call): void {
    try {
      if (call.entered < this.#deadline) this.#parts.outer[this.#deadline]?.expect?.(call)
    } catch (thrown) {
      call.cancel(thrown, true)
    }
  }

  #begin(call: Call): void {
    const { retry } = this.#parts
    retry?.budgetOf(call)?.deposit()
    let running: unknown
    try {
      if (call.ended) throw call.cancelReason
      running = this.#attempts.first(call)
    } catch (thrown) {
      this.#broke(call, thrown)
      return
    }
    call.path = this
    const promise = running instanceof Promise ? running : Promise.resolve(running)
    promise.then(
      (value) => {
        // Without a path the attempt was abandoned, and the call has gone on without it.
        if (call.path !== undefined) this.#arrived(call, value)
      },
      (error: unknown) => {
        if (call.path !== undefined) this.#broke(call, error)
      },
    )
    // Given up by the operation itself, or by a listener, while there was no path to tell.
    if (call.ended) this.#broke(call, call.cancelReason)
  }

  #arrived(call: Call, outcome: unknown): void {
    call.path = undefined
    let value = outcome
    if (!this.#skipOutput) {
      try {
        value = this.#attempts.accept(outcome)
      } catch (thrown) {
        this.#broke(call, thrown)
        return
      }
      if (value instanceof Promise) {
        void this.#acceptSlowly(call, value)
        return
      }
    }
    this.#finish(call, value)
  }

  async #acceptSlowly(call: Call, accepting: Promise<unknown>): Promise<void> {
    call.path = this
    let value: unknown
    try {
      value = await accepting
    } catch (thrown) {
      if (call.path !== undefined) this.#broke(call, thrown)
      return
    }
    // Without a path the check took longer than the attempt had.
    if (call.path === undefined) return
    call.path = undefined
    this.#finish(call, value)
  }

  #finish(call: Call, value: unknown): void {
    const { retry } = this.#parts
    if (retry !== undefined && (this.#sample++ & 15) === 0) retry.observe(this.#attempts.durationOf(call))
    this.#attempts.leave(call, undefined, value)
    this.#succeed(call, value)
  }

  #broke(call: Call, thrown: unknown): void {
    call.path = undefined
    const error = this.#attempts.fail(call, thrown)
    void this.#tryAgain(call, thrown, error)
  }

  async #tryAgain(call: Call, thrown: unknown, error: PatchbayError): Promise<void> {
    let value: unknown
    try {
      value = await this.#attempts.again(call, thrown, error)
    } catch (last) {
      await this.#fail(call, last)
      return
    }
    this.#succeed(call, value)
  }

  #succeed(call: Call, value: unknown): void {
    const { outer, ended } = this.#parts
    call.unlisten?.()
    for (let index = call.entered - 1; index >= 0; index--) (outer[index] as Gate).leave?.(call, undefined, value)
    ended()
    call.resolve(value)
  }

  async #fail(call: Call, thrown: unknown): Promise<void> {
    const { outer, connector, ended } = this.#parts
    call.unlisten?.()
    // Armed although the deadline's gate was not reached, when something before it had to wait.
    call.scope.runtime.wheel.disarm(call)
    const error = classify(connector, call, thrown)
    // A last attempt that did not get out says nothing about those before it.
    if (error.sent === 'none' && call.leftBefore !== undefined) error.sent = call.leftBefore
    if (call.decisions !== undefined && error.connector === call.scope.connector) error.decisions = call.decisions
    const rescue = this.#recovers && !call.ended ? await this.#recover(call, error) : undefined
    for (let index = call.entered - 1; index >= 0; index--) {
      ;(outer[index] as Gate).leave?.(call, rescue === undefined ? error : undefined, rescue?.value)
    }
    ended()
    if (rescue !== undefined) call.resolve(rescue.value)
    else call.reject(passesThrough(call, thrown) ? thrown : error)
  }

  async #recover(call: Call, error: PatchbayError): Promise<Answer | undefined> {
    for (let index = call.entered - 1; index >= 0; index--) {
      try {
        const answer = await (this.#parts.outer[index] as Gate).recover?.(call, error)
        if (answer !== undefined) return new Answer(await answer.value)
      } catch {
        // What cannot be recovered stays the failure that it was.
      }
    }
    return undefined
  }
}
