import { Redis } from 'ioredis'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startRedis } from '../../../../tools/servers/redis.ts'
import { describeWithServer } from '../../../../tools/servers/suite.ts'
import { seededRandom } from '../testing/index.ts'
import { mostIn, runProcesses } from './fixtures/run-processes.ts'
import { emptyLeaseState, grantLease, memberMs, rememberMs } from './lease-state.ts'
import { redisLimiter } from './redis.ts'
import { leaseScript } from './redis-script.ts'

await describeWithServer('Redis limiter', startRedis, (server) => {
  let client: Redis

  beforeAll(() => {
    client = new Redis(server.url)
  })
  afterAll(async () => {
    await client.quit()
  })

  it('decides as the model does, at every step of random histories', async () => {
    const script = leaseScript.replace("redis.call('TIME')", '{ARGV[9], ARGV[10]}')
    expect(script).not.toBe(leaseScript)
    for (let seed = 1; seed <= 12; seed++) {
      const random = seededRandom(seed)
      const upTo = (most: number): number => Math.floor(random.next() * most)
      const state = emptyLeaseState()
      let limit = {
        units: 1 + upTo(50),
        perMs: 1000 + upTo(5000),
        ...(seed % 2 === 0 ? { burst: 1 + upTo(60) } : {}),
      }
      let now = 1_700_000_000_000
      for (let step = 0; step < 60; step++) {
        now += upTo(800)
        if (step === 30) limit = { ...limit, perMs: 1000 + upTo(5000) }
        if (step % 20 === 13) {
          state.pausedUntil = now + 500
          await client.hset(`model:${seed}`, 'p', state.pausedUntil)
        }
        const request = {
          key: '',
          limit,
          units: 1 + upTo(30),
          spent: upTo(10) === 0 ? upTo(5) : 0,
          member: `m${upTo(3)}`,
        }
        const expected = grantLease(state, request, now)
        const { units, perMs, burst = -1 } = { burst: undefined, ...limit }
        const times = [memberMs(perMs), rememberMs(perMs), Math.floor(now / 1000), (now % 1000) * 1000]
        const args = [units, perMs, burst, request.units, request.spent, request.member, ...times]
        const answer = ((await client.eval(script, 1, `model:${seed}`, ...args)) as unknown[]).map(Number)
        const [granted, retryAfterMs, pausedMs, members] = answer as [number, number, number, number]
        const where = `seed ${seed}, step ${step}`
        expect([granted, pausedMs, members], where).toEqual([expected.granted, expected.pausedMs, expected.members])
        expect(Math.abs(retryAfterMs - expected.retryAfterMs), where).toBeLessThan(0.01)
      }
    }
  })

  it('grants, pauses, and forgets what nobody uses', async () => {
    const limiter = redisLimiter({ client, prefix: 'test:' })
    const request = { key: 'a', limit: { units: 100, perMs: 5000 }, units: 60, spent: 0, member: 'one' }
    await client.script('FLUSH')
    expect(await limiter.lease(request)).toEqual({ granted: 60, retryAfterMs: 0, pausedMs: 0, members: 1 })
    const second = await limiter.lease({ ...request, member: 'two' })
    expect(second).toMatchObject({ granted: 40, members: 2 })
    expect(second.retryAfterMs).toBeGreaterThan(4500)
    await limiter.pause('a', 30_000)
    await limiter.pause('a', 10)
    const third = await limiter.lease({ ...request, member: 'two' })
    expect(third.granted).toBe(0)
    expect(third.pausedMs).toBeGreaterThan(29_000)
    const ttl = await client.pttl('test:a')
    expect(ttl).toBeGreaterThan(29_000)
    expect(ttl).toBeLessThan(32_000)
  })

  it('three processes hold the limit to one lease each', async () => {
    const limit = { units: 900, perMs: 1000 }
    const sent = await runProcesses('redis', server.url, limit, 4000)
    const largestLease = 900 / (2 * 3)
    expect(mostIn(1000, sent.flat())).toBeLessThanOrEqual(900 + 3 * largestLease)
    expect(sent.flat().length).toBeGreaterThan(900 * 1.5)
    for (const one of sent) expect(one.length).toBeGreaterThan(100)
  })

  it('a refusal seen by one process stops the others', async () => {
    const limit = { units: 600, perMs: 1000, name: 'refused' }
    const [first, ...others] = await runProcesses('redis', server.url, limit, 6000, 100)
    const refusedAt = first?.at(-1) ?? Number.NaN
    expect(first?.length).toBeGreaterThanOrEqual(100)
    expect(first?.length).toBeLessThan(600)
    // A lease lives for two seconds.
    for (const times of others) expect(times.filter((at) => at > refusedAt + 2500)).toEqual([])
  })
})
