import { createHash } from 'node:crypto'
import { patchbayError } from '../errors.ts'
import { emptyLeaseState, grantLease, type LeaseState, rememberMs } from './lease-state.ts'
import type { Lease, LeaseRequest, SharedLimiter } from './shared-limiter.ts'

export type { Lease, LeaseRequest, SharedLimiter }

/** The part of a pg Pool or Client that is used. */
export interface PostgresQueries {
  query(text: string, values?: unknown[]): Promise<{ readonly rows: readonly Record<string, unknown>[] }>
}

export interface PostgresLimiterOptions {
  /** Your pool; it stays yours to close. */
  readonly client: PostgresQueries
  /** The table, made when it is missing; letters, digits and underscores. Default `patchbay_limit`. */
  readonly table?: string
}

interface Row {
  readonly state: LeaseState
  readonly version: string
  /** The server's clock, in milliseconds. */
  readonly now: number
}

/** How often a change is tried anew when another process was faster, before it counts as a failure. */
const mostTries = 20

/**
 * Limits shared by all processes that use one PostgreSQL: two short statements per lease, compare-and-set on one row, on the server's
 * clock. For when there is no Redis; leases make it cheap enough.
 */
export function postgresLimiter({ client, table = 'patchbay_limit' }: PostgresLimiterOptions): SharedLimiter {
  if (!/^[a-z_][a-z0-9_]{0,62}$/.test(table))
    throw patchbayError({
      kind: 'config',
      issues: [{ path: 'table', message: 'must be letters, digits and underscores' }],
    })
  return new PostgresLimiter(client, table)
}

class PostgresLimiter implements SharedLimiter {
  readonly #client: PostgresQueries
  readonly #table: string
  #ready: Promise<void> | undefined

  constructor(client: PostgresQueries, table: string) {
    this.#client = client
    this.#table = table
  }

  lease(request: LeaseRequest): Promise<Lease> {
    return this.#change(request.key, rememberMs(request.limit.perMs), (state, now) => grantLease(state, request, now))
  }

  async pause(key: string, ms: number): Promise<void> {
    await this.#change(key, ms + 1000, (state, now) => {
      state.pausedUntil = Math.max(state.pausedUntil, now + ms)
    })
  }

  async #change<T>(key: string, keepMs: number, change: (state: LeaseState, now: number) => T): Promise<T> {
    await this.#prepare()
    const id = createHash('sha256').update(key).digest('hex')
    for (let attempt = 0; attempt < mostTries; attempt++) {
      const row = await this.#read(id)
      const state = row.state
      const result = change(state, row.now)
      if (await this.#write(id, row, state, Math.max(keepMs, state.pausedUntil - row.now))) return result
    }
    throw new Error(`${mostTries} other processes in a row changed the limit first`)
  }

  async #read(id: string): Promise<Row> {
    const time = '(extract(epoch from clock_timestamp()) * 1000)::float8'
    const { rows } = await this.#client.query(
      `SELECT ${time} AS now, state, version::text AS version FROM (SELECT 1) AS one LEFT JOIN ${this.#table} ON id = $1`,
      [id],
    )
    const [row] = rows
    const stored = row?.state as LeaseState | null | undefined
    return { state: stored ?? emptyLeaseState(), version: String(row?.version ?? ''), now: Number(row?.now) }
  }

  async #write(id: string, { version }: Row, state: LeaseState, keepMs: number): Promise<boolean> {
    const forgetAt = `clock_timestamp() + $3 * interval '1 millisecond'`
    const values = [id, JSON.stringify(state), Math.ceil(keepMs)]
    const { rows } =
      version === ''
        ? await this.#client.query(
            `INSERT INTO ${this.#table} (id, state, version, forget_at) VALUES ($1, $2, 1, ${forgetAt})
             ON CONFLICT (id) DO NOTHING RETURNING 1`,
            values,
          )
        : await this.#client.query(
            `UPDATE ${this.#table} SET state = $2, version = version + 1, forget_at = ${forgetAt}
             WHERE id = $1 AND version = $4 RETURNING 1`,
            [...values, version],
          )
    return rows.length === 1
  }

  /** Makes the table and drops what nobody asked for lately; a failure is forgotten, so that the next lease tries again. */
  #prepare(): Promise<void> {
    this.#ready ??= this.#make().catch((error: unknown) => {
      this.#ready = undefined
      throw error
    })
    return this.#ready
  }

  async #make(): Promise<void> {
    const { rows } = await this.#client.query('SELECT to_regclass($1) AS there', [this.#table])
    if (rows[0]?.there === null) {
      // IF NOT EXISTS does not see another process's unfinished table and then fails in one of several ways: one at a time.
      await this.#client.query(
        `DO $$ BEGIN
           PERFORM pg_advisory_xact_lock(hashtext('patchbay limit table'));
           CREATE UNLOGGED TABLE IF NOT EXISTS ${this.#table}
             (id text PRIMARY KEY, state jsonb NOT NULL, version bigint NOT NULL, forget_at timestamptz NOT NULL);
         END $$`,
      )
    }
    await this.#client.query(`DELETE FROM ${this.#table} WHERE forget_at < clock_timestamp()`)
  }
}
