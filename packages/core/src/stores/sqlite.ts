import { type Clock, systemClock } from '../clock.ts'
import type { LogRecord, Store, StoredEntry, WriteGroup, WriteResult } from '../store.ts'
import { EngineStore, type StoreEngine } from './engine-store.ts'
import { SqliteReader, SqliteWriter } from './sqlite-engine.ts'
import { sqliteFacts } from './sqlite-errors.ts'
import type { SqliteSettings } from './sqlite-message.ts'
import { openForWriting } from './sqlite-schema.ts'
import { SqliteThread } from './sqlite-thread.ts'

export interface SqliteStoreOptions {
  /**
   * Path of the database file, or `:memory:`. Made when it does not exist (its folder must), for its owner alone (mode 600). The store wants
   * the file for itself.
   */
  readonly file: string
  /** Wall time decides what has expired, since it must mean the same after a restart. */
  readonly clock?: Clock | undefined
  /**
   * `full` (default): a resolved write survives a power loss. `normal`: it survives a crash of the process, while a power loss may
   * take the last moments; the file stays whole.
   */
  readonly synchronous?: 'full' | 'normal' | undefined
  /**
   * Where changes are made. `worker` (default for files): in a thread, so that no fsync stalls the event loop. `main`: for hosts
   * that bundle this package into one file, or may start no thread.
   */
  readonly thread?: 'worker' | 'main' | undefined
  /** How long a change waits for another process that is writing. Default 5000. */
  readonly busyTimeoutMs?: number | undefined
  /**
   * Most changes that may wait to be written, each counting once more per 1024 characters of its value; beyond it, `write` fails with
   * code `store-queue-full`. Default 100 000.
   */
  readonly maxPending?: number | undefined
}

/** Records that one transaction of a trim removes: some ten milliseconds, then other writes get their turn. */
const trimStep = 10_000

/**
 * Durable state in one SQLite file, by Node's own `node:sqlite`. Several stores and processes of one machine may use one file
 * (not over a network file system). Nothing is opened before the first call.
 *
 * Errors: `config` for a file that cannot be opened, is no database of ours, or was written by a newer version; `unavailable` for a full
 * disk, I/O errors, and a file that others keep busy; `permission` for a file that cannot be written.
 */
export function sqliteStore(options: SqliteStoreOptions): Store {
  const { file, synchronous = 'full', busyTimeoutMs = 5000, clock = systemClock } = options
  const thread = file === ':memory:' ? 'main' : (options.thread ?? 'worker')
  return new EngineStore({
    name: 'store/sqlite',
    clock,
    maxPending: options.maxPending,
    maxBatch: 4096,
    facts: (error) => sqliteFacts(error, 'none'),
    open: () => (thread === 'main' ? openHere : openInWorker)({ file, synchronous, busyTimeoutMs }, clock),
  })
}

/** One connection for everything: `:memory:` is private to it. */
async function openHere(settings: SqliteSettings, clock: Clock): Promise<SqliteEngine> {
  const { DatabaseSync } = await import('node:sqlite')
  const database = openForWriting(DatabaseSync, settings)
  const writer = new SqliteWriter(database)
  const changes = {
    write: writer.write.bind(writer),
    trim: writer.trim.bind(writer),
    close: () => database.close(),
  }
  return new SqliteEngine(new SqliteReader(database), changes, clock)
}

/** Changes in the worker; reads here, where they cost microseconds and see all that was committed before they start. */
async function openInWorker(settings: SqliteSettings, clock: Clock): Promise<SqliteEngine> {
  const thread = new SqliteThread(settings)
  try {
    await thread.open()
    const { DatabaseSync } = await import('node:sqlite')
    const database = new DatabaseSync(settings.file, { readOnly: true, timeout: settings.busyTimeoutMs })
    const changes = {
      write: thread.write.bind(thread),
      trim: thread.trim.bind(thread),
      close: () => {
        database.close()
        return thread.close()
      },
    }
    return new SqliteEngine(new SqliteReader(database), changes, clock)
  } catch (error) {
    await thread.close()
    throw error
  }
}

interface SqliteChanges {
  write(groups: readonly WriteGroup[], now: number): readonly WriteResult[] | Promise<readonly WriteResult[]>
  trim(log: string, upTo: number, limit: number): boolean | Promise<boolean>
  close(): void | Promise<void>
}

class SqliteEngine implements StoreEngine {
  readonly #reader: SqliteReader
  readonly #changes: SqliteChanges
  readonly #clock: Clock

  constructor(reader: SqliteReader, changes: SqliteChanges, clock: Clock) {
    this.#reader = reader
    this.#changes = changes
    this.#clock = clock
  }

  get(key: string): StoredEntry | undefined {
    return this.#reader.get(key, this.#clock.now())
  }

  write(groups: readonly WriteGroup[]): readonly WriteResult[] | Promise<readonly WriteResult[]> {
    return this.#changes.write(groups, this.#clock.now())
  }

  list(prefix: string, after: string, limit: number): readonly StoredEntry[] {
    return this.#reader.list(prefix, after, limit, this.#clock.now())
  }

  read(log: string, after: number, limit: number): readonly LogRecord[] {
    return this.#reader.read(log, after, limit)
  }

  async trim(log: string, upTo: number): Promise<void> {
    while (!(await this.#changes.trim(log, upTo, trimStep)));
  }

  close(): void | Promise<void> {
    return this.#changes.close()
  }
}
