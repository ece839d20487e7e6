import pg from 'pg'
import { afterAll, describe, expect, onTestFinished, test } from 'vitest'
import { startPostgres } from '../../../../tools/servers/postgres.ts'
import { describeWithServer } from '../../../../tools/servers/suite.ts'
import { storeChecks } from '../conformance/store-checks.ts'
import { Secret } from '../secret.ts'
import type { Store } from '../store.ts'
import { type PostgresStoreOptions, postgresStore } from './postgres.ts'
import { decodeText, encodeText } from './postgres-text.ts'

const append = (store: Store, value = 'x') => store.write([[{ kind: 'append', log: 'log', value }]])
const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms))

await describeWithServer('postgresStore', startPostgres, ({ url }) => {
  let schemas = 0
  const newSchema = (): string => `store_${schemas++}`
  const admin = new pg.Pool({ connectionString: url, max: 2 })
  admin.on('error', () => {})
  afterAll(() => admin.end())

  function opened(options: PostgresStoreOptions): Store {
    const store = postgresStore(options)
    onTestFinished(() => store.close())
    return store
  }
  describe('conformance', () => {
    for (const check of storeChecks) {
      test(check.name, async () => {
        const schema = newSchema()
        const open = async (): Promise<Store> => opened({ connection: url, schema })
        await check.run({ store: await open(), open, pass: wait })
      })
    }
  })

  test('works over a pool of the host, which stays open', async () => {
    const pool = new pg.Pool({ connectionString: url, max: 1 })
    onTestFinished(() => pool.end())
    const store = postgresStore({ pool, schema: newSchema() })
    await append(store, 'x')
    await store.close()
    expect((await pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }])
    expect(pool.listenerCount('error')).toBe(0)
  })

  test('many stores that open a new schema at once agree on it', async () => {
    const schema = newSchema()
    const stores = Array.from({ length: 8 }, () => opened({ connection: new Secret(url), schema }))
    await Promise.all(stores.map((store) => append(store, 'x')))
    expect(await stores[0]?.read('log', 0)).toHaveLength(8)
  })

  test('tables of a newer version are refused', async () => {
    const schema = newSchema()
    await append(opened({ connection: url, schema }), 'x')
    await admin.query(`UPDATE ${schema}.store_meta SET value = 2`)
    const newer = append(opened({ connection: url, schema }), 'x')
    await expect(newer).rejects.toMatchObject({ kind: 'config', code: 'store-schema', retry: 'never' })
  })

  test('a database in another encoding is refused', async () => {
    await admin.query(`CREATE DATABASE latin ENCODING 'LATIN1' TEMPLATE template0 LOCALE 'C'`)
    const latin = append(opened({ connection: url.replace('/postgres', '/latin') }), 'x')
    await expect(latin).rejects.toThrow(/encoding LATIN1/)
  })

  test('a connection that is cut while idle is replaced', async () => {
    const schema = newSchema()
    const store = opened({ connection: { connectionString: url, application_name: schema }, schema })
    await append(store, 'before')
    const cut = 'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1'
    await admin.query(cut, [schema])
    await expect
      .poll(() =>
        append(store, 'after').then(
          () => 'written',
          (error) => error.kind,
        ),
      )
      .toBe('written')
  })

  test('a connection that is cut while it waits for a lock fails as unchanged, and the store goes on', async () => {
    const schema = newSchema()
    const store = opened({ connection: { connectionString: url, application_name: schema }, schema })
    await store.write([[{ kind: 'put', key: 'key', value: 'before' }]])
    const blocker = await admin.connect()
    await blocker.query(`BEGIN; SELECT * FROM ${schema}.store_entries FOR UPDATE`)
    const blocked = store.write([[{ kind: 'put', key: 'key', value: 'blocked' }]])
    blocked.catch(() => {})
    const waiting = `SELECT pid FROM pg_stat_activity WHERE application_name = $1 AND wait_event_type = 'Lock'`
    await expect.poll(async () => (await admin.query(waiting, [schema])).rows.length).toBe(1)
    await admin.query(`SELECT pg_terminate_backend(pid) FROM (${waiting}) AS stuck`, [schema])
    await expect(blocked).rejects.toMatchObject({ kind: 'unavailable', code: '57P01', sent: 'none', retry: 'later' })
    await blocker.query('ROLLBACK')
    blocker.release()
    await store.write([[{ kind: 'put', key: 'key', value: 'after' }]])
    expect((await store.get('key'))?.value).toBe('after')
  })

  test('locks and settings of the transaction do not depend on the server’s defaults', async () => {
    const schema = newSchema()
    const options =
      '-c default_transaction_isolation=serializable -c synchronous_commit=off -c default_transaction_read_only=on'
    const stores = [0, 1].map(() => opened({ connection: { connectionString: url, options }, schema }))
    const calls = Array.from({ length: 60 }, (_, at) => append(stores[at % 2] as Store, String(at)))
    for (const [result] of await Promise.all(calls)) expect(result?.applied).toBe(true)
  })

  test('expired entries leave the table as others are written', async () => {
    const schema = newSchema()
    const store = opened({ connection: url, schema })
    const put = (name: string, ttlMs: number) =>
      store.write(Array.from({ length: 600 }, (_, at) => [{ kind: 'put', key: `${name} ${at}`, value: 'x', ttlMs }]))
    await put('short', 1)
    await wait(5)
    await put('long', 60_000)
    expect((await admin.query(`SELECT count(*)::int AS entries FROM ${schema}.store_entries`)).rows).toEqual([
      { entries: 600 },
    ])
  })
})

describe('postgresStore without a server', () => {
  test('a server that is not there is a network failure with nothing sent', async () => {
    const store = postgresStore({ connection: 'postgres://user:pass-word@127.0.0.1:1/none' })
    const failed = await append(store).catch((error: unknown) => error)
    expect(failed).toMatchObject({ kind: 'network', code: 'ECONNREFUSED', sent: 'none', retry: 'later' })
    expect(JSON.stringify(failed) + String(failed)).not.toContain('pass-word')
    await store.close()
  })

  test('a driver that is none is refused', async () => {
    const store = postgresStore({ connection: 'postgres://127.0.0.1/none', drivers: { pg: {} } })
    await expect(append(store)).rejects.toMatchObject({ kind: 'config', code: 'pg' })
  })

  test('options are checked', () => {
    expect(() => postgresStore({})).toThrow(/connection: give either/)
    expect(() => postgresStore({ connection: 'x', schema: 'a"; drop' })).toThrow(/schema: must be lower-case/)
  })

  test('text survives its encoding', () => {
    for (const value of ['', 'plain', '\0', '\u0001', '\u00010', '\u00011', '\0\u0001', '0\0\u00010\u00011']) {
      expect(encodeText(value)).not.toContain('\0')
      expect(decodeText(encodeText(value))).toBe(value)
    }
  })
})
