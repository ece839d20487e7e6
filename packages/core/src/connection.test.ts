import { describe, expect, expectTypeOf, it } from 'vitest'
import { z } from 'zod'
import type { Call } from './call.ts'
import { connect } from './connection.ts'
import { defineConnector } from './connector.ts'
import { Fault, isPatchbayError, type PatchbayError } from './errors.ts'
import { operation, pagedOperation } from './operation.ts'
import type { Pages } from './paginate.ts'
import { Runtime } from './runtime.ts'
import { unchecked } from './schema.ts'
import { fakeClock } from './testing/time/fake-clock.ts'
import { seededRandom } from './testing/time/seeded-random.ts'

type Run = (call: Call, input: unknown) => Promise<unknown>

interface Script {
  run: Run
  opened: number
  closed: number
  openFails: number
}

function makeConnector(script: Script) {
  const input = z.object({ id: z.string().min(1) })
  return defineConnector({
    contract: 1,
    manifest: { id: 'test/vendor', title: 'Vendor', summary: 'A vendor under the test.', version: '1.0.0' },
    config: z.object({ host: z.string() }),
    credentials: [],
    operations: {
      'item.get': operation(
        { name: 'item.get', effect: 'read', input, output: z.object({ id: z.string() }) },
        (_client: { host: string }, value, call) => script.run(call, value),
      ),
      'item.touch': operation(
        { name: 'item.touch', effect: 'write', input: unchecked<undefined>(), output: unchecked<string>() },
        (_client: { host: string }, value, call) => script.run(call, value),
      ),
      'item.delete': operation(
        { name: 'item.delete', effect: 'write', risk: 'destructive', input, output: unchecked<string>() },
        (_client: { host: string }, value, call) => script.run(call, value),
      ),
      'item.list': pagedOperation(
        {
          name: 'item.list',
          effect: 'read',
          input: unchecked<{ page: number }>(),
          output: unchecked<{ items: number[]; more: boolean }>(),
        },
        (_client: { host: string }, value, call) => script.run(call, value),
        { items: (output) => output.items, next: (output, { page }) => (output.more ? { page: page + 1 } : undefined) },
      ),
    },
    check: { operation: 'item.get', input: { id: 'check' } },
    async open(config) {
      script.opened++
      if (script.openFails-- > 0) throw new Fault({ kind: 'network', code: 'ECONNREFUSED', sent: 'none' })
      return config
    },
    async close() {
      script.closed++
    },
  })
}

function setUp(run: Run, policies = {}) {
  const script: Script = { run, opened: 0, closed: 0, openFails: 0 }
  const clock = fakeClock()
  const runtime = new Runtime({ clock, random: seededRandom(1) })
  const connection = connect(makeConnector(script), { config: { host: 'h' }, runtime, policies })
  return { script, clock, connection, runtime }
}

async function failure(work: Promise<unknown>): Promise<PatchbayError> {
  const error: unknown = await work.then(
    (value) => new Error(`succeeded with ${JSON.stringify(value)}`),
    (reason: unknown) => reason,
  )
  if (!isPatchbayError(error)) throw error
  return error
}

const unavailable = () => new Fault({ kind: 'unavailable', status: 503, sent: 'all', message: 'busy' })

describe('connect', () => {
  it('gives operations as typed methods and opens the client once, at the first call', async () => {
    const { connection, script } = setUp(async (_call, input) => ({ id: (input as { id: string }).id }))
    expect(script.opened).toBe(0)
    const items = await Promise.all([connection.item.get({ id: 'a' }), connection.item.get({ id: 'b' })])
    expect(items).toEqual([{ id: 'a' }, { id: 'b' }])
    expect(script.opened).toBe(1)
    expectTypeOf(connection.item.get).parameter(0).toEqualTypeOf<{ id: string }>()
    expectTypeOf<Awaited<ReturnType<typeof connection.item.get>>>().toEqualTypeOf<{ id: string }>()
    expectTypeOf<ReturnType<typeof connection.item.list>>().toEqualTypeOf<
      Pages<number, { items: number[]; more: boolean }>
    >()
  })

  it('names the field of a wrong config before anything opens', () => {
    const script: Script = { run: async () => undefined, opened: 0, closed: 0, openFails: 0 }
    const act = () => connect(makeConnector(script), { config: { host: 1 as unknown as string } })
    expect(act).toThrow(/^test\/vendor: config.*host: /)
  })

  it('refuses input that the schema refuses, without an attempt', async () => {
    const { connection } = setUp(async () => ({ id: 'x' }))
    const error = await failure(connection.item.get({ id: '' }))
    expect(error).toMatchObject({ kind: 'invalid-input', attempts: 0, sent: 'none', issues: [{ path: 'id' }] })
  })

  it('calls an answer that does not fit the schema a protocol error that names the field', async () => {
    const { connection } = setUp(async () => ({ id: 7 }))
    const error = await failure(connection.item.get({ id: 'a' }))
    expect(error).toMatchObject({ kind: 'protocol', retry: 'never', attempts: 1, issues: [{ path: 'id' }] })
  })

  it('forgets a failed opening and opens again', async () => {
    const { connection, script, clock } = setUp(async () => ({ id: 'a' }))
    script.openFails = 1
    await expect(clock.runUntil(connection.item.get({ id: 'a' }))).resolves.toEqual({ id: 'a' })
    expect(script.opened).toBe(2)
  })

  it('fetches pages as they are read, each through the policies', async () => {
    const asked: number[] = []
    const { connection } = setUp(async (_call, input) => {
      const { page } = input as { page: number }
      asked.push(page)
      return { items: [page * 2, page * 2 + 1], more: page < 4 }
    })
    await expect(connection.item.list({ page: 0 }).take(3)).resolves.toEqual([0, 1, 2])
    expect(asked).toEqual([0, 1])
  })

  it('takes no input for one whose every field may be left out', async () => {
    const input = z.object({ state: z.enum(['open', 'closed']).default('open'), since: z.string().optional() })
    const seen: unknown[] = []
    const take = async (_client: object, given: unknown): Promise<string[]> => {
      seen.push(given)
      return []
    }
    const output = unchecked<string[]>()
    const connector = defineConnector({
      contract: 1,
      manifest: { id: 'test/optional', title: 'Optional', summary: 'Optional inputs.', version: '1.0.0' },
      config: unchecked<object>(),
      credentials: [],
      operations: {
        'item.find': operation({ name: 'item.find', effect: 'read', input, output }, take),
        'item.list': pagedOperation({ name: 'item.list', effect: 'read', input, output }, take, {
          items: (found) => found,
          next: () => undefined,
        }),
        'item.get': operation({ name: 'item.get', effect: 'read', input: z.object({ id: z.string() }), output }, take),
      },
      open: async (config) => config,
    })
    const connection = connect(connector, { config: {} })
    await connection.item.find()
    await connection.item.list().take(1)
    expect(seen).toEqual([{ state: 'open' }, { state: 'open' }])
    // @ts-expect-error a required field cannot be left out with the rest
    expect(await failure(connection.item.get())).toMatchObject({ kind: 'invalid-input', issues: [{ path: 'id' }] })
  })

  it('refuses a destructive call without an approval, at run time too', async () => {
    let ran = 0
    const { connection } = setUp(async () => {
      ran++
      return 'gone'
    })
    // @ts-expect-error the approval is required by the type
    const error = await failure(connection.item.delete({ id: 'a' }))
    expect(error).toMatchObject({ kind: 'permission', code: 'approval-missing', attempts: 0 })
    expect(ran).toBe(0)
    const approval = { by: 'ann', reason: 'test' }
    await expect(connection.item.delete({ id: 'a' }, { approval })).resolves.toBe('gone')
  })

  it('asks the authorizer, and refuses when it fails', async () => {
    const { connection } = setUp(async () => ({ id: 'a' }), {
      authorize: ({ operation: { name } }: { operation: { name: string } }) => {
        if (name === 'item.get') return { refused: 'not today' }
        throw new Error('directory down')
      },
    })
    expect(await failure(connection.item.get({ id: 'a' }))).toMatchObject({ kind: 'permission', code: 'refused' })
    expect(await failure(connection.item.touch())).toMatchObject({ kind: 'permission', code: 'authorizer-failed' })
  })

  it.each([
    [{ deadline: { timeoutMs: -5 } }, 'deadline.timeoutMs'],
    [{ deadline: { timeoutMs: Number.NaN } }, 'deadline.timeoutMs'],
    [{ attemptTimeout: { timeoutMs: '5s' } }, 'attemptTimeout.timeoutMs'],
    [{ retry: { attempts: 0 } }, 'retry.attempts'],
    [{ retry: { attempts: 1.5 } }, 'retry.attempts'],
    [{ retry: { baseMs: -1 } }, 'retry.baseMs'],
    [{ retry: { baseMsByKind: { timeout: '1s' } } }, 'retry.baseMsByKind.timeout'],
    [{ retry: { budget: { ratio: -0.1 } } }, 'retry.budget.ratio'],
    [{ retry: { hedge: { ratio: 2 } } }, 'retry.hedge.ratio'],
    [{ retries: {} }, 'policies.retries'],
  ])('refuses the settings %j and names the field', (policies, path) => {
    expect(() => setUp(async () => undefined, policies)).toThrow(path)
  })

  it.each([0, -1, Number.NaN])('refuses a call with %d ms', async (timeoutMs) => {
    const { connection } = setUp(async () => ({ id: 'a' }))
    const error = await failure(connection.item.get({ id: 'a' }, { timeoutMs }))
    expect(error).toMatchObject({ kind: 'invalid-input', issues: [{ path: 'timeoutMs' }], sent: 'none' })
  })

  it('prints its policies in the fixed order', () => {
    const { connection } = setUp(async () => undefined)
    expect(connection.$policies.map(({ name }) => name)).toEqual([
      'observe',
      'authorize',
      'deadline',
      'idempotency',
      'bulkhead',
      'retry',
      'breaker',
      'throttle',
      'attempt-timeout',
    ])
  })

  it('closes once, after the calls under way, and refuses later ones', async () => {
    let release = (_value: { id: string }): void => undefined
    const { connection, script } = setUp(() => new Promise((resolve) => (release = resolve)))
    const running = connection.item.get({ id: 'a' })
    await connection.$raw()
    const closed = Promise.all([connection.$close(), connection.$close()])
    expect(await failure(connection.item.get({ id: 'b' }))).toMatchObject({
      kind: 'unavailable',
      code: 'closed',
      sent: 'none',
    })
    expect(script.closed).toBe(0)
    release({ id: 'a' })
    await expect(running).resolves.toEqual({ id: 'a' })
    await closed
    expect(script.closed).toBe(1)
  })

  it('runs the connector check', async () => {
    const seen: unknown[] = []
    const { connection } = setUp(async (_call, input) => {
      seen.push(input)
      return { id: 'check' }
    })
    await connection.$check()
    expect(seen).toEqual([{ id: 'check' }])
  })
})

describe('retry', () => {
  it('tries a read again with full jitter and says what it did', async () => {
    let runs = 0
    const { connection, clock } = setUp(async () => {
      runs++
      if (runs < 3) throw unavailable()
      return { id: 'a' }
    })
    const decisions: string[] = []
    connection.$events.on('decision', ({ policy, decision, reason }) =>
      decisions.push(`${policy} ${decision} ${reason}`),
    )
    await expect(clock.runUntil(connection.item.get({ id: 'a' }))).resolves.toEqual({ id: 'a' })
    expect(runs).toBe(3)
    expect(decisions).toEqual(['retry retry unavailable', 'retry retry unavailable'])
  })

  it('marks the error exhausted after the last attempt, with attempts and decisions', async () => {
    const { connection, clock } = setUp(async () => {
      throw unavailable()
    })
    const error = await failure(clock.runUntil(connection.item.get({ id: 'a' })))
    expect(error).toMatchObject({
      kind: 'unavailable',
      status: 503,
      retry: 'exhausted',
      attempts: 3,
      operation: 'item.get',
    })
    expect(error.message).toBe('test/vendor item.get: unavailable (503) after 3 attempts: busy')
    expect(error.decisions.at(-1)).toMatchObject({ policy: 'retry', decision: 'give-up', reason: 'attempts-spent' })
  })

  it('never repeats a write that may have left, but repeats one that did not', async () => {
    let runs = 0
    let sent: 'none' | 'maybe' = 'maybe'
    const { connection, clock } = setUp(async () => {
      runs++
      throw new Fault({ kind: 'network', code: 'ECONNRESET', sent })
    })
    expect(await failure(connection.item.touch())).toMatchObject({ kind: 'network', retry: 'never', attempts: 1 })
    expect(runs).toBe(1)
    sent = 'none'
    expect(await failure(clock.runUntil(connection.item.touch()))).toMatchObject({ retry: 'exhausted', attempts: 3 })
  })

  it('waits as long as the vendor asked, never less', async () => {
    let runs = 0
    const { connection, clock } = setUp(async () => {
      if (runs++ === 0) throw new Fault({ kind: 'rate-limited', status: 429, retryAfterMs: 5000, sent: 'all' })
      return { id: 'a' }
    })
    const started = clock.monotonic()
    await clock.runUntil(connection.item.get({ id: 'a' }))
    expect(clock.monotonic() - started).toBeGreaterThanOrEqual(5000)
    expect(clock.monotonic() - started).toBeLessThan(6100)
  })

  it('fails now when the wait cannot end before the deadline', async () => {
    const { connection, clock } = setUp(async () => {
      throw new Fault({ kind: 'rate-limited', status: 429, retryAfterMs: 60_000, sent: 'all' })
    })
    const error = await failure(connection.item.get({ id: 'a' }, { timeoutMs: 2000 }))
    expect(clock.monotonic()).toBe(0)
    expect(error).toMatchObject({ kind: 'rate-limited', retry: 'exhausted', retryAfterMs: 60_000, attempts: 1 })
    expect(error.decisions.at(-1)).toMatchObject({ reason: 'past-deadline', numbers: { leftMs: 2000 } })
  })

  it('keeps retries a small share of the traffic', async () => {
    let runs = 0
    const { connection, clock } = setUp(
      async () => {
        runs++
        throw unavailable()
      },
      { breaker: false, retry: { attempts: 4, budget: { ratio: 0.1, reserve: 5 } } },
    )
    for (let index = 0; index < 200; index++) await failure(clock.runUntil(connection.item.get({ id: 'a' })))
    expect(runs).toBeGreaterThanOrEqual(220)
    expect(runs).toBeLessThanOrEqual(225)
  })

  it('gives one free attempt per removed cause, outside the count', async () => {
    const faults = [
      new Fault({ kind: 'network', code: 'UND_ERR_SOCKET', sent: 'maybe', freeRetry: 'stale-socket' }),
      new Fault({ kind: 'credential', status: 401, sent: 'all', freeRetry: 'credential-refreshed' }),
      unavailable(),
      unavailable(),
    ]
    const { connection, clock } = setUp(async () => {
      const fault = faults.shift()
      if (fault !== undefined) throw fault
      return { id: 'a' }
    })
    await expect(clock.runUntil(connection.item.get({ id: 'a' }))).resolves.toEqual({ id: 'a' })
    const again = setUp(async () => {
      throw new Fault({ kind: 'credential', status: 401, sent: 'all', freeRetry: 'credential-refreshed' })
    })
    expect(await failure(again.clock.runUntil(again.connection.item.get({ id: 'a' })))).toMatchObject({
      kind: 'credential',
      retry: 'never',
      attempts: 2,
    })
  })

  it('lets a TypeError of our own and the reason of an abort pass untouched', async () => {
    const bug = new TypeError('x is not a function')
    const { connection } = setUp(async () => {
      throw bug
    })
    await expect(connection.item.get({ id: 'a' })).rejects.toBe(bug)
    const hanging = setUp(() => new Promise(() => undefined))
    const controller = new AbortController()
    const running = hanging.connection.item.get({ id: 'a' }, { signal: controller.signal })
    await hanging.clock.settle()
    const reason = { why: 'user left' }
    controller.abort(reason)
    await expect(running).rejects.toBe(reason)
  })
})

describe('time', () => {
  it('ends a call at its deadline although the operation never reacts, and leaves nothing behind', async () => {
    const { connection, clock } = setUp(() => new Promise(() => undefined), { attemptTimeout: false })
    const error = await failure(clock.runUntil(connection.item.get({ id: 'a' }, { timeoutMs: 1500 })))
    expect(error).toMatchObject({ kind: 'timeout', code: 'deadline', sent: 'maybe', attempts: 1 })
    expect(clock.monotonic()).toBeGreaterThanOrEqual(1500)
    expect(clock.monotonic()).toBeLessThanOrEqual(1550)
    await clock.advance(100)
    expect(clock.pending).toEqual({ timers: 0, intervals: 0, afterInput: 0 })
  })

  it('gives a slow attempt up and tries again with a fresh signal', async () => {
    const signals: AbortSignal[] = []
    const { connection, clock } = setUp(
      async (call) => {
        signals.push(call.signal)
        if (call.attempt === 1) await new Promise(() => undefined)
        return { id: 'a' }
      },
      { attemptTimeout: { timeoutMs: 500 } },
    )
    await expect(clock.runUntil(connection.item.get({ id: 'a' }))).resolves.toEqual({ id: 'a' })
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, false])
  })

  it('lets a hundred deadlines of different length fire in time', async () => {
    const { connection, clock } = setUp(() => new Promise(() => undefined), {
      attemptTimeout: false,
      bulkhead: false,
      retry: false,
    })
    const late: number[] = []
    const calls = Array.from({ length: 100 }, (_, index) => {
      const timeoutMs = 1 + ((index * 7919) % 9000)
      return failure(connection.item.get({ id: 'a' }, { timeoutMs })).then(() =>
        late.push(clock.monotonic() - timeoutMs),
      )
    })
    await clock.runUntil(Promise.all(calls))
    expect(Math.min(...late)).toBeGreaterThanOrEqual(0)
    expect(Math.max(...late)).toBeLessThanOrEqual(50)
  })

  it('does not time out a call whose answer came during a stall', async () => {
    let answer = (_value: unknown): void => undefined
    const { connection, clock } = setUp(() => new Promise((resolve) => (answer = resolve)))
    const running = connection.item.get({ id: 'a' }, { timeoutMs: 100 })
    await clock.settle()
    clock.afterInput(() => answer({ id: 'a' }))
    await clock.stall(2000)
    await expect(running).resolves.toEqual({ id: 'a' })
  })
})

describe('hedging', () => {
  it('sends a second copy of a slow read, takes the first answer and gives the other up', async () => {
    const calls: Call[] = []
    const { connection, clock } = setUp(
      async (call) => {
        calls.push(call)
        if (calls.length === 1) await new Promise(() => undefined)
        return { id: `copy ${calls.length}` }
      },
      { retry: { hedge: { afterMs: 200 } } },
    )
    await connection.$raw()
    await connection.$ready()
    await expect(clock.runUntil(connection.item.get({ id: 'a' }))).resolves.toEqual({ id: 'copy 2' })
    expect(calls[0]?.cancelReason).toMatchObject({ facts: { code: 'hedge-lost' } })
    expect(clock.monotonic()).toBe(200)
    await clock.advance(50)
    expect(clock.pending.timers + clock.pending.intervals).toBe(0)
  })

  it('never hedges a write, and not beyond its share', async () => {
    let runs = 0
    const { connection, clock } = setUp(
      async () => {
        runs++
        await new Promise((resolve) => clock.timer(300, () => resolve(undefined)))
        return { id: 'a' }
      },
      { retry: { hedge: { afterMs: 100, ratio: 0.05 } } },
    )
    await connection.$ready()
    await clock.runUntil(connection.item.touch())
    expect(runs).toBe(1)
    runs = 0
    for (let index = 0; index < 100; index++) await clock.runUntil(connection.item.get({ id: 'a' }))
    expect(runs).toBeGreaterThan(100)
    expect(runs).toBeLessThanOrEqual(107)
  })

  it('fails with the last failure when both copies fail', async () => {
    const { connection, clock } = setUp(
      async () => {
        await new Promise((resolve) => clock.timer(300, () => resolve(undefined)))
        throw unavailable()
      },
      { retry: { attempts: 1, hedge: { afterMs: 100 } } },
    )
    await connection.$ready()
    expect(await failure(clock.runUntil(connection.item.get({ id: 'a' })))).toMatchObject({
      kind: 'unavailable',
      attempts: 2,
    })
  })
})

describe('manual control of the breaker', () => {
  it('isolates and lets through again at once, and says so', async () => {
    const { connection, clock } = setUp(async () => ({ id: 'a' }))
    const told: string[] = []
    connection.$events.on('decision', ({ decision, reason }) => told.push(`${decision} ${reason}`))
    connection.$breaker?.isolate()
    expect(connection.$breaker?.state).toBe('isolated')
    expect(await failure(clock.runUntil(connection.item.touch()))).toMatchObject({
      kind: 'unavailable',
      code: 'breaker-isolated',
      sent: 'none',
    })
    connection.$breaker?.reset()
    await expect(connection.item.get({ id: 'a' })).resolves.toEqual({ id: 'a' })
    expect([told[0], told.at(-1)]).toEqual(['open by-hand', 'close by-hand'])
  })

  it('goes on after a restart where it left off', async () => {
    const first = setUp(async () => ({ id: 'a' }))
    first.connection.$breaker?.isolate()
    const snapshot = JSON.parse(JSON.stringify(first.connection.$breaker?.snapshot()))
    const next = setUp(async () => ({ id: 'a' }))
    next.connection.$breaker?.restore(snapshot)
    expect(await failure(next.clock.runUntil(next.connection.item.touch()))).toMatchObject({ code: 'breaker-isolated' })
  })

  it('is not there when the policy is off', () => {
    expect(setUp(async () => undefined, { breaker: false }).connection.$breaker).toBeUndefined()
  })
})

describe('events', () => {
  it('tells call, attempts and end, and costs a listener that throws nothing', async () => {
    let runs = 0
    const { connection, clock } = setUp(async () => {
      if (runs++ === 0) throw unavailable()
      return { id: 'a' }
    })
    const seen: string[] = []
    connection.$events.on('*', (_data, type) => seen.push(type))
    connection.$events.on('call-start', () => {
      throw new Error('listener')
    })
    await clock.runUntil(connection.item.get({ id: 'a' }))
    expect(seen).toEqual([
      'call-start',
      'attempt-start',
      'connection-open',
      'attempt-end',
      'decision',
      'attempt-start',
      'attempt-end',
      'call-end',
    ])
    expect(connection.$events.listenerFailures).toBe(1)
  })
})

describe('the config', () => {
  const record = z.strictObject({ url: z.url().default('https://vendor.example'), size: z.number().default(5) })
  const make = <S extends z.ZodType>(config: S) =>
    defineConnector({
      contract: 1,
      manifest: { id: 'test/config', title: 'Config', summary: 'Config.', version: '1.0.0' },
      config,
      credentials: [],
      operations: {},
      open: async (given: z.infer<S>) => given,
    })

  it('may be left out where every field has a default', async () => {
    expect(await connect(make(record), {}).$raw()).toEqual({ url: 'https://vendor.example', size: 5 })
  })

  it('is typed by what the schema takes', () => {
    expect(connect(make(record), { config: { size: 1 } })).toBeDefined()
    const needed = z.strictObject({ url: z.url() })
    // @ts-expect-error the schema takes a number
    expect(() => connect(make(record), { config: { size: 'x' } })).toThrow('size')
    // @ts-expect-error the schema wants an address
    expect(() => connect(make(needed), {})).toThrow('url')
  })
})
