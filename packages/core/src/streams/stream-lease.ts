import type { Clock, Random } from '../clock.ts'
import { patchbayError } from '../errors.ts'
import type { Store, Version, Write } from '../store.ts'

export interface LeaseOptions {
  /** How long a reader that died keeps others out, in milliseconds. */
  readonly ms: number
}

/**
 * Keeps a second reader from doing the same work. Correctness does not rest on it, the cursor's compare-and-set does that: the lease is
 * renewed in the same atomic group as the cursor.
 */
export class StreamLease {
  readonly #store: Store
  readonly #key: string
  readonly #ms: number
  readonly #clock: Clock
  readonly #owner: string
  #version: Version | undefined
  #renewAt = 0

  constructor(
    store: Store,
    key: string,
    options: LeaseOptions,
    env: { readonly clock: Clock; readonly random: Random },
  ) {
    this.#store = store
    this.#key = `${key}/lease`
    this.#ms = options.ms
    this.#clock = env.clock
    this.#owner = env.random.uuid()
  }

  /** @throws PatchbayError `conflict`, to be tried later, while another reader holds it. */
  async acquire(): Promise<void> {
    const [result] = await this.#store.write([[this.#put('absent')]])
    if (result?.applied !== true) {
      const message = `another reader works on this stream; its lease ends within ${this.#ms} ms of its last sign of life`
      throw patchbayError({ kind: 'conflict', code: 'stream-leased', retry: 'later', retryAfterMs: this.#ms, message })
    }
    this.renewed(result.versions[0] as Version)
  }

  /** The renewal, for a group of writes. */
  write(): Write {
    return this.#put(this.#version ?? 'absent')
  }

  /** Takes the version that the renewal got. */
  renewed(version: Version): void {
    this.#version = version
    this.#renewAt = this.#clock.monotonic() + this.#ms / 2
  }

  get due(): boolean {
    return this.#clock.monotonic() >= this.#renewAt
  }

  async release(): Promise<void> {
    const version = this.#version
    this.#version = undefined
    if (version !== undefined) await this.#store.write([[{ kind: 'delete', key: this.#key, ifVersion: version }]])
  }

  #put(ifVersion: Version | 'absent'): Write {
    return { kind: 'put', key: this.#key, value: this.#owner, ifVersion, ttlMs: this.#ms }
  }
}
