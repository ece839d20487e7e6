import { once } from 'node:events'
import type { Socket } from 'node:net'
import pg from 'pg'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startPostgres } from '../../../../tools/servers/postgres.ts'
import { describeWithServer } from '../../../../tools/servers/suite.ts'
import { mostIn, runProcesses } from './fixtures/run-processes.ts'
import { postgresLimiter } from './postgres.ts'

await describeWithServer('PostgreSQL limiter', startPostgres, (server) => {
  let pool: pg.Pool
  const closed: Promise<unknown>[] = []

  beforeAll(() => {
    pool = new pg.Pool({ connectionString: server.url, max: 8 })
    // `end` does not wait for the sockets, and the server's farewell would be an error that nobody listens to.
    pool.on('connect', (client) => {
      const { stream } = (client as unknown as { connection: { stream: Socket } }).connection
      closed.push(once(stream, 'close'))
    })
  })
  afterAll(async () => {
    await pool.end()
    await Promise.all(closed)
  })

  it('makes its table once, however many start at the same time', async () => {
    const limiters = Array.from({ length: 8 }, () => postgresLimiter({ client: pool, table: 'limit_race' }))
    const limit = { units: 100, perMs: 60_000 }
    const leases = await Promise.all(
      limiters.map((limiter, index) => limiter.lease({ key: 'a', limit, units: 20, spent: 0, member: `m${index}` })),
    )
    expect(leases.reduce((sum, { granted }) => sum + granted, 0)).toBe(100)
    expect(Math.max(...leases.map(({ members }) => members))).toBe(8)
  })

  it('grants, pauses, and forgets what nobody uses', async () => {
    const limiter = postgresLimiter({ client: pool })
    const request = { key: 'a', limit: { units: 100, perMs: 5000 }, units: 60, spent: 0, member: 'one' }
    expect(await limiter.lease(request)).toEqual({ granted: 60, retryAfterMs: 0, pausedMs: 0, members: 1 })
    expect(await limiter.lease({ ...request, member: 'two' })).toMatchObject({ granted: 40, members: 2 })
    await limiter.pause('a', 30_000)
    await limiter.pause('a', 10)
    const paused = await limiter.lease(request)
    expect(paused.granted).toBe(0)
    expect(paused.pausedMs).toBeGreaterThan(29_000)
    await pool.query("UPDATE patchbay_limit SET forget_at = now() - interval '1 second'")
    expect(await postgresLimiter({ client: pool }).lease(request)).toMatchObject({ granted: 60, pausedMs: 0 })
  })

  it('recovers from a failure at the start', async () => {
    let failing = true
    const query: pg.Pool['query'] = pool.query.bind(pool) as never
    const client = {
      query: (text: string, values?: unknown[]) =>
        failing ? Promise.reject(new Error('not yet')) : query(text, values as never),
    }
    const limiter = postgresLimiter({ client, table: 'limit_late' })
    const request = { key: 'a', limit: { units: 1, perMs: 1000 }, units: 1, spent: 0, member: 'one' }
    await expect(limiter.lease(request)).rejects.toThrow('not yet')
    failing = false
    expect(await limiter.lease(request)).toMatchObject({ granted: 1 })
  })

  it('refuses a table name that is none', () => {
    expect(() => postgresLimiter({ client: pool, table: 'x; drop table y' })).toThrow(/table: must be letters/)
  })

  it('three processes hold the limit to one lease each', async () => {
    const limit = { units: 900, perMs: 1000 }
    const sent = await runProcesses('postgres', server.url, limit, 4000)
    expect(mostIn(1000, sent.flat())).toBeLessThanOrEqual(900 + 3 * 150)
    expect(sent.flat().length).toBeGreaterThan(900 * 1.5)
    for (const one of sent) expect(one.length).toBeGreaterThan(100)
  })
})
