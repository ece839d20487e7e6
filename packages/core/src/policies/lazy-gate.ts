import type { Call } from '../call.ts'
import type { PolicyName } from '../decision.ts'
import type { PatchbayError } from '../errors.ts'
import type { Lazy } from '../lazy.ts'
import type { OperationSpec } from '../operation-spec.ts'
import type { Answer, Gate, Outcome } from '../policy.ts'
import { load, partFor, prefetch } from './lazy-part.ts'

export interface LazyGateParts<Code, Inner extends Gate> {
  readonly name: PolicyName
  readonly settings: Readonly<Record<string, unknown>>
  /** The module; one per process, so that the gates of later connections find it there. */
  readonly code: Lazy<Code>
  readonly make: (code: Code) => Inner
  readonly appliesTo?: (spec: OperationSpec) => boolean
}

/**
 * A gate whose code is loaded when the first call enters, or before by {@link LazyGate.ready}. Calls that come meanwhile wait, unless
 * they are given up; all of them go on in the order in which they came. From then on it is the gate itself, one property read away.
 */
export class LazyGate<Code, Inner extends Gate> implements Gate {
  readonly name: PolicyName
  readonly settings: Readonly<Record<string, unknown>>
  readonly #parts: LazyGateParts<Code, Inner>
  #gate: Inner | undefined

  constructor(parts: LazyGateParts<Code, Inner>) {
    this.name = parts.name
    this.settings = parts.settings
    this.#parts = parts
  }

  /** The gate itself, once its code is there. */
  get current(): Inner | undefined {
    const { code, make } = this.#parts
    if (this.#gate === undefined && code.current !== undefined) this.#gate = make(code.current)
    return this.#gate
  }

  appliesTo(spec: OperationSpec): boolean {
    const applies = this.#parts.appliesTo?.(spec) ?? true
    // The gate stands in the way of an operation: whoever calls it first should not have to wait.
    if (applies) prefetch(this.#parts.code)
    return applies
  }

  async ready(): Promise<Inner> {
    const { code, name } = this.#parts
    await load(name, code)
    const gate = this.current as Inner
    await gate.ready?.()
    return gate
  }

  enter(call: Call): undefined | Answer | Promise<undefined | Answer> {
    const gate = this.#gate ?? this.current
    return gate === undefined ? this.#enterLate(call) : gate.enter?.(call)
  }

  leave(call: Call, error: Outcome, value: unknown): void {
    this.#gate?.leave?.(call, error, value)
  }

  recover(call: Call, error: PatchbayError): undefined | Answer | Promise<undefined | Answer> {
    return this.#gate?.recover?.(call, error)
  }

  async #enterLate(call: Call): Promise<undefined | Answer> {
    await partFor(call, this.name, this.#parts.code)
    return this.current?.enter?.(call)
  }
}
