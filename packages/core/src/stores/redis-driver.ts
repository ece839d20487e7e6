import { createHash } from 'node:crypto'
import type { Clock } from '../clock.ts'
import { loadDriver } from '../drivers/load-driver.ts'
import { Fault } from '../errors.ts'
import { type MaybeSecret, secret } from '../secret.ts'

type Argument = string | number

/** The part of an `ioredis` client that is used. */
export interface RedisClient {
  readonly status: string
  readonly isCluster?: boolean
  evalsha(digest: string, keys: number, ...args: Argument[]): Promise<unknown>
  eval(script: string, keys: number, ...args: Argument[]): Promise<unknown>
  get(key: string): Promise<string | null>
  set(key: string, value: string, condition: 'NX'): Promise<unknown>
  xrange(key: string, start: string, end: string, count: 'COUNT', limit: number): Promise<[string, string[]][]>
  xtrim(key: string, strategy: 'MINID', threshold: string): Promise<number>
  config(command: 'GET', name: string): Promise<unknown>
  duplicate(options: object): RedisClient
  connect(): Promise<void>
  disconnect(): void
  on(event: string, listener: (error: Error) => void): unknown
  off(event: string, listener: (error: Error) => void): unknown
}

interface RedisModule {
  readonly Redis?: new (...args: unknown[]) => RedisClient
  readonly default?: new (...args: unknown[]) => RedisClient
}

/**
 * Never send anything twice: by default ioredis sends again what was under way when the connection broke, and an append would happen twice.
 * With 0 retries per request it rejects all that at once instead.
 */
const once = {
  autoResendUnfulfilledCommands: false,
  maxRetriesPerRequest: 0,
  enableOfflineQueue: false,
  lazyConnect: true,
}

export interface RedisSource {
  readonly client?: RedisClient | undefined
  readonly connection?: MaybeSecret<string> | object | undefined
  readonly drivers?: { readonly ioredis?: unknown } | undefined
}

async function makeClient({ client, connection, drivers }: RedisSource): Promise<RedisClient> {
  if (client?.isCluster === true) {
    const message =
      'a Redis Cluster client sends commands again by itself, so that appends could happen twice: give a Redis client'
    throw new Fault({ kind: 'config', code: 'redis-cluster', sent: 'none', message })
  }
  if (client !== undefined) return client.duplicate(once)
  const load = (): Promise<RedisModule> => import('ioredis') as Promise<unknown> as Promise<RedisModule>
  const ioredis = await loadDriver<RedisModule>('ioredis', drivers?.ioredis, load, '^6.0.0')
  const Redis = ioredis.Redis ?? ioredis.default
  if (Redis === undefined) {
    throw new Fault({ kind: 'config', code: 'ioredis', message: 'drivers.ioredis has no Redis: hand in the module' })
  }
  const isOptions = typeof connection === 'object' && !('reveal' in connection)
  return isOptions
    ? new Redis({ ...connection, ...once })
    : new Redis(secret(connection as MaybeSecret<string>).reveal(), once)
}

/** How long a call waits for a connection that broke to come back. */
const patienceMs = 5000

/** One connection of the store's own. Commands go out only when it is ready, so that a failure after that may have arrived. */
export class RedisLink {
  readonly client: RedisClient
  readonly #clock: Clock
  readonly #digests = new Map<string, string>()
  #lastError: Error | undefined

  private constructor(client: RedisClient, clock: Clock) {
    this.client = client
    this.#clock = clock
    // Without a listener, ioredis writes to the console.
    client.on('error', (error) => {
      this.#lastError = error
    })
  }

  static async open(source: RedisSource, clock: Clock): Promise<RedisLink> {
    const link = new RedisLink(await makeClient(source), clock)
    try {
      await link.client.connect()
      return link
    } catch (error) {
      link.client.disconnect()
      throw link.#lastError ?? error
    }
  }

  close(): void {
    this.client.disconnect()
  }

  async ready(): Promise<RedisClient> {
    if (this.client.status !== 'ready') await this.#becomesReady()
    return this.client
  }

  /** Runs a script of one key, which Redis remembers by its digest until it restarts. */
  async run(script: string, key: string, ...args: Argument[]): Promise<unknown> {
    const client = await this.ready()
    let digest = this.#digests.get(script)
    if (digest === undefined) {
      digest = createHash('sha1').update(script).digest('hex')
      this.#digests.set(script, digest)
    }
    try {
      return await client.evalsha(digest, 1, key, ...args)
    } catch (error) {
      if (!String(error).includes('NOSCRIPT')) throw error
      return client.eval(script, 1, key, ...args)
    }
  }

  #becomesReady(): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (then: () => void): void => {
        stop()
        this.client.off('ready', ready)
        then()
      }
      const ready = (): void => settle(resolve)
      const stop = this.#clock.timer(patienceMs, () =>
        settle(() => {
          const cause = this.#lastError
          const message = `no connection to Redis for ${patienceMs} ms${cause === undefined ? '' : `: ${cause.message}`}`
          reject(new Fault({ kind: 'network', sent: 'none', message, cause }))
        }),
      )
      this.client.on('ready', ready)
    })
  }
}
