// Ends of calls that nobody plans for. Whatever happens, a call ends once, in time, and leaves nothing behind.
import { describe, expect, it } from 'vitest'
import { Call } from './call.ts'
import type { CallOptions } from './call-options.ts'
import { CallPath } from './call-path.ts'
import { connect } from './connection.ts'
import { type AnyConnector, defineConnector } from './connector.ts'
import { type ErrorFacts, Fault } from './errors.ts'
import { Events, type EventType } from './events.ts'
import { lazy } from './lazy.ts'
import { operation } from './operation.ts'
import type { PolicyOptions } from './policies/defaults.ts'
import type { Gate } from './policy.ts'
import { Runtime } from './runtime.ts'
import { type Schema, unchecked } from './schema.ts'
import { memoryStore } from './stores/memory.ts'
import { fakeClock } from './testing/time/fake-clock.ts'
import { seededRandom } from './testing/time/seeded-random.ts'

interface Parts {
  readonly policies?: PolicyOptions
  readonly input?: Schema
  readonly output?: Schema
  readonly classify?: (error: unknown) => ErrorFacts | undefined
}

async function setUp(vendor: (call: Call) => unknown, { policies, classify, ...parts }: Parts = {}) {
  const clock = fakeClock()
  const runtime = new Runtime({ clock, random: seededRandom(5), store: memoryStore({ clock }) })
  const { input = unchecked<unknown>(), output = unchecked<unknown>() } = parts
  const run = (_client: unknown, _input: unknown, call: Call): Promise<unknown> => vendor(call) as Promise<unknown>
  const connector = defineConnector({
    contract: 1,
    manifest: { id: 'test/vendor', title: 'Vendor', summary: 'A vendor under the test.', version: '1.0.0' },
    config: unchecked<object>(),
    credentials: [],
    operations: {
      'item.get': operation({ name: 'item.get', effect: 'read', input, output }, run),
      'item.put': operation({ name: 'item.put', effect: 'idempotent', input, output }, run),
      'item.create': operation({ name: 'item.create', effect: 'write', idempotency: 'vendor-key', input, output }, run),
    },
    open: async () => ({}),
    ...(classify === undefined ? {} : { classify }),
  })
  const connection = connect(connector, {
    config: {},
    runtime,
    policies: { deadline: { timeoutMs: 5_000 }, bulkhead: { maxInFlight: 1 }, ...policies },
  })
  await connection.$ready()
  await connection.$raw()
  /** Fails unless nothing is left: the only slot of the bulkhead is free, no timer and no deadline waits. */
  const verify = async (): Promise<void> => {
    await clock.advance(20)
    expect(runtime.wheel.size).toBe(0)
    expect(clock.pending).toEqual({ timers: 0, intervals: 0, afterInput: 0 })
    await connection.$close()
  }
  return { clock, connection, verify }
}

const hang = (): Promise<never> => new Promise(() => undefined)
const outcomeOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    (value) => ({ value }),
    (error: unknown) => ({ error }),
  )

describe('what operations do', () => {
  it.each([
    ['a value and no promise', () => 7, 7],
    ['nothing', () => undefined, undefined],
    // biome-ignore lint/suspicious/noThenProperty: drivers have such query objects
    ['a thenable', () => ({ then: (resolve: (value: number) => void) => resolve(8) }), 8],
  ])('takes %s as the outcome', async (_what, vendor, value) => {
    const { clock, connection, verify } = await setUp(vendor)
    expect(await clock.runUntil(connection.item.get({}))).toBe(value)
    await verify()
  })

  it.each([
    ['an error that cannot be looked at', new Proxy({}, { get: () => fail(), getPrototypeOf: () => fail() })],
    ['a field that throws', Object.defineProperty({}, 'code', { get: () => fail() })],
    ['nothing', undefined],
    ['null', null],
    ['a frozen error', Object.freeze(new Error('frozen'))],
  ])('ends a call that is rejected with %s', async (_what, thrown) => {
    const { clock, connection, verify } = await setUp(async () => {
      throw thrown
    })
    await expect(clock.runUntil(connection.item.get({}))).rejects.toMatchObject({ kind: 'unexpected', attempts: 1 })
    await verify()
  })

  it('ends a call whose connector fails to classify the error', async () => {
    const cause = new Error('of the driver')
    const { clock, connection, verify } = await setUp(() => Promise.reject(cause), { classify: fail })
    await expect(clock.runUntil(connection.item.get({}))).rejects.toMatchObject({ kind: 'unexpected', cause })
    await verify()
  })

  it('ends a call that its own operation gives up before it returns', async () => {
    const control = new AbortController()
    const { clock, connection, verify } = await setUp(() => {
      control.abort('from inside')
      return hang()
    })
    const outcome = outcomeOf(connection.item.get({}, { signal: control.signal }))
    expect(await clock.runUntil(outcome, { limitMs: 10 })).toEqual({ error: 'from inside' })
    await verify()
  })

  it('ends a call although a listener to its end throws', async () => {
    const { clock, connection, verify } = await setUp((call) => {
      call.onCancel(fail)
      return hang()
    })
    const notices: string[] = []
    connection.$events.on('notice', ({ code }) => notices.push(code))
    const call = connection.item.get({}, { timeoutMs: 100 })
    await expect(clock.runUntil(call)).rejects.toMatchObject({ code: 'deadline' })
    expect(notices).toEqual(['cancel-listener'])
    await verify()
  })

  it('gives an answer that cannot be copied to its caller, and keeps nothing of it', async () => {
    const answer = Object.defineProperty({}, 'field', { get: () => fail(), enumerable: true })
    const { clock, connection, verify } = await setUp(async () => answer, { policies: { cache: { ttlMs: 1_000 } } })
    expect(await clock.runUntil(connection.item.get({}))).toBe(answer)
    expect(await clock.runUntil(connection.item.create({}, { idempotencyKey: 'one' }))).toBe(answer)
    await verify()
  })
})

describe('how callers and listeners end calls', () => {
  it.each<EventType>(['call-start', 'attempt-start'])(
    'sends nothing when a listener to %s gives the call up',
    async (type) => {
      let sent = 0
      const { clock, connection, verify } = await setUp(async () => sent++)
      const control = new AbortController()
      connection.$events.on(type, () => control.abort('by a listener'))
      const outcome = outcomeOf(connection.item.get({}, { signal: control.signal }))
      expect(await clock.runUntil(outcome)).toEqual({ error: 'by a listener' })
      expect(sent).toBe(0)
      await verify()
    },
  )

  it('starts no further attempt when the decision to retry gives the call up', async () => {
    let sent = 0
    const { clock, connection, verify } = await setUp(async () => {
      sent++
      throw new Fault({ kind: 'network', sent: 'maybe', freeRetry: 'stale-socket' })
    })
    const control = new AbortController()
    connection.$events.on('decision', () => control.abort('enough'))
    const outcome = outcomeOf(connection.item.get({}, { signal: control.signal }))
    expect(await clock.runUntil(outcome)).toEqual({ error: 'enough' })
    expect(sent).toBe(1)
    await verify()
  })

  it('rejects with the reason of the caller, even null', async () => {
    const { clock, connection, verify } = await setUp(hang)
    const control = new AbortController()
    const outcome = outcomeOf(connection.item.get({}, { signal: control.signal }))
    await clock.advance(10)
    control.abort(null)
    expect(await clock.runUntil(outcome)).toEqual({ error: null })
    await verify()
  })

  it('takes null for no options, as callers without types may pass it', async () => {
    const { clock, connection, verify } = await setUp(async () => 'value')
    expect(await clock.runUntil(connection.item.get({}, null as unknown as CallOptions))).toBe('value')
    await verify()
  })

  it('refuses a time limit that is no number', async () => {
    const { clock, connection, verify } = await setUp(hang)
    await expect(clock.runUntil(connection.item.get({}, { timeoutMs: Number.NaN }))).rejects.toMatchObject({
      kind: 'invalid-input',
      issues: [{ path: 'timeoutMs' }],
    })
    await verify()
  })
})

describe('the deadline', () => {
  const hangingSchema: Schema = { '~standard': { version: 1, vendor: 'test', validate: hang } }

  it.each<[string, Parts]>([
    ['an authorizer', { policies: { authorize: hang } }],
    ['a check of the input', { input: hangingSchema }],
    ['a check of the output', { output: hangingSchema, policies: { attemptTimeout: false } }],
    [
      'a check of the output at the second attempt',
      { output: hangingSchema, policies: { attemptTimeout: { timeoutMs: 400 } } },
    ],
  ])('ends a call while %s hangs, and so does the caller', async (_what, parts) => {
    const { clock, connection, verify } = await setUp(async () => 'value', parts)
    const late = outcomeOf(connection.item.get({}, { timeoutMs: 500 }))
    expect(await clock.runUntil(late, { limitMs: 550 })).toMatchObject({ error: { code: 'deadline' } })
    const control = new AbortController()
    const given = outcomeOf(connection.item.get({}, { signal: control.signal }))
    await clock.advance(20)
    control.abort('enough')
    expect(await clock.runUntil(given, { limitMs: 10 })).toEqual({ error: 'enough' })
    await verify()
  })

  it('as a date does not shrink by the time that an authorizer took', async () => {
    let sentAt = 0
    const { clock, connection } = await setUp(
      (call) => {
        sentAt = call.deadlineAt
        return hang()
      },
      {
        policies: {
          authorize: () =>
            new Promise((resolve) => {
              clock.timer(400, () => resolve(true))
            }),
        },
      },
    )
    const startedAt = clock.monotonic()
    const call = connection.item.get({}, { deadline: new Date(clock.now() + 1_000) })
    await expect(clock.runUntil(call)).rejects.toMatchObject({ code: 'deadline' })
    expect(sentAt - startedAt).toBe(1_000)
  })
})

describe('a deadline that is refused while something before it is waited for', () => {
  it.each([false, true])('leaves the gate that let the call through; it waits for the call: %s', async (waits) => {
    const clock = fakeClock()
    const runtime = new Runtime({ clock, random: seededRandom(5) })
    const counts = { lets: 0, leaves: 0, ended: 0 }
    const slow: Gate = {
      name: 'authorize',
      settings: {},
      // Ends at once when the call is given up, or has already let it through by then.
      enter: (call) =>
        new Promise((resolve, reject) => {
          const letThrough = (): void => {
            counts.lets++
            resolve(undefined)
          }
          if (!waits) letThrough()
          else call.onCancel(reject)
        }),
      leave: () => {
        counts.leaves++
      },
    }
    const refuse = (): never => {
      throw new Fault({ kind: 'invalid-input', sent: 'none' })
    }
    const spec = { name: 'item.get', effect: 'read', input: unchecked(), output: unchecked() } as const
    const scope = {
      ...{ connection: 'c', connector: 'test/vendor', tenant: undefined, target: 't', runtime, clock },
      ...{ random: runtime.random, events: new Events(), store: undefined, feedback: () => undefined },
    }
    const path = new CallPath({
      connector: {} as AnyConnector,
      operation: { spec, run: hang },
      client: lazy(async () => ({})),
      outer: [slow, { name: 'deadline', settings: {}, expect: refuse, enter: refuse }],
      inner: [],
      retry: undefined,
      ended: () => counts.ended++,
    })
    const call = new Call(scope, spec, {}, {}, clock.monotonic())
    await expect(clock.runUntil(path.run(call))).rejects.toMatchObject({ kind: 'invalid-input' })
    await clock.settle()
    expect(counts).toEqual({ lets: waits ? 0 : 1, leaves: waits ? 0 : 1, ended: 1 })
  })
})

describe('what an error says was sent', () => {
  it('counts the attempts before the last, so that a possible effect keeps its key', async () => {
    let runs = 0
    const { clock, connection, verify } = await setUp(
      async () => {
        runs++
        throw new Fault({ kind: 'unavailable', status: 503, sent: 'all' })
      },
      { policies: { breaker: { window: { calls: 1 }, minimumCalls: 1, breakMs: 60_000 } } },
    )
    const call = connection.item.create({}, { idempotencyKey: 'one', timeoutMs: 4_000 })
    await expect(clock.runUntil(call)).rejects.toMatchObject({ code: 'breaker-open', sent: 'all' })
    expect(runs).toBe(1)
    // The key is taken: nobody knows whether the effect happened, so another input must not get it.
    await clock.advance(1_000)
    const other = connection.item.create({ other: true }, { idempotencyKey: 'one' })
    await expect(clock.runUntil(other)).rejects.toMatchObject({ code: 'idempotency-key-reused' })
    await verify()
  })

  it('knows of the copies of a hedged call', async () => {
    const { clock, connection, verify } = await setUp(hang, { policies: { retry: { hedge: { afterMs: 50 } } } })
    const call = connection.item.put({}, { timeoutMs: 200 })
    await expect(clock.runUntil(call)).rejects.toMatchObject({ code: 'deadline', sent: 'maybe', attempts: 2 })
    await verify()
  })
})

it('gives the copies of a hedged call their whole time although the call has waited', async () => {
  const { clock, connection, verify } = await setUp(
    (call) =>
      new Promise((resolve) => {
        call.scope.clock.timer(600, () => resolve(call.attempt))
      }),
    { policies: { attemptTimeout: { timeoutMs: 1_000 }, retry: { attempts: 1, hedge: { afterMs: 5_000 } } } },
  )
  const both = Promise.all([connection.item.get({ id: 1 }), connection.item.get({ id: 2 })])
  expect(await clock.runUntil(both)).toEqual([1, 1])
  await verify()
})

function fail(): never {
  throw new Error('a mistake')
}
