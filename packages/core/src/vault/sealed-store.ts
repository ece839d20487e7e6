import type { LogRecord, Store, StoredEntry, Write } from '../store.ts'
import { checkGroups, storeClosed } from '../stores/arguments.ts'
import type { Vault, VaultContext } from './vault.ts'

/**
 * A store whose values are sealed by `vault`. Keys, compare-and-set, TTL, order and logs work as before. Each value is bound to its key
 * (a record to its log), so whoever can write to the inner store can neither read, alter nor move values.
 *
 * What still shows there: keys and log names, the size of each value, when it was written and how often. What can still be done there:
 * putting back an older value of the same key, deleting, and changing the order of a log's records.
 */
export function sealedStore(store: Store, vault: Vault, options: { readonly tenant?: string | undefined } = {}): Store {
  const { tenant } = options
  const entryContext = (key: string): VaultContext => ({ purpose: 'store-value', key, tenant })
  const logContext = (key: string): VaultContext => ({ purpose: 'store-log', key, tenant })

  const sealWrite = async (write: Write): Promise<Write> => {
    if (write.kind === 'put') return { ...write, value: await vault.seal(write.value, entryContext(write.key)) }
    if (write.kind === 'append') return { ...write, value: await vault.seal(write.value, logContext(write.log)) }
    return write
  }
  const openEntry = async (entry: StoredEntry): Promise<StoredEntry> => {
    return { ...entry, value: await vault.open(entry.value, entryContext(entry.key)) }
  }

  // Sealing takes a moment before the inner store hears of a call, so its own waiting at the end does not suffice.
  const underWay = new Set<Promise<unknown>>()
  let closing: Promise<void> | undefined
  const track = <T>(task: () => Promise<T>): Promise<T> => {
    if (closing !== undefined) return Promise.reject(storeClosed())
    const work = task()
    const forget = (): void => {
      underWay.delete(work)
    }
    underWay.add(work)
    work.then(forget, forget)
    return work
  }

  return {
    get: (key) =>
      track(async () => {
        const entry = await store.get(key)
        return entry === undefined ? undefined : openEntry(entry)
      }),
    write: (groups) =>
      track(async () => {
        checkGroups(groups)
        return store.write(await Promise.all(groups.map((group) => Promise.all(group.map(sealWrite)))))
      }),
    list: (prefix, range) => track(async () => Promise.all((await store.list(prefix, range)).map(openEntry))),
    read: (log, after, limit) =>
      track(async () => {
        const open = async (record: LogRecord): Promise<LogRecord> => {
          return { ...record, value: await vault.open(record.value, logContext(log)) }
        }
        return Promise.all((await store.read(log, after, limit)).map(open))
      }),
    trim: (log, upTo) => track(() => store.trim(log, upTo)),
    close() {
      closing ??= Promise.allSettled(underWay).then(() => store.close())
      return closing
    },
  }
}
