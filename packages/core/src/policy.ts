import type { Call } from './call.ts'
import type { PolicyName } from './decision.ts'
import type { PatchbayError } from './errors.ts'
import type { OperationSpec } from './operation-spec.ts'
import type { RateFeedback } from './rate-feedback.ts'

/** Ends the call at once with this value instead of running what lies inside the policy. */
export class Answer {
  readonly value: unknown

  constructor(value: unknown) {
    this.value = value
  }
}

/** How the part of a call inside a policy ended. `error` is undefined on success. */
export type Outcome = PatchbayError | undefined

/**
 * A policy as the call path runs it: a gate that is entered before and left after what lies inside it. Gates outside `retry` see a
 * call once, gates inside it once per attempt. Between calls a gate holds only what its policy is about (tokens, counts, a queue).
 *
 * - `enter` may let through (undefined), wait (a promise; it must end when the call is cancelled: see {@link Call.onCancel}), refuse
 *   (throw a Fault) or give an {@link Answer}. When it throws or answers, its own `leave` is not called.
 * - `leave` runs once for each `enter` that let through, in reverse order, and must not throw.
 * - `recover` may turn a failure into an Answer (stale-if-error).
 */
export interface Gate {
  readonly name: PolicyName
  /** The settings in force, for `connection.$policies` and the UI. Plain data, no secrets. */
  readonly settings: Readonly<Record<string, unknown>>
  /** Asked once per operation when the connection is made; false leaves the gate out of that operation's path. Default: true. */
  appliesTo?(spec: OperationSpec): boolean
  /** The gate behind this one, once its code is there: paths that are made from then on take it instead. */
  readonly current?: Gate | undefined
  /** Loads what a first call might have to wait for; it may reject, and the call then loads it itself. Default: there is nothing. */
  ready?(): Promise<unknown>
  /** Told when a call has to wait for something outside this gate, so before it is entered. May refuse (throw a Fault): the wait is then given up. */
  expect?(call: Call): void
  enter?(call: Call): undefined | Answer | Promise<undefined | Answer>
  leave?(call: Call, error: Outcome, value: unknown): void
  recover?(call: Call, error: PatchbayError): undefined | Answer | Promise<undefined | Answer>
  /** What the vendor said about its limits in an answer to this call; may come before or after `leave`. */
  feedback?(call: Call, feedback: RateFeedback): void
}
