import type { Random } from '../clock.ts'
import type { KeyProvider, WrappedKey } from './key-provider.ts'

interface DataKey extends WrappedKey {
  readonly key: Uint8Array
}

interface SealingKey {
  readonly made: Promise<DataKey>
  left: number
}

/** Tenants and purposes whose data key is kept for sealing; of further ones the key not used longest is forgotten. */
const mostGroups = 1_000

export interface DataKeyRules {
  readonly valuesPerDataKey: number
  /** Unwrapped keys kept for opening. */
  readonly kept: number
  readonly bytes: number
}

/** Data keys in use. */
export class DataKeys {
  readonly #provider: KeyProvider
  readonly #random: Random
  readonly #rules: DataKeyRules
  /** Oldest use first. */
  readonly #sealing = new Map<string, SealingKey>()
  /** Oldest use first. */
  readonly #opened = new Map<string, Uint8Array>()

  constructor(provider: KeyProvider, random: Random, rules: DataKeyRules) {
    this.#provider = provider
    this.#random = random
    this.#rules = rules
  }

  async forSealing(context: Uint8Array): Promise<DataKey> {
    const { valuesPerDataKey } = this.#rules
    if (valuesPerDataKey === 1) return this.#make(context)
    const group = Buffer.from(context).toString('latin1')
    const entry = this.#sealing.get(group) ?? { made: this.#make(context), left: valuesPerDataKey }
    // Counted before anything is awaited, so that concurrent callers cannot overrun the limit.
    entry.left--
    this.#used(group, entry)
    let made: DataKey
    try {
      made = await entry.made
    } catch (error) {
      if (this.#sealing.get(group) === entry) this.#sealing.delete(group)
      throw error
    }
    if (made.keyId === (await this.#provider.currentKeyId())) return made
    // The master key was rotated since.
    if (this.#sealing.get(group) === entry) this.#sealing.delete(group)
    return this.forSealing(context)
  }

  /** Keys that are used up, or whose group seals no more, must not stay in memory: tenants come and go. */
  #used(group: string, entry: SealingKey): void {
    this.#sealing.delete(group)
    if (entry.left > 0) this.#sealing.set(group, entry)
    const [oldest] = this.#sealing.keys()
    if (this.#sealing.size > mostGroups && oldest !== undefined) this.#sealing.delete(oldest)
  }

  async forOpening(wrapped: WrappedKey, context: Uint8Array): Promise<Uint8Array | undefined> {
    if (this.#rules.kept === 0) return this.#provider.unwrap(wrapped, context)
    const name = JSON.stringify([
      wrapped.keyId,
      ...[wrapped.wrapped, context].map((part) => Buffer.from(part).toString('base64')),
    ])
    const known = this.#opened.get(name)
    const key = known ?? (await this.#provider.unwrap(wrapped, context))
    if (key === undefined) return undefined
    this.#opened.delete(name)
    this.#opened.set(name, key)
    if (this.#opened.size > this.#rules.kept) this.#opened.delete(this.#opened.keys().next().value as string)
    return key
  }

  async #make(context: Uint8Array): Promise<DataKey> {
    const key = this.#random.bytes(this.#rules.bytes)
    return { key, ...(await this.#provider.wrap(key, context)) }
  }
}
