import { copyFrozen, copyPlain } from './plain-copy.ts'

/** A stored value that no caller can change. */
export class Snapshot {
  readonly bytes: number
  readonly json: boolean
  readonly #value: unknown
  readonly #frozen: boolean

  private constructor(value: unknown, bytes: number, json: boolean, frozen: boolean) {
    this.#value = value
    this.bytes = bytes
    this.json = json
    this.#frozen = frozen
  }

  /** Undefined when the value cannot be shared: a stream, an instance of a class, a cycle. */
  static of(value: unknown, freeze: boolean): Snapshot | undefined {
    const frozen = freeze ? copyFrozen(value) : undefined
    const copy = frozen ?? copyPlain(value)
    return copy === undefined ? undefined : new Snapshot(copy.value, copy.bytes, copy.json, frozen !== undefined)
  }

  /** For one caller: a copy of its own, or the frozen value that all share. */
  read(): unknown {
    return this.#frozen ? this.#value : copyPlain(this.#value)?.value
  }
}

export interface Entry {
  readonly snapshot: Snapshot
  /** Monotonic milliseconds of the answer. */
  readonly at: number
  /** How many writes its noun had seen when the read began. */
  readonly writes: number
}

/** The least recently used go first when there are too many, or they hold too much. */
export class Entries {
  readonly #entries = new Map<string, Entry>()
  readonly #maxEntries: number
  readonly #maxBytes: number
  #bytes = 0

  constructor(maxEntries: number, maxBytes: number) {
    this.#maxEntries = maxEntries
    this.#maxBytes = maxBytes
  }

  get size(): number {
    return this.#entries.size
  }

  get bytes(): number {
    return this.#bytes
  }

  get(key: string): Entry | undefined {
    const entry = this.#entries.get(key)
    if (entry === undefined) return undefined
    this.#entries.delete(key)
    this.#entries.set(key, entry)
    return entry
  }

  put(key: string, entry: Entry): void {
    this.delete(key)
    const bytes = weight(key, entry)
    if (bytes > this.#maxBytes) return
    this.#entries.set(key, entry)
    this.#bytes += bytes
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size <= this.#maxEntries && this.#bytes <= this.#maxBytes) return
      this.delete(oldest)
    }
  }

  delete(key: string): void {
    const entry = this.#entries.get(key)
    if (entry === undefined) return
    this.#entries.delete(key)
    this.#bytes -= weight(key, entry)
  }

  clear(): void {
    this.#entries.clear()
    this.#bytes = 0
  }
}

function weight(key: string, { snapshot }: Entry): number {
  return 2 * key.length + snapshot.bytes + 64
}
