import { type Clock, systemClock } from '../clock.ts'
import type { LogRecord, Store, StoredEntry, WriteGroup, WriteResult } from '../store.ts'
import { checkGroups, checkKey, checkLimit, checkList, checkOffset, storeClosed } from './arguments.ts'
import { firstConflict } from './conditions.ts'

interface Kept {
  readonly entry: StoredEntry
  /** Monotonic milliseconds. */
  readonly expiresAt: number
}

interface Log {
  last: number
  records: LogRecord[]
}

export interface MemoryStoreOptions {
  readonly clock?: Clock | undefined
}

/** The reference: state of this process, gone with it. For tests, and for hosts that need nothing to survive. */
export function memoryStore(options: MemoryStoreOptions = {}): Store {
  return new MemoryStore(options.clock ?? systemClock)
}

class MemoryStore implements Store {
  readonly #clock: Clock
  readonly #entries = new Map<string, Kept>()
  readonly #logs = new Map<string, Log>()
  #sequence = 0
  #sweepAt = 1024
  #closed = false

  constructor(clock: Clock) {
    this.#clock = clock
  }

  async get(key: string): Promise<StoredEntry | undefined> {
    this.#check()
    checkKey(key, 'key')
    return this.#live(key)
  }

  async write(groups: readonly WriteGroup[]): Promise<readonly WriteResult[]> {
    this.#check()
    checkGroups(groups)
    return groups.map((group): WriteResult => {
      const conflict = firstConflict(group, (key) => this.#live(key)?.version)
      return conflict < 0 ? { applied: true, versions: this.#apply(group) } : { applied: false, conflict }
    })
  }

  async list(
    prefix: string,
    options: { readonly after?: string; readonly limit?: number } = {},
  ): Promise<StoredEntry[]> {
    const { after = '', limit = 100 } = options
    this.#check()
    checkList(prefix, after, limit)
    const found: StoredEntry[] = []
    for (const key of this.#entries.keys()) {
      const entry =
        key.startsWith(prefix) && (after === '' || compareBytes(key, after) > 0) ? this.#live(key) : undefined
      if (entry !== undefined) found.push(entry)
    }
    return found.sort((a, b) => compareBytes(a.key, b.key)).slice(0, limit)
  }

  async read(log: string, after: number, limit = 100): Promise<LogRecord[]> {
    this.#check()
    checkOffset(log, after, 'after')
    checkLimit(limit)
    const records = this.#logs.get(log)?.records ?? []
    const start = firstAbove(records, after)
    return records.slice(start, start + limit)
  }

  async trim(log: string, upTo: number): Promise<void> {
    this.#check()
    checkOffset(log, upTo, 'upTo')
    const kept = this.#logs.get(log)
    if (kept !== undefined) kept.records = kept.records.slice(firstAbove(kept.records, upTo))
  }

  async close(): Promise<void> {
    this.#closed = true
  }

  #check(): void {
    if (this.#closed) throw storeClosed()
  }

  #live(key: string): StoredEntry | undefined {
    const kept = this.#entries.get(key)
    return kept !== undefined && this.#clock.monotonic() < kept.expiresAt ? kept.entry : undefined
  }

  #apply(group: WriteGroup): string[] {
    return group.map((change) => {
      if (change.kind === 'delete') {
        this.#entries.delete(change.key)
        return ''
      }
      if (change.kind === 'append') return this.#append(change.log, change.value)
      const { key, value, ttlMs = Number.POSITIVE_INFINITY } = change
      const version = String(++this.#sequence)
      this.#entries.set(key, { entry: { key, value, version }, expiresAt: this.#clock.monotonic() + Math.ceil(ttlMs) })
      this.#sweep()
      return version
    })
  }

  #append(name: string, value: string): string {
    const log = this.#logs.get(name) ?? { last: 0, records: [] }
    this.#logs.set(name, log)
    log.records.push({ offset: ++log.last, value })
    return String(log.last)
  }

  /** Forgets the expired each time the map has doubled, so that the cost per put stays constant. */
  #sweep(): void {
    if (this.#entries.size < this.#sweepAt) return
    const now = this.#clock.monotonic()
    for (const [key, { expiresAt }] of this.#entries) if (expiresAt <= now) this.#entries.delete(key)
    this.#sweepAt = Math.max(1024, this.#entries.size * 2)
  }
}

function compareBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}

/** Index of the first record above `offset`; offsets rise. */
function firstAbove(records: readonly LogRecord[], offset: number): number {
  let low = 0
  let high = records.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((records[middle] as LogRecord).offset > offset) high = middle
    else low = middle + 1
  }
  return low
}
