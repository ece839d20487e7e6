import type { Cancel, Clock, Random } from '../../clock.ts'
import type { Store, Version } from '../../store.ts'

export interface OwnershipOptions {
  readonly ttlMs: number
  readonly clock: Clock
  readonly random: Random
  /** Called once, when the lease went to somebody else or could not be renewed in time. */
  readonly onLost: () => void
}

/**
 * Being the one active consumer of a queue: an entry that expires unless it is renewed. It keeps two from doing the same work; that two
 * never settle the same item is the conditional writes' part, so a clock that runs wild costs work and no correctness.
 */
export class Ownership {
  readonly #store: Store
  readonly #key: string
  readonly #owner: string
  readonly #options: OwnershipOptions
  #version: Version
  #validUntil: number
  #stopTimer: Cancel | undefined
  #ended = false

  /** Takes the lease when it is free; undefined when somebody has it. */
  static async acquire(store: Store, key: string, options: OwnershipOptions): Promise<Ownership | undefined> {
    const owner = options.random.uuid()
    const asked = options.clock.monotonic()
    const [result] = await store.write([
      [{ kind: 'put', key, value: owner, ifVersion: 'absent', ttlMs: options.ttlMs }],
    ])
    if (result?.applied !== true) return undefined
    return new Ownership(store, key, owner, options, result.versions[0] as Version, asked)
  }

  private constructor(
    store: Store,
    key: string,
    owner: string,
    options: OwnershipOptions,
    version: Version,
    asked: number,
  ) {
    this.#store = store
    this.#key = key
    this.#owner = owner
    this.#options = options
    this.#version = version
    this.#validUntil = asked + options.ttlMs
    this.#schedule()
  }

  async release(): Promise<void> {
    this.#end()
    await this.#store.write([[{ kind: 'delete', key: this.#key, ifVersion: this.#version }]])
  }

  #schedule(): void {
    const { clock, ttlMs } = this.#options
    this.#stopTimer = clock.timer(ttlMs / 3, () => void this.#renew(), { keepAlive: false })
  }

  async #renew(): Promise<void> {
    const { clock, ttlMs, onLost } = this.#options
    const asked = clock.monotonic()
    let outcome: 'renewed' | 'lost' | 'unknown' = 'unknown'
    try {
      const change = { kind: 'put', key: this.#key, value: this.#owner, ifVersion: this.#version, ttlMs } as const
      const [result] = await this.#store.write([[change]])
      outcome = result?.applied === true ? 'renewed' : 'lost'
      if (result?.applied === true) this.#version = result.versions[0] as Version
      else if (await this.#stillOurs()) outcome = 'renewed'
    } catch {
      // The store does not answer: the lease holds as long as it was given, and not a moment longer.
    }
    if (this.#ended) return
    if (outcome === 'renewed') this.#validUntil = asked + ttlMs
    if (outcome === 'lost' || clock.monotonic() >= this.#validUntil) {
      this.#end()
      onLost()
    } else this.#schedule()
  }

  /** An earlier renewal may have been written although its failure was reported. */
  async #stillOurs(): Promise<boolean> {
    const entry = await this.#store.get(this.#key)
    if (entry?.value !== this.#owner) return false
    this.#version = entry.version
    return true
  }

  #end(): void {
    this.#ended = true
    this.#stopTimer?.()
  }
}
