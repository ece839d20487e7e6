import { loadDriver } from '../drivers/load-driver.ts'
import { Fault } from '../errors.ts'
import { type MaybeSecret, secret } from '../secret.ts'

export interface PostgresResult {
  readonly rows: readonly Record<string, unknown>[]
}

/** The part of a `pg` client that is used. */
export interface PostgresClient {
  query(text: string, values?: unknown[]): Promise<PostgresResult>
  release(error?: Error | boolean): void
  on(event: 'error', listener: (error: Error) => void): unknown
  off(event: 'error', listener: (error: Error) => void): unknown
}

/** The part of a `pg` pool that is used. */
export interface PostgresPool {
  query(text: string, values?: unknown[]): Promise<PostgresResult>
  connect(): Promise<PostgresClient>
  on(event: 'error', listener: (error: Error) => void): unknown
  off(event: 'error', listener: (error: Error) => void): unknown
  end(): Promise<void>
}

interface PgModule {
  readonly Pool?: new (config: object) => PostgresPool
  readonly default?: { readonly Pool: new (config: object) => PostgresPool }
}

/** A small pool of the store's own: its writes take one connection at a time, and the others serve reads. */
export async function openPool(connection: MaybeSecret<string> | object, own: unknown): Promise<PostgresPool> {
  const pg = await loadDriver<PgModule>(
    'pg',
    own,
    () => import('pg') as Promise<unknown> as Promise<PgModule>,
    '^8.13.0',
  )
  const Pool = pg.Pool ?? pg.default?.Pool
  if (Pool === undefined)
    throw new Fault({ kind: 'config', code: 'pg', message: 'drivers.pg has no Pool: hand in the module' })
  const isConfig = typeof connection === 'object' && !('reveal' in connection)
  const given = isConfig ? connection : { connectionString: secret(connection as MaybeSecret<string>).reveal() }
  return new Pool({
    max: 4,
    connectionTimeoutMillis: 10_000,
    keepAlive: true,
    allowExitOnIdle: true,
    application_name: 'patchbay-store',
    ...given,
  })
}

/**
 * Runs `work` on one connection. Without a listener, a connection that breaks while it is out of the pool would end the process.
 * A connection that failed goes back only when `isUsable` says so.
 */
export async function withClient<T>(
  pool: PostgresPool,
  work: (client: PostgresClient) => Promise<T>,
  isUsable: (error: unknown) => boolean,
): Promise<T> {
  const client = await pool.connect()
  const ignore = (): void => {}
  client.on('error', ignore)
  let broken: boolean | undefined
  try {
    return await work(client)
  } catch (error) {
    broken = !isUsable(error)
    throw error
  } finally {
    client.off('error', ignore)
    client.release(broken)
  }
}
