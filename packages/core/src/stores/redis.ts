import { type Clock, systemClock } from '../clock.ts'
import { Fault, patchbayError } from '../errors.ts'
import type { MaybeSecret } from '../secret.ts'
import type { LogRecord, Store, StoredEntry, Version, WriteGroup, WriteResult } from '../store.ts'
import { EngineStore, type StoreEngine } from './engine-store.ts'
import { type RedisClient, RedisLink, type RedisSource } from './redis-driver.ts'
import { redisFacts } from './redis-errors.ts'
import { listScript, writeScript } from './redis-scripts.ts'

export type { RedisClient } from './redis-driver.ts'

export interface RedisStoreOptions {
  /** Your own `ioredis` client: the store opens one more connection with its settings. No Cluster. */
  readonly client?: RedisClient | undefined
  /** Without a client: a connection string, or the options of an `ioredis` client. */
  readonly connection?: MaybeSecret<string> | object | undefined
  /** Put before every key of this store. Default `patchbay:store:`. */
  readonly prefix?: string | undefined
  /** Your copy of the library instead of the one that `import('ioredis')` finds. */
  readonly drivers?: { readonly ioredis?: unknown } | undefined
  /** Refuse to open, with kind `config`, unless the server is known to keep what it acknowledged, see {@link RedisDurability}. Default false. */
  readonly requireDurable?: boolean | undefined
  /** Spaces the group commits and the waits for a connection; entries expire by the server's clock. */
  readonly clock?: Clock | undefined
  /**
   * Most changes that may wait to be written, each counting once more per 1024 characters of its value; beyond it, `write` fails with
   * code `store-queue-full`. Default 100 000.
   */
  readonly maxPending?: number | undefined
}

/** What the server says of itself; undefined where it may not be asked (`CONFIG` is often forbidden on managed servers). */
export interface RedisDurability {
  readonly appendOnly: boolean | undefined
  /** `always`: on the disk before the answer. `everysec`: a crash of the server's machine may take the last second. `no`: when the system likes. */
  readonly fsync: 'always' | 'everysec' | 'no' | undefined
  /** True when the server drops data of this store to make room (`maxmemory-policy allkeys-…`, or `volatile-…` for entries with a ttl). */
  readonly evicts: boolean | undefined
  /** All of it together: what was acknowledged stays, also when the server is killed. False when that is not known. */
  readonly durable: boolean
}

export interface RedisStore extends Store {
  /** Asked once, when the store opens. */
  durability(): Promise<RedisDurability>
}

/** Changes per script: Redis does nothing else while one runs. */
const maxBatch = 500

/**
 * Durable state in Redis 6.2 or newer (or Valkey), shared by all processes that use the same prefix. Needs the package `ioredis`.
 *
 * The promise of {@link Store.write} holds only on a server with `appendonly yes`, `appendfsync always` and `maxmemory-policy noeviction`:
 * with Redis' defaults, a crash of the server loses what was acknowledged in the last second, or everything since the last snapshot.
 * {@link RedisStore.durability} tells what was found, `requireDurable` insists. Replication is asynchronous: a failover to a replica may
 * lose what was acknowledged just before, also with these settings.
 *
 * Errors: `network` when the connection fails (`sent: 'maybe'` once a command is under way), `unavailable`, `credential`, `permission`, `config`.
 */
export function redisStore(options: RedisStoreOptions): RedisStore {
  const { client, connection, prefix = 'patchbay:store:', clock = systemClock } = options
  if ((client === undefined) === (connection === undefined)) {
    const issues = [{ path: 'connection', message: 'give either this or a client' }]
    throw patchbayError({ kind: 'config', issues }, { connector: 'store/redis' })
  }
  return new RedisEngineStore({
    name: 'store/redis',
    clock,
    maxPending: options.maxPending,
    maxBatch,
    facts: redisFacts,
    open: () => openEngine(options, prefix, clock, options.requireDurable === true),
  })
}

class RedisEngineStore extends EngineStore<RedisEngine> implements RedisStore {
  durability(): Promise<RedisDurability> {
    return this.call('durability', ignore, (engine) => engine.durability)
  }
}

async function openEngine(
  source: RedisSource,
  prefix: string,
  clock: Clock,
  requireDurable: boolean,
): Promise<RedisEngine> {
  const link = await RedisLink.open(source, clock)
  try {
    await claim(link.client, prefix)
    const durability = await inspect(link.client)
    if (requireDurable && !durability.durable) {
      const found = JSON.stringify(durability)
      const message = `this Redis does not promise to keep what it acknowledges: set appendonly yes, appendfsync always and maxmemory-policy noeviction (found ${found})`
      throw new Fault({ kind: 'config', code: 'not-durable', sent: 'none', message })
    }
    return new RedisEngine(link, prefix, durability)
  } catch (error) {
    link.close()
    throw error
  }
}

const schemaVersion = '1'

async function claim(client: RedisClient, prefix: string): Promise<void> {
  await client.set(`${prefix}schema`, schemaVersion, 'NX')
  const found = await client.get(`${prefix}schema`)
  if (found === schemaVersion) return
  const message = `the keys under ${prefix} have store schema ${found} and this version of @patchbay/core knows ${schemaVersion}: update @patchbay/core`
  throw new Fault({ kind: 'config', code: 'store-schema', sent: 'none', message })
}

async function inspect(client: RedisClient): Promise<RedisDurability> {
  const setting = async (name: string): Promise<string | undefined> => {
    const answer = await client.config('GET', name).catch(() => undefined)
    // A list of name and value; an object where the client maps the replies of RESP3.
    const value = Array.isArray(answer) ? answer[1] : (answer as Record<string, unknown> | undefined)?.[name]
    return typeof value === 'string' ? value : undefined
  }
  const [appendOnly, fsync, eviction] = [
    await setting('appendonly'),
    await setting('appendfsync'),
    await setting('maxmemory-policy'),
  ]
  const evicts = eviction === undefined ? undefined : eviction !== 'noeviction'
  return {
    appendOnly: appendOnly === undefined ? undefined : appendOnly === 'yes',
    fsync: fsync as RedisDurability['fsync'],
    evicts,
    durable: appendOnly === 'yes' && fsync === 'always' && evicts === false,
  }
}

class RedisEngine implements StoreEngine {
  readonly durability: RedisDurability
  readonly #link: RedisLink
  readonly #prefix: string

  constructor(link: RedisLink, prefix: string, durability: RedisDurability) {
    this.#link = link
    this.#prefix = prefix
    this.durability = durability
  }

  async get(key: string): Promise<StoredEntry | undefined> {
    const client = await this.#link.ready()
    const entry = await client.get(`${this.#prefix}entry:${key}`)
    return entry === null ? undefined : entryOf(key, entry)
  }

  async write(groups: readonly WriteGroup[]): Promise<readonly WriteResult[]> {
    const answer = await this.#link.run(writeScript, this.#prefix, groups.length, ...argumentsOf(groups))
    return (answer as [number, ...(string | number)[]][]).map(([applied, ...rest]) =>
      applied === 1 ? { applied: true, versions: rest as Version[] } : { applied: false, conflict: rest[0] as number },
    )
  }

  async list(prefix: string, after: string, limit: number): Promise<readonly StoredEntry[]> {
    const isLater = after !== '' && Buffer.compare(Buffer.from(after), Buffer.from(prefix)) >= 0
    const from = isLater ? `(${after}` : `[${prefix}`
    const found = (await this.#link.run(listScript, this.#prefix, from, prefix, limit)) as string[]
    const entries: StoredEntry[] = []
    for (let at = 0; at < found.length; at += 2) entries.push(entryOf(found[at] ?? '', found[at + 1] ?? ''))
    return entries
  }

  async read(log: string, after: number, limit: number): Promise<readonly LogRecord[]> {
    const client = await this.#link.ready()
    const start = String(Math.max(after, 0) + 1)
    const records = await client.xrange(`${this.#prefix}log:${log}`, start, '+', 'COUNT', limit)
    return records.map(([id, [, value = '']]) => ({ offset: Number.parseInt(id, 10), value }))
  }

  async trim(log: string, upTo: number): Promise<void> {
    const client = await this.#link.ready()
    await client.xtrim(`${this.#prefix}log:${log}`, 'MINID', String(Math.max(upTo, 0) + 1))
  }

  close(): void {
    this.#link.close()
  }
}

function ignore(): void {}

function argumentsOf(groups: readonly WriteGroup[]): (string | number)[] {
  const flat: (string | number)[] = []
  for (const group of groups) {
    flat.push(group.length)
    for (const change of group) {
      if (change.kind === 'append') {
        flat.push('append', change.log, change.value, '', '')
        continue
      }
      const { ifVersion } = change
      const isAbsent = change.kind === 'put' && ifVersion === 'absent'
      const condition = ifVersion === undefined ? '' : isAbsent ? 'absent' : `=${ifVersion}`
      if (change.kind === 'delete') flat.push('delete', change.key, '', condition, '')
      else
        flat.push('put', change.key, change.value, condition, change.ttlMs === undefined ? '' : Math.ceil(change.ttlMs))
    }
  }
  return flat
}

function entryOf(key: string, entry: string): StoredEntry {
  const space = entry.indexOf(' ')
  return { key, version: entry.slice(0, space), value: entry.slice(space + 1) }
}
