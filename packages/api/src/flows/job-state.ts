import { type PatchbayError, patchbayError, type Store, type Version } from '@patchbay/core'
import { type FlowConnection, refused } from './flow-run.ts'

/** The state of one job in a store, written with compare-and-set: of two processes that run the same job, the later one stops. */
export class JobState<State extends object> {
  readonly #store: Store
  readonly #key: string
  #version: Version | undefined
  #state: State | undefined

  constructor(connection: FlowConnection, store: Store | undefined, key: string) {
    const found = store ?? connection.$scope.store
    if (found === undefined)
      throw refused('store', 'give a store that keeps the state of the job, here or to connect()', 'config')
    if (key === '' || Buffer.byteLength(key) > 480) throw refused('key', 'give 1 to 480 bytes')
    this.#store = found
    this.#key = key
  }

  async load(): Promise<State | undefined> {
    const entry = await this.#store.get(this.#key)
    this.#version = entry?.version
    this.#state = entry === undefined ? undefined : (JSON.parse(entry.value) as State)
    return this.#state
  }

  /** @throws PatchbayError `conflict`, code `job-moved` */
  async save(state: State): Promise<State> {
    const value = JSON.stringify(state)
    const write = { kind: 'put', key: this.#key, value, ifVersion: this.#version ?? 'absent' } as const
    const [result] = await this.#store.write([[write]])
    if (result?.applied !== true) throw moved(this.#key)
    this.#version = result.versions[0]
    // What a later process will read, so that both see the same.
    this.#state = JSON.parse(value) as State
    return this.#state
  }

  /** Deletes the state: the next run begins anew. */
  async forget(): Promise<void> {
    await this.load()
    if (this.#version === undefined) return
    const [result] = await this.#store.write([[{ kind: 'delete', key: this.#key, ifVersion: this.#version }]])
    if (result?.applied !== true) throw moved(this.#key)
  }
}

function moved(key: string): PatchbayError {
  const message = `another process works on the job ${key}; run it again to go on from where that one is`
  return patchbayError({ kind: 'conflict', code: 'job-moved', message })
}

/** The vendor says that its job failed. */
export function jobFailed(reason: string): PatchbayError {
  const message = `the vendor's job failed: ${reason}`
  return patchbayError({ kind: 'unexpected', code: 'job-failed', sent: 'all', message })
}
