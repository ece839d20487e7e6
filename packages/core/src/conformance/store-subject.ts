import type { Store, Version, Write, WriteResult } from '../store.ts'
import type { Check } from './check.ts'

/** What a harness opens for one check: a store over an empty namespace, used by nobody else. */
export interface StoreSubject {
  readonly store: Store
  /**
   * Another handle on the same data, as another process would have. Leave it out for a store that lives in one process, and with it
   * the ability `second-handle`. The harness closes what was opened here.
   */
  readonly open?: (() => Promise<Store>) | undefined
  /** Lets `ms` pass on the clock that the engine expires entries by: moves a fake clock, or really waits. */
  pass(ms: number): Promise<void>
}

export type StoreCheck = Check<StoreSubject>

/** A check on the store alone. */
export function storeCheck(name: string, run: (subject: StoreSubject) => Promise<void>): StoreCheck {
  return { name, effect: 'write', needs: [], run }
}

/** A check that also needs a second handle, see {@link StoreSubject.open}. */
export function sharedStoreCheck(name: string, run: (store: Store, other: Store) => Promise<void>): StoreCheck {
  return {
    name,
    effect: 'write',
    needs: ['second-handle'],
    async run({ store, open }) {
      if (open === undefined) throw new Error('the harness opens no second handle, which this check needs')
      await run(store, await open())
    },
  }
}

/** Applies one group and gives what became of it. */
export async function writeOne(store: Store, ...group: readonly Write[]): Promise<WriteResult> {
  const results = await store.write([group])
  const [result] = results
  if (results.length !== 1 || result === undefined) throw new Error(`one group, but ${results.length} results`)
  return result
}

/** Puts without a condition and gives the version. */
export async function put(store: Store, key: string, value: string, ttlMs?: number): Promise<Version> {
  return versionOf(await writeOne(store, { kind: 'put', key, value, ttlMs }))
}

export async function append(store: Store, log: string, value: string): Promise<number> {
  return Number(versionOf(await writeOne(store, { kind: 'append', log, value })))
}

export function versionOf(result: WriteResult): Version {
  if (!result.applied) throw new Error(`the group was to apply, but condition ${result.conflict} failed`)
  const [version] = result.versions
  if (version === undefined) throw new Error('an applied group gave no version')
  return version
}

export async function readValue(store: Store, key: string): Promise<string | undefined> {
  return (await store.get(key))?.value
}
