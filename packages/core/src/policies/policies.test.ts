import { describe, expect, it } from 'vitest'
import type { Call } from '../call.ts'
import { connect } from '../connection.ts'
import { defineConnector } from '../connector.ts'
import type { Decision } from '../decision.ts'
import { Fault, type PatchbayError } from '../errors.ts'
import { operation } from '../operation.ts'
import { Runtime } from '../runtime.ts'
import { unchecked } from '../schema.ts'
import { memoryStore } from '../stores/memory.ts'
import { fakeClock, seededRandom } from '../testing/index.ts'
import type { PolicyOptions } from './defaults.ts'

type Vendor = (call: Call, input: { readonly id: number }) => Promise<unknown>

function world(policies: PolicyOptions, vendor: Vendor) {
  const clock = fakeClock()
  const runtime = new Runtime({ clock, random: seededRandom(3), store: memoryStore({ clock }) })
  const input = unchecked<{ id: number }>()
  const connector = defineConnector({
    contract: 1,
    manifest: { id: 'test/vendor', title: 'Vendor', summary: 'A vendor under the test.', version: '1.0.0' },
    config: unchecked<object>(),
    credentials: [],
    operations: {
      'item.get': operation(
        { name: 'item.get', effect: 'read', input, output: unchecked<unknown>() },
        (_client, value, call) => vendor(call, value),
      ),
      'item.create': operation(
        { name: 'item.create', effect: 'write', idempotency: 'vendor-key', input, output: unchecked<unknown>() },
        (_client, value, call) => vendor(call, value),
      ),
      'item.charge': operation(
        { name: 'item.charge', effect: 'write', input, output: unchecked<unknown>() },
        (_client, value, call) => vendor(call, value),
      ),
    },
    open: async () => ({}),
  })
  const connection = connect(connector, { config: {}, runtime, policies })
  const decisions: Decision[] = []
  connection.$events.on('decision', ({ policy, decision, reason, numbers }) => {
    decisions.push({ policy, decision, reason, numbers })
  })
  return { clock, connection, decisions, runtime }
}

const wait = (call: Call, ms: number): Promise<void> =>
  new Promise((resolve) => {
    call.scope.clock.timer(ms, resolve)
  })

describe('policies on the path of a call', () => {
  it('a 429 pauses all callers, is retried after its time, and nothing else is sent meanwhile', async () => {
    const sent: number[] = []
    const { clock, connection } = world({}, async (call) => {
      sent.push(clock.monotonic())
      call.sent = 'all'
      if (sent.length === 1) throw new Fault({ kind: 'rate-limited', status: 429, retryAfterMs: 4000 })
      return 'ok'
    })
    const first = connection.item.get({ id: 1 })
    await clock.advance(100)
    const second = connection.item.get({ id: 2 })
    await expect(connection.item.get({ id: 3 }, { timeoutMs: 3000 })).rejects.toMatchObject({
      kind: 'rate-limited',
      code: 'past-deadline',
      sent: 'none',
      retryAfterMs: 3900,
    })
    await clock.advance(10_000)
    expect(await Promise.all([first, second])).toEqual(['ok', 'ok'])
    expect(sent).toHaveLength(3)
    for (const at of sent.slice(1)) expect(at).toBeGreaterThanOrEqual(4000)
    expect(clock.pending.timers).toBe(0)
  })

  it('the attempt timeout does not run while an attempt waits for the limit', async () => {
    const { clock, connection } = world(
      { throttle: { limits: [{ units: 1, perMs: 5000, burst: 1 }] }, attemptTimeout: { timeoutMs: 1000 } },
      async (call) => {
        await wait(call, 800)
        return 'ok'
      },
    )
    const both = Promise.all([connection.item.get({ id: 1 }), connection.item.get({ id: 2 })])
    await clock.advance(7000)
    expect(await both).toEqual(['ok', 'ok'])
  })

  it('an open breaker refuses with the time left, takes no token, and closes again', async () => {
    let down = true
    let sent = 0
    const { clock, connection, decisions } = world(
      {
        retry: false,
        breaker: { minimumCalls: 4, breakMs: 5000, jitter: 0, probes: 1, slowStart: 0 },
        throttle: { limits: [{ units: 5, perMs: 60_000, burst: 5 }] },
      },
      async (call) => {
        sent++
        call.sent = 'all'
        if (down) throw new Fault({ kind: 'unavailable', status: 503 })
        return 'ok'
      },
    )
    for (let index = 0; index < 4; index++) await connection.item.get({ id: index }).catch(() => undefined)
    for (let index = 0; index < 10; index++)
      await expect(connection.item.get({ id: 9 })).rejects.toMatchObject({
        kind: 'unavailable',
        code: 'breaker-open',
        sent: 'none',
        retryAfterMs: 5000,
        attempts: 1,
      })
    expect(sent).toBe(4)
    down = false
    await clock.advance(5000)
    expect(await connection.item.get({ id: 1 })).toBe('ok')
    expect(decisions.filter(({ policy }) => policy === 'breaker').map(({ decision }) => decision)).toEqual([
      'open',
      ...new Array(10).fill('refuse'),
      'half-open',
      'close',
    ])
  })

  it('a probe that is given up in the throttle’s queue does not block the breaker', async () => {
    let down = true
    const { clock, connection } = world(
      {
        retry: false,
        breaker: { minimumCalls: 1, breakMs: 1000, jitter: 0, probes: 1, slowStart: 0 },
        throttle: { limits: [{ units: 1, perMs: 10_000, burst: 1 }] },
      },
      async (call) => {
        call.sent = 'all'
        if (down) throw new Fault({ kind: 'unavailable', status: 503 })
        return 'ok'
      },
    )
    await connection.item.get({ id: 1 }).catch(() => undefined)
    down = false
    await clock.advance(1000)
    const control = new AbortController()
    const probe = connection.item.get({ id: 1 }, { signal: control.signal }).catch((reason: unknown) => reason)
    await clock.advance(10)
    control.abort('given up')
    expect(await probe).toBe('given up')
    await clock.advance(10_000)
    expect(await connection.item.get({ id: 1 })).toBe('ok')
  })

  it('the deadline takes a call out of the bulkhead’s queue, and its slot is not lost', async () => {
    const { clock, connection } = world({ bulkhead: { maxInFlight: 1 } }, async (call) => {
      await wait(call, 1000)
      return 'ok'
    })
    const first = connection.item.get({ id: 1 })
    const late = connection.item.get({ id: 2 }, { timeoutMs: 500 })
    const failed = expect(late).rejects.toMatchObject({ kind: 'timeout', code: 'deadline', sent: 'none' })
    const third = connection.item.get({ id: 3 })
    await clock.advance(520)
    await failed
    await clock.advance(2000)
    expect(await Promise.all([first, third])).toEqual(['ok', 'ok'])
  })

  it('a call that is given up in the very moment its slot comes gives the slot on', async () => {
    const { clock, connection } = world({ bulkhead: { maxInFlight: 1 } }, async (call) => {
      await wait(call, 100)
      return 'ok'
    })
    const control = new AbortController()
    const first = connection.item.get({ id: 1 })
    const second = connection.item.get({ id: 2 }, { signal: control.signal }).catch((reason: unknown) => reason)
    const third = connection.item.get({ id: 3 })
    void first.then(() => control.abort('raced'))
    await clock.advance(500)
    expect(await second).toBe('raced')
    expect(await third).toBe('ok')
  })

  it('stale-if-error answers when all attempts have failed', async () => {
    let down = false
    const { clock, connection, decisions } = world(
      { cache: { ttlMs: 1000, staleIfErrorMs: 60_000 }, retry: { attempts: 2 } },
      async (call, { id }) => {
        call.sent = 'all'
        if (down) throw new Fault({ kind: 'unavailable', status: 503 })
        return { id }
      },
    )
    await connection.item.get({ id: 7 })
    down = true
    await clock.advance(2000)
    const stale = connection.item.get({ id: 7 })
    await clock.advance(5000)
    expect(await stale).toEqual({ id: 7 })
    expect(decisions.map(({ policy, decision }) => `${policy} ${decision}`)).toEqual([
      'retry retry',
      'retry give-up',
      'cache answer',
    ])
  })

  it('concurrent identical reads are one request, and a leader’s abort costs nobody else', async () => {
    let sent = 0
    const { clock, connection } = world({ cache: {} }, async (call, { id }) => {
      sent++
      await wait(call, 100)
      return { id }
    })
    const control = new AbortController()
    const leader = connection.item.get({ id: 1 }, { signal: control.signal }).catch((reason: unknown) => reason)
    const followers = [connection.item.get({ id: 1 }), connection.item.get({ id: 1 })]
    await clock.advance(50)
    control.abort('leader gone')
    await clock.advance(100)
    expect(await leader).toBe('leader gone')
    expect(await Promise.all(followers)).toEqual([{ id: 1 }, { id: 1 }])
    expect(sent).toBe(2)
  })

  it('one key over all attempts, and one effect per key', async () => {
    const keys: (string | undefined)[] = []
    const { clock, connection } = world({}, async (call, { id }) => {
      keys.push(call.idempotencyKey)
      if (keys.length === 1) throw new Fault({ kind: 'network', sent: 'maybe' })
      return { id }
    })
    const made = connection.item.create({ id: 1 })
    await clock.advance(1000)
    await made
    expect(keys).toHaveLength(2)
    expect(keys[0]).toMatch(/^[0-9a-f-]{36}$/)
    expect(keys[1]).toBe(keys[0])
    const given = { idempotencyKey: 'order-1' }
    expect(await connection.item.charge({ id: 5 }, given)).toEqual({ id: 5 })
    await clock.settle()
    expect(await connection.item.charge({ id: 5 }, given)).toEqual({ id: 5 })
    expect(keys).toHaveLength(3)
    const error = await connection.item.charge({ id: 6 }, given).catch((thrown: PatchbayError) => thrown)
    expect(error).toMatchObject({ kind: 'conflict', code: 'idempotency-key-reused', retry: 'never', sent: 'none' })
    expect(String(error)).toMatch(/^PatchbayError: test\/vendor item\.charge: conflict \(idempotency-key-reused\)/)
  })

  it('a hundred callers through every policy at once: all end, nothing is left behind', async () => {
    const random = seededRandom(5)
    const { clock, connection } = world(
      {
        cache: { ttlMs: 50, staleIfErrorMs: 500 },
        bulkhead: { maxInFlight: 8, maxQueue: 30 },
        breaker: { minimumCalls: 10, breakMs: 300, window: { calls: 30 } },
        throttle: { limits: [{ units: 40, perMs: 1000 }], concurrency: 6 },
        attemptTimeout: { timeoutMs: 120 },
      },
      async (call) => {
        call.sent = 'all'
        const dice = random.next()
        await wait(call, 5 + 150 * random.next())
        if (dice < 0.2) throw new Fault({ kind: 'unavailable', status: 503 })
        if (dice < 0.25) throw new Fault({ kind: 'rate-limited', status: 429, retryAfterMs: 200 })
        return dice
      },
    )
    const ends: Promise<PromiseSettledResult<unknown>[]>[] = []
    for (let round = 0; round < 100; round++) {
      const control = new AbortController()
      if (round % 7 === 0) clock.timer(random.next() * 200, () => control.abort('given up'))
      const options = { signal: control.signal, tenant: `tenant-${round % 3}`, timeoutMs: 2000 }
      ends.push(
        Promise.allSettled([
          connection.item.get({ id: round % 5 }, options),
          connection.item.create({ id: round }, options),
        ]),
      )
      await clock.advance(30 * random.next())
    }
    await clock.advance(20_000)
    const results = (await Promise.all(ends)).flat()
    expect(results).toHaveLength(200)
    expect(results.filter(({ status }) => status === 'fulfilled').length).toBeGreaterThan(20)
    await clock.advance(60_000)
    expect(clock.pending).toMatchObject({ timers: 0, intervals: 0 })
    const last = connection.item.create({ id: 1 }).catch((error: PatchbayError) => error.kind)
    await clock.advance(60_000)
    expect(await last).toBeDefined()
    await connection.$close()
  })
})
