import { Fault } from '../errors.ts'
import type { Store, Version } from '../store.ts'

/** What is stored under a key. */
export interface IdempotencyRecord {
  /** `running`: somebody is at it until `until`. `unknown`: it ended without telling whether the effect happened. */
  readonly state: 'running' | 'done' | 'unknown'
  /** Hash of operation and input; of the operation alone when the input is no plain data. */
  readonly fingerprint: string
  /** Wall time in milliseconds by which the running call has ended, or has died. */
  readonly until: number
  /** The answer, when it could be kept. */
  readonly result?: { readonly value: unknown }
}

export interface StoredRecord {
  readonly record: IdempotencyRecord
  readonly version: Version
}

/** The records of one store. Every change demands that nobody else has changed it meanwhile. */
export class IdempotencyRecords {
  readonly #store: Store

  constructor(store: Store) {
    this.#store = store
  }

  async get(name: string): Promise<StoredRecord | undefined> {
    const entry = await this.#store.get(name)
    if (entry === undefined) return undefined
    try {
      return { record: JSON.parse(entry.value) as IdempotencyRecord, version: entry.version }
    } catch (cause) {
      const message = 'a stored idempotency record could not be read; nothing was sent'
      throw new Fault({ kind: 'unexpected', code: 'idempotency-record', sent: 'none', message, cause })
    }
  }

  /** The new version, or undefined when somebody was faster. */
  async put(
    name: string,
    record: IdempotencyRecord,
    ifVersion: Version | 'absent',
    ttlMs: number,
  ): Promise<Version | undefined> {
    const [result] = await this.#store.write([
      [{ kind: 'put', key: name, value: JSON.stringify(record), ifVersion, ttlMs }],
    ])
    return result?.applied === true ? result.versions[0] : undefined
  }

  async delete(name: string, ifVersion?: Version): Promise<void> {
    await this.#store.write([[{ kind: 'delete', key: name, ifVersion }]])
  }
}
