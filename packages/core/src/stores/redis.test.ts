import { Redis } from 'ioredis'
import { afterAll, describe, expect, onTestFinished, test } from 'vitest'
import { startRedis } from '../../../../tools/servers/redis.ts'
import { describeWithServer } from '../../../../tools/servers/suite.ts'
import { storeChecks } from '../conformance/store-checks.ts'
import { Secret } from '../secret.ts'
import type { Store } from '../store.ts'
import { type RedisStore, type RedisStoreOptions, redisStore } from './redis.ts'

const append = (store: Store, value = 'x') => store.write([[{ kind: 'append', log: 'log', value }]])
const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

await describeWithServer('redisStore', startRedis, ({ url }) => {
  let prefixes = 0
  const newPrefix = (): string => `store ${prefixes++}:`
  const admin = new Redis(url)
  afterAll(() => admin.disconnect())

  function opened(options: RedisStoreOptions): RedisStore {
    const store = redisStore(options)
    onTestFinished(() => store.close())
    return store
  }

  describe('conformance', () => {
    for (const check of storeChecks) {
      test(check.name, async () => {
        const prefix = newPrefix()
        const open = async (): Promise<Store> => opened({ connection: url, prefix })
        await check.run({ store: await open(), open, pass: wait })
      })
    }
  })

  test('works beside a client of the host, which stays open', async () => {
    const store = redisStore({ client: admin, prefix: newPrefix() })
    await append(store)
    await store.close()
    expect(await admin.ping()).toBe('PONG')
  })

  test('keys of a newer version are refused', async () => {
    const prefix = newPrefix()
    await append(opened({ connection: new Secret(url), prefix }))
    await admin.set(`${prefix}schema`, '2')
    const newer = append(opened({ connection: url, prefix }))
    await expect(newer).rejects.toMatchObject({ kind: 'config', code: 'store-schema', retry: 'never' })
  })

  test('tells what the server promises, and insists when asked to', async () => {
    const lax = { appendOnly: false, fsync: 'everysec', evicts: false, durable: false }
    expect(await opened({ connection: url, prefix: newPrefix() }).durability()).toEqual(lax)
    const strict = { connection: url, prefix: newPrefix(), requireDurable: true }
    await expect(append(opened(strict))).rejects.toMatchObject({ kind: 'config', code: 'not-durable', sent: 'none' })
    await admin.config('SET', 'appendonly', 'yes', 'appendfsync', 'always')
    const store = opened(strict)
    expect(await store.durability()).toEqual({ appendOnly: true, fsync: 'always', evicts: false, durable: true })
    await append(store)
    await admin.config('SET', 'appendonly', 'no', 'appendfsync', 'everysec')
  })

  test('a server that forbids to ask is told apart from one that keeps nothing', async () => {
    await admin.call('ACL', 'SETUSER', 'limited', 'on', '>pass-word', '~*', '+@all', '-config')
    const limited = url.replace('redis://', 'redis://limited:pass-word@')
    const unknown = { appendOnly: undefined, fsync: undefined, evicts: undefined, durable: false }
    expect(await opened({ connection: limited, prefix: newPrefix() }).durability()).toEqual(unknown)
    const refused = await append(opened({ connection: limited.replace('pass-word', 'wrong-word') })).catch(
      (error) => error,
    )
    expect(refused).toMatchObject({ kind: 'credential', code: 'WRONGPASS', sent: 'none' })
    expect(JSON.stringify(refused) + String(refused)).not.toContain('wrong-word')
  })

  test('a connection that is cut while idle comes back', async () => {
    const store = opened({ connection: url, prefix: newPrefix() })
    await append(store)
    await admin.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes')
    await wait(20)
    await append(store)
    expect(await store.read('log', 0)).toHaveLength(2)
  })

  test('a write that is cut is reported and never sent again', async () => {
    const prefix = newPrefix()
    const store = opened({ connection: url, prefix })
    await append(store)
    // Redis takes the command in, and answers nobody until the pause ends.
    await admin.client('PAUSE', 60_000, 'WRITE')
    const cut = append(store, 'cut')
    cut.catch(() => {})
    await expect.poll(() => admin.info('clients')).toContain('blocked_clients:1')
    await admin.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes')
    await expect(cut).rejects.toMatchObject({ kind: 'network', sent: 'maybe', retry: 'later' })
    await admin.client('UNPAUSE')
    await append(store, 'after')
    const values = (await store.read('log', 0)).map(({ value }) => value)
    expect(values).toEqual(['x', 'after'])
  })

  test('a server that forgot its scripts is taught again', async () => {
    const store = opened({ connection: url, prefix: newPrefix() })
    await append(store)
    await admin.script('FLUSH')
    await append(store)
    expect(await store.read('log', 0)).toHaveLength(2)
  })

  test('a server that is out of memory refuses without a change', async () => {
    const store = opened({ connection: url, prefix: newPrefix() })
    await append(store)
    await admin.config('SET', 'maxmemory', '1')
    await expect(append(store)).rejects.toMatchObject({ kind: 'unavailable', code: 'OOM', sent: 'none' })
    await admin.config('SET', 'maxmemory', '0')
    expect(await store.read('log', 0)).toHaveLength(1)
  })

  test('expired keys leave the index as others are written', async () => {
    const prefix = newPrefix()
    const store = opened({ connection: url, prefix })
    const put = (name: string, ttlMs: number | undefined) =>
      store.write(Array.from({ length: 300 }, (_, at) => [{ kind: 'put', key: `${name} ${at}`, value: 'x', ttlMs }]))
    await put('short', 5)
    await wait(20)
    await put('long', undefined)
    expect(await admin.zcard(`${prefix}keys`)).toBe(300)
    expect(await admin.zcard(`${prefix}expiries`)).toBe(0)
  })
})

describe('redisStore without a server', () => {
  test('a server that is not there is a network failure with nothing sent', async () => {
    const store = redisStore({ connection: 'redis://:pass-word@127.0.0.1:1' })
    const failed = await append(store).catch((error: unknown) => error)
    expect(failed).toMatchObject({ kind: 'network', code: 'ECONNREFUSED', sent: 'none', retry: 'later' })
    expect(JSON.stringify(failed) + String(failed)).not.toContain('pass-word')
    await store.close()
  })

  test('options are checked', async () => {
    expect(() => redisStore({})).toThrow(/connection: give either/)
    const cluster = { isCluster: true } as unknown as Redis
    await expect(append(redisStore({ client: cluster }))).rejects.toMatchObject({
      kind: 'config',
      code: 'redis-cluster',
    })
  })
})
