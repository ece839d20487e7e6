import type { Scope } from '../call.ts'
import type { Store } from '../store.ts'
import { Snapshot } from './cache-entries.ts'
import { sha256 } from './canonical-json.ts'

/** Larger answers stay in this process. */
const mostCharacters = 1_000_000

interface Stored {
  readonly at: number
  readonly value: unknown
}

/** Answers in a Store, for several processes. What goes wrong with it is a notice and never the end of a call. */
export class CacheStore {
  readonly #store: Store
  readonly #scope: Scope
  readonly #prefix: string

  constructor(store: Store, partition: string, scope: Scope) {
    this.#store = store
    this.#scope = scope
    this.#prefix = JSON.stringify([partition, scope.connector, scope.target])
  }

  /** The answer and its age in milliseconds by the wall clock, the only one that processes share. */
  async get(
    key: string,
    freeze: boolean,
  ): Promise<{ readonly snapshot: Snapshot; readonly ageMs: number } | undefined> {
    try {
      const entry = await this.#store.get(this.#name(key))
      if (entry === undefined) return undefined
      const { at, value } = JSON.parse(entry.value) as Stored
      const snapshot = Snapshot.of(value, freeze)
      return snapshot === undefined ? undefined : { snapshot, ageMs: Math.max(0, this.#scope.clock.now() - at) }
    } catch (error) {
      this.#tell('read', error)
      return undefined
    }
  }

  /** Begins to write and returns: nobody waits for a cache. */
  put(key: string, snapshot: Snapshot, ttlMs: number): void {
    if (!snapshot.json) return
    const value = JSON.stringify({ at: this.#scope.clock.now(), value: snapshot.read() } satisfies Stored)
    if (value.length > mostCharacters) return
    const write = async (): Promise<void> => {
      await this.#store.write([
        [{ kind: 'put', key: this.#name(key), value, ttlMs: Number.isFinite(ttlMs) ? ttlMs : undefined }],
      ])
    }
    write().catch((error: unknown) => this.#tell('written', error))
  }

  #name(key: string): string {
    return `cache/${sha256(`${this.#prefix}\n${key}`)}`
  }

  #tell(what: string, error: unknown): void {
    const { events, connection } = this.#scope
    const reason = error instanceof Error ? error.message : 'unknown'
    events.emit('notice', {
      connection,
      code: 'cache-store',
      message: `a cached answer could not be ${what}: ${reason}`,
    })
  }
}
