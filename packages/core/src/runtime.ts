import { type Clock, type Random, systemClock, systemRandom } from './clock.ts'
import { DeadlineWheel } from './deadline-wheel.ts'
import type { Store } from './store.ts'

/** So many of the states used last stay although no connection uses them: their tenant's next connection finds them as they were. */
const mostUnused = 10_000

/**
 * What connections of one process share: the clock, randomness, one deadline wheel, and what policies keep per host and tenant
 * (budgets, tokens). Connections use one default runtime unless they are given their own.
 */
export class Runtime {
  readonly clock: Clock
  readonly random: Random
  readonly wheel: DeadlineWheel
  readonly store: Store | undefined
  /** Oldest use first. */
  readonly #recent = new Map<string, object>()
  /** Those used longer ago, for as long as a connection holds them. */
  readonly #others = new Map<string, WeakRef<object>>()
  readonly #gone = new FinalizationRegistry<string>((key) => {
    if (this.#others.get(key)?.deref() === undefined) this.#others.delete(key)
  })

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

  /**
   * The one object under `key`, made at first use: how policies share state between connections. It stays while a connection holds it; of
   * the others, the 10 000 used last, so that a process which sees ever new tenants does not grow for ever.
   */
  keep<T extends object>(key: string, make: () => T): T {
    const recent = this.#recent
    const value = recent.get(key) ?? this.#others.get(key)?.deref() ?? make()
    recent.delete(key)
    recent.set(key, value)
    this.#others.delete(key)
    if (recent.size > mostUnused) this.#retire()
    return value as T
  }

  #retire(): void {
    const [oldest] = this.#recent
    if (oldest === undefined) return
    const [key, value] = oldest
    this.#recent.delete(key)
    this.#others.set(key, new WeakRef(value))
    this.#gone.register(value, key)
  }
}

let standard: Runtime | undefined

/** The runtime of connections that were given none. */
export function defaultRuntime(): Runtime {
  standard ??= new Runtime()
  return standard
}
