import type { Call, Scope } from '../call.ts'
import type { OperationSpec } from '../operation-spec.ts'
import type { Gate, Outcome } from '../policy.ts'
import type { RateFeedback } from '../rate-feedback.ts'
import { type ThrottleGate, type ThrottleLimit, type ThrottleOptions, throttlePolicy } from './throttle.ts'

/**
 * The throttle of a connection: one gate for the limits that all operations share, and one for each group of limits that only some operations
 * count against, so that calls which wait for such a limit hold up no others.
 */
export function throttleGates(options: ThrottleOptions, scope: Scope): readonly Gate[] {
  const { limits = [] } = options
  const scoped = limits.filter(({ operations }) => operations !== undefined)
  if (scoped.length === 0) return [throttlePolicy(options, scope)]
  const names = new Set(scoped.map(({ name }) => name))
  const whole = limits.filter(({ operations }) => operations === undefined)
  const { shared, ...alone } = options
  const general = throttlePolicy({ ...(whole.length === 0 ? alone : options), limits: whole }, scope)
  const groups = Map.groupBy(scoped, ({ operations = [] }) => JSON.stringify(operations.toSorted()))
  const key = shared?.key ?? `${scope.target}/${scope.tenant ?? ''}`
  const gates = [...groups].map(([operations, group]) => {
    // What all operations share stands in the general gate.
    const { concurrency: _, ...rest } = alone
    const own = shared === undefined ? rest : { ...rest, shared: { ...shared, key: `${key}/${operations}` } }
    return new ScopedThrottle(throttlePolicy({ ...own, limits: group }, scope), group)
  })
  // The general one last: a call that waits for a limit of its own has taken nothing from the others.
  return [...gates, new DeafTo(general, names)]
}

/** Passes everything on to a throttle. */
class Delegate implements Gate {
  readonly name = 'throttle'
  protected readonly inner: ThrottleGate

  constructor(inner: ThrottleGate) {
    this.inner = inner
  }

  get settings(): Readonly<Record<string, unknown>> {
    return this.inner.settings
  }

  ready(): Promise<unknown> {
    return this.inner.ready?.() ?? Promise.resolve()
  }

  enter(call: Call): ReturnType<NonNullable<Gate['enter']>> {
    return this.inner.enter?.(call)
  }

  leave(call: Call, error: Outcome): void {
    this.inner.leave?.(call, error, undefined)
  }
}

/** The throttle of all operations does not hear what vendors say about limits of some. */
class DeafTo extends Delegate {
  readonly #names: ReadonlySet<string | undefined>

  constructor(inner: ThrottleGate, names: ReadonlySet<string | undefined>) {
    super(inner)
    this.#names = names
  }

  feedback(call: Call, told: RateFeedback): void {
    if (told.policy === undefined || !this.#names.has(told.policy)) this.inner.feedback?.(call, told)
  }
}

/** A throttle of some operations, which hears only of its own limits. */
class ScopedThrottle extends Delegate {
  readonly #operations: ReadonlySet<string>
  readonly #names: ReadonlySet<string | undefined>

  constructor(inner: ThrottleGate, limits: readonly ThrottleLimit[]) {
    super(inner)
    this.#operations = new Set(limits.flatMap(({ operations = [] }) => operations))
    this.#names = new Set(limits.map(({ name }) => name))
  }

  appliesTo({ name }: OperationSpec): boolean {
    return this.#operations.has(name)
  }

  feedback(call: Call, told: RateFeedback): void {
    if (told.policy !== undefined && this.#names.has(told.policy) && this.#operations.has(call.spec.name))
      this.inner.feedback?.(call, told)
  }
}
