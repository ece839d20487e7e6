import { type Clock, systemClock } from '../clock.ts'
import { Fault, patchbayError } from '../errors.ts'
import type { MaybeSecret } from '../secret.ts'
import type { LogRecord, Store, StoredEntry, WriteGroup, WriteResult } from '../store.ts'
import { EngineStore, type StoreEngine } from './engine-store.ts'
import { prefixEnd } from './key-order.ts'
import { openPool, type PostgresPool, withClient } from './postgres-driver.ts'
import { isRepeatable, isStatementError, postgresFacts } from './postgres-errors.ts'
import { prepareSchema } from './postgres-schema.ts'
import { decodeText } from './postgres-text.ts'
import { inTransaction, writeGroups } from './postgres-write.ts'

export type { PostgresClient, PostgresPool, PostgresResult } from './postgres-driver.ts'

export interface PostgresStoreOptions {
  /** Your own `pg` pool, which stays yours to end; it must allow at least one connection beside those that you hold. */
  readonly pool?: PostgresPool | undefined
  /** Without a pool: a connection string, or the configuration of a `pg` pool. */
  readonly connection?: MaybeSecret<string> | object | undefined
  /** Lower-case name of the schema that holds the tables; made when it is missing. Default `patchbay`. */
  readonly schema?: string | undefined
  /** Your copy of the library instead of the one that `import('pg')` finds. */
  readonly drivers?: { readonly pg?: unknown } | undefined
  /** Only spaces the group commits; entries expire by the server's clock. */
  readonly clock?: Clock | undefined
  /**
   * Most changes that may wait to be written, each counting once more per 1024 characters of its value; beyond it, `write` fails with
   * code `store-queue-full`. Default 100 000.
   */
  readonly maxPending?: number | undefined
}

/** A transaction that met a deadlock of somebody else's making is run again this often. */
const mostTries = 5
/** Puts with a ttl after which expired entries are looked for, and how many are then removed at most. */
const sweepEvery = 500

/**
 * Durable state in PostgreSQL 12 or newer, shared by all processes that use the same schema. Needs the package `pg`. Reads must go to the
 * primary: a standby lags behind what `write` has promised. A write is as durable as the server's `synchronous_commit = on`, which
 * the store sets itself; with `fsync = off`, nothing is.
 *
 * Errors: `network` when the connection fails (`sent: 'maybe'` when that was during a commit), `unavailable` for a server that stops, starts,
 * only reads or has run out of something, `credential`, `permission`, `config`.
 */
export function postgresStore(options: PostgresStoreOptions): Store {
  const { pool, connection, schema = 'patchbay', drivers, clock = systemClock } = options
  if (!/^[a-z_][a-z0-9_]{0,62}$/.test(schema))
    throw invalid('schema', 'must be lower-case letters, digits and underscores')
  if ((pool === undefined) === (connection === undefined)) throw invalid('connection', 'give either this or a pool')
  return new EngineStore({
    name: 'store/postgres',
    clock,
    maxPending: options.maxPending,
    maxBatch: 4096,
    facts: postgresFacts,
    open: async () => {
      const used = pool ?? (await openPool(connection ?? {}, drivers?.pg))
      const engine = new PostgresEngine(used, `"${schema}"`, pool === undefined)
      await engine.open()
      return engine
    },
  })
}

function invalid(path: string, message: string) {
  return patchbayError({ kind: 'config', issues: [{ path, message }] }, { connector: 'store/postgres' })
}

class PostgresEngine implements StoreEngine {
  readonly #pool: PostgresPool
  readonly #schema: string
  readonly #isOwn: boolean
  #mayExpire = 0

  constructor(pool: PostgresPool, schema: string, isOwn: boolean) {
    this.#pool = pool
    this.#schema = schema
    this.#isOwn = isOwn
    // An idle connection that breaks is replaced by the pool; without a listener it would end the process.
    pool.on('error', ignore)
  }

  async open(): Promise<void> {
    try {
      await this.#transaction((client) => prepareSchema(client, this.#schema))
    } catch (error) {
      await this.close()
      throw error
    }
  }

  async get(key: string): Promise<StoredEntry | undefined> {
    const { rows } = await this.#pool.query(`${this.#live()} AND key = $1`, [key])
    return rows[0] === undefined ? undefined : entryOf(rows[0])
  }

  async write(groups: readonly WriteGroup[]): Promise<readonly WriteResult[]> {
    const results = await this.#transaction((client) => writeGroups(client, this.#schema, groups))
    await this.#sweep(groups)
    return results
  }

  async list(prefix: string, after: string, limit: number): Promise<readonly StoredEntry[]> {
    const { rows } = await this.#pool.query(
      `${this.#live()} AND key >= $1 AND key > $2 AND ($3::text IS NULL OR key < $3) ORDER BY key LIMIT $4`,
      [prefix, after, prefixEnd(prefix) ?? null, limit],
    )
    return rows.map(entryOf)
  }

  async read(log: string, after: number, limit: number): Promise<readonly LogRecord[]> {
    const { rows } = await this.#pool.query(
      `SELECT place, value FROM ${this.#schema}.store_records WHERE log = ${this.#logId()} AND place > $2::bigint
       ORDER BY place LIMIT $3`,
      [log, after, limit],
    )
    return rows.map(({ place, value }) => ({ offset: Number(place), value: decodeText(value as string) }))
  }

  async trim(log: string, upTo: number): Promise<void> {
    await this.#repeat(() =>
      this.#pool.query(
        `DELETE FROM ${this.#schema}.store_records WHERE log = ${this.#logId()} AND place <= $2::bigint`,
        [log, upTo],
      ),
    )
  }

  async close(): Promise<void> {
    // Connections of an ended pool still say goodbye for a moment, and may fail at that: its listener stays.
    if (this.#isOwn) await this.#pool.end()
    else this.#pool.off('error', ignore)
  }

  #live(): string {
    return `SELECT key, value, version::text FROM ${this.#schema}.store_entries
      WHERE (expires IS NULL OR expires > clock_timestamp())`
  }

  #logId(): string {
    return `(SELECT id FROM ${this.#schema}.store_logs WHERE name = $1)`
  }

  #transaction<T>(work: (client: Parameters<typeof inTransaction>[0]) => Promise<T>): Promise<T> {
    const once = (): Promise<T> =>
      withClient(
        this.#pool,
        (client) => inTransaction(client, () => work(client)),
        (error) => isStatementError(error) || (error instanceof Fault && error.facts.sent !== 'maybe'),
      )
    return this.#repeat(once)
  }

  async #repeat<T>(work: () => Promise<T>): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await work()
      } catch (error) {
        if (attempt === mostTries || !isRepeatable(error)) throw error
      }
    }
  }

  /** Removes expired entries now and then; SKIP LOCKED stays out of the way of writers. */
  async #sweep(groups: readonly WriteGroup[]): Promise<void> {
    for (const change of groups.flat()) if (change.kind === 'put' && change.ttlMs !== undefined) this.#mayExpire += 1
    if (this.#mayExpire < sweepEvery) return
    const limit = this.#mayExpire * 2
    this.#mayExpire = 0
    const table = `${this.#schema}.store_entries`
    const expired = `SELECT key FROM ${table} WHERE expires <= clock_timestamp() LIMIT $1 FOR UPDATE SKIP LOCKED`
    // What was written is written: a failure here is no failure of the call, and the next sweep does the same.
    await this.#pool.query(`DELETE FROM ${table} WHERE key IN (${expired})`, [limit]).catch(ignore)
  }
}

function ignore(): void {}

function entryOf({ key, value, version }: Record<string, unknown>): StoredEntry {
  return { key: key as string, value: decodeText(value as string), version: version as string }
}
