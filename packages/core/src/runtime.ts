import { type Clock, type Random, systemClock, systemRandom } from './clock.ts'
import { DeadlineWheel } from './deadline-wheel.ts'
import type { Store } from './store.ts'

/**
 * What connections of one process share: the clock, randomness, one deadline wheel, and what policies keep per host and tenant
 * (budgets, tokens). Connections use one default runtime unless they are given their own.
 */
export class Runtime {
  readonly clock: Clock
  readonly random: Random
  readonly wheel: DeadlineWheel
  readonly store: Store | undefined
  readonly #kept = new Map<string, unknown>()

  constructor(
    options: {
      readonly clock?: Clock | undefined
      readonly random?: Random | undefined
      readonly store?: Store | undefined
    } = {},
  ) {
    this.clock = options.clock ?? systemClock
    this.random = options.random ?? systemRandom
    this.store = options.store
    this.wheel = new DeadlineWheel(this.clock)
  }

  /** The one object under `key`, made at first use: how policies share state between connections. */
  keep<T>(key: string, make: () => T): T {
    if (!this.#kept.has(key)) this.#kept.set(key, make())
    return this.#kept.get(key) as T
  }
}

let standard: Runtime | undefined

/** The runtime of connections that were given none. */
export function defaultRuntime(): Runtime {
  standard ??= new Runtime()
  return standard
}
