// The call path as a whole against counters: thousands of calls at random, each ending in one of all the ways in which a call can end.
import { getEventListeners } from 'node:events'
import { describe, expect, it } from 'vitest'
import { Call, type Scope } from './call.ts'
import type { CallOptions } from './call-options.ts'
import { CallPath } from './call-path.ts'
import type { AnyConnector } from './connector.ts'
import { Fault, isPatchbayError } from './errors.ts'
import { Events } from './events.ts'
import { lazy } from './lazy.ts'
import { composePolicies, type PolicyOptions } from './policies/defaults.ts'
import { Answer, type Gate } from './policy.ts'
import { Runtime } from './runtime.ts'
import { schema, unchecked } from './schema.ts'
import { memoryStore } from './stores/memory.ts'
import { fakeClock } from './testing/time/fake-clock.ts'
import { type SeededRandom, seededRandom } from './testing/time/seeded-random.ts'

const maxInFlight = 6
const limit = { units: 40, perMs: 1_000 } as const
const standardMs = 4_000

/** How often a gate let a call through and was left; what it lets through at once. */
interface Count {
  lets: number
  leaves: number
  most: number
  readonly times: number[]
}

function counted(gate: Gate, count: Count, now: () => number): Gate {
  const through = (answer: undefined | Answer): undefined | Answer => {
    if (answer !== undefined) return answer
    count.lets++
    count.times.push(now())
    count.most = Math.max(count.most, count.lets - count.leaves)
    return undefined
  }
  return {
    name: gate.name,
    settings: gate.settings,
    ...(gate.expect === undefined ? {} : { expect: (call) => gate.expect?.(call) }),
    enter(call) {
      const entering = gate.enter?.(call)
      return entering instanceof Promise ? entering.then(through) : through(entering)
    },
    leave(call, error, value) {
      count.leaves++
      gate.leave?.(call, error, value)
    },
    ...(gate.recover === undefined ? {} : { recover: (call, error) => gate.recover?.(call, error) }),
    feedback: (call, feedback) => gate.feedback?.(call, feedback),
  }
}

/** Waits and lets through, refuses or answers, now or later; ends when the call is given up, as gates must. */
function chaosGate(name: 'cache' | 'attempt-timeout', random: SeededRandom): Gate {
  const act = (): undefined | Answer => {
    const draw = random.next()
    if (draw < 0.03) throw new Fault({ kind: 'unavailable', code: 'chaos', sent: 'none' })
    return draw < 0.06 ? new Answer(Promise.resolve('answered')) : undefined
  }
  return {
    name,
    settings: {},
    enter(call) {
      if (random.next() < 0.8) return act()
      return new Promise((resolve, reject) => {
        const stop = call.scope.clock.timer(random.below(200), () => {
          unlisten()
          try {
            resolve(act())
          } catch (error) {
            reject(error)
          }
        })
        const unlisten = call.onCancel((reason) => {
          stop()
          reject(reason)
        })
      })
    },
  }
}

const failures = [
  () => new Fault({ kind: 'unavailable', status: 503, sent: 'all' }),
  () => new Fault({ kind: 'unavailable', retryAfterMs: 300, sent: 'all' }),
  () => new Fault({ kind: 'network', sent: 'maybe', freeRetry: 'stale-socket' }),
  () => new Fault({ kind: 'not-found', status: 404, sent: 'all' }),
  () => Object.freeze(Object.assign(new Error('reset'), { code: 'ECONNRESET' })),
  () => new TypeError('a bug'),
  () => null,
  () => undefined,
  () => 'text',
]

function world(seed: number, policies: PolicyOptions, calm = false) {
  const random = seededRandom(seed)
  const clock = fakeClock()
  const runtime = new Runtime({ clock, random, store: memoryStore({ clock }) })
  const events = new Events()
  const scope: Scope = {
    connection: 'model',
    connector: 'test/model',
    tenant: 'a',
    target: 'model.test',
    runtime,
    clock,
    random,
    events,
    store: runtime.store,
    feedback: (call, told) => {
      for (const gate of composed.inner) gate.feedback?.(call, told)
    },
  }
  const manifest = { id: 'test/model', title: 'Model', summary: 'A model.', version: '1.0.0' }
  const composed = composePolicies(policies, manifest, scope)
  const counts = new Map<string, Count>()
  const wrap = (gate: Gate): Gate => {
    const count = { lets: 0, leaves: 0, most: 0, times: [] }
    counts.set(`${gate.name} ${counts.size}`, count)
    return counted(gate, count, clock.monotonic)
  }
  const outer = [...composed.outer, ...(calm ? [] : [chaosGate('cache', random)])].map(wrap)
  const inner = [...composed.inner, ...(calm ? [] : [chaosGate('attempt-timeout', random)])].map(wrap)
  const wrong: string[] = []
  let opens = 0
  const client = lazy(async () => {
    await new Promise<void>((resolve) => {
      clock.timer(300, resolve)
    })
    if (++opens % 3 !== 0) throw new Fault({ kind: 'network', code: 'ECONNREFUSED', sent: 'none' })
    return {}
  })
  const run = (_client: unknown, _input: unknown, call: Call): unknown => {
    if (call.ended || call.deadlineAt <= clock.monotonic()) wrong.push('an attempt began after its call had ended')
    if (random.next() < 0.2) void call.signal
    if (random.next() < 0.05) call.feedback({ retryAfterMs: 50 })
    const draw = random.next()
    const late = <T>(settle: () => T): Promise<T> =>
      new Promise((resolve, reject) => {
        clock.timer(random.below(draw < 0.9 ? 150 : 2_500), () => {
          try {
            resolve(settle())
          } catch (error) {
            reject(error)
          }
        })
      })
    if (draw < 0.25) return Promise.resolve('value')
    if (draw < 0.3) return 'no promise'
    // biome-ignore lint/suspicious/noThenProperty: drivers have such query objects
    if (draw < 0.33) return { then: (resolve: (value: string) => void) => resolve('thenable') }
    if (draw < 0.4) throw random.pick(failures)()
    if (draw < 0.5) return new Promise(() => undefined)
    if (draw < 0.53) {
      aborts.get(call.parent ?? call)?.abort('from inside')
      return new Promise(() => undefined)
    }
    if (draw < 0.7) return late(() => 'late value')
    return late(() => {
      throw random.pick(failures)()
    })
  }
  const aborts = new Map<Call, AbortController>()
  const connector = { contract: 1, manifest, config: unchecked(), credentials: [], operations: {} } as unknown
  let ended = 0
  const output = schema<unknown>((value) => ({ value }))
  const paths = (['read', 'idempotent', 'write'] as const).map((effect) => {
    const spec = { name: `item.${effect}`, effect, idempotency: 'vendor-key', input: unchecked(), output } as const
    const applies = (gate: Gate): boolean => gate.appliesTo?.(spec) ?? true
    const path = new CallPath({
      connector: connector as AnyConnector,
      operation: { spec, run: run as never },
      client,
      outer: outer.filter(applies),
      inner: inner.filter(applies),
      retry: composed.retry,
      ended: () => ended++,
    })
    return { spec, path }
  })
  return { random, clock, runtime, scope, composed, counts, wrong, paths, aborts, client, ended: () => ended }
}

async function play(seed: number, calls: number, policies: PolicyOptions): Promise<void> {
  const { random, clock, runtime, scope, composed, counts, wrong, paths, aborts, ended } = world(seed, policies)
  const { events } = scope
  if (seed % 2 === 0) {
    events.on('*', () => {
      throw new Error('a listener')
    })
    events.on('decision', async () => {
      throw new Error('an asynchronous listener')
    })
  }
  if (seed % 3 !== 0)
    await Promise.all([...composed.outer, ...composed.inner, composed.retry].map((part) => part?.ready?.()))
  const forever = new AbortController()
  let settled = 0
  let stalledMs = 0
  for (let index = 0; index < calls; index++) {
    const { spec, path } = random.pick(paths)
    const own = new AbortController()
    const aborted = random.next() < 0.3
    const timeoutMs = random.next() < 0.4 ? random.below(1_500) : undefined
    const options: CallOptions = {
      signal: aborted ? own.signal : random.next() < 0.5 ? forever.signal : undefined,
      timeoutMs,
      tenant: random.pick(['a', 'b', 'c']),
      idempotencyKey: random.next() < 0.2 ? `key-${random.below(30)}` : undefined,
    }
    const call = new Call(scope, spec, { key: random.below(20) }, options, clock.monotonic())
    if (aborted) {
      aborts.set(call, own)
      if (random.next() < 0.1) own.abort('before')
      else clock.timer(random.below(1_200), () => own.abort('later'))
    }
    const promise = path.run(call)
    const { resolve, reject } = call
    let times = 0
    const once = (): void => {
      if (++times > 1) wrong.push(`call ${index} settled twice`)
    }
    call.resolve = (value) => {
      once()
      resolve(value)
    }
    call.reject = (reason) => {
      once()
      reject(reason)
    }
    const stalledBefore = stalledMs
    const check = (error?: unknown): void => {
      settled++
      // A deadline that passes while the event loop stands still can only be seen afterwards.
      const tookMs = clock.monotonic() - call.startedAt - (stalledMs - stalledBefore)
      if (tookMs > (timeoutMs ?? standardMs) + 50)
        wrong.push(`call ${index} took ${tookMs} ms of ${timeoutMs ?? standardMs}`)
      if (isPatchbayError(error) && error.operation !== 'item.read' && error.attempts > call.attempt)
        wrong.push(`call ${index} counts too many attempts`)
      if (aborted && own.signal.aborted && isPatchbayError(error) && error.kind === 'cancelled')
        wrong.push(`call ${index} hides the caller's reason`)
      if (getEventListeners(own.signal, 'abort').length > 0) wrong.push(`call ${index} still listens to its signal`)
    }
    promise.then(() => check(), check)
    const draw = random.next()
    if (draw < 0.4) await clock.advance(random.below(40))
    else if (draw < 0.42) {
      const ms = random.below(500)
      stalledMs += ms
      await clock.stall(ms)
    } else if (draw < 0.43) clock.jump(random.between(-3_600_000, 3_600_000))
    const budget = composed.retry?.budgetOf(call)
    if (budget !== undefined && !(budget.tokens >= 0 && budget.tokens <= 101)) wrong.push(`budget ${budget.tokens}`)
  }
  for (let round = 0; round < 400 && settled < calls; round++) await clock.advance(50)
  await clock.advance(10_000)
  const { settledAll, ...rest } = {
    settledAll: settled,
    ended: ended(),
    wheel: runtime.wheel.size,
    pending: clock.pending,
    listeners: getEventListeners(forever.signal, 'abort').length,
  }
  expect(wrong.slice(0, 5)).toEqual([])
  expect({ settled: settledAll, ...rest }).toEqual({
    settled: calls,
    ended: calls,
    wheel: 0,
    pending: { timers: 0, intervals: 0, afterInput: 0 },
    listeners: 0,
  })
  for (const [name, { lets, leaves }] of counts) expect(`${name}: ${leaves} left`).toBe(`${name}: ${lets} left`)
  const named = (name: string): Count | undefined => [...counts].find(([key]) => key.startsWith(name))?.[1]
  if (policies.bulkhead) expect(named('bulkhead')?.most).toBeLessThanOrEqual(maxInFlight)
  const throttle = policies.throttle ? named('throttle') : undefined
  for (let index = limit.units; index < (throttle?.times.length ?? 0); index++)
    expect((throttle?.times[index] ?? 0) - (throttle?.times[index - limit.units] ?? 0)).toBeGreaterThan(limit.perMs - 1)
  const state = (composed.inner.find(({ name }) => name === 'throttle') as { state?: unknown } | undefined)?.state
  if (state !== undefined) expect(state).toMatchObject({ inFlight: 0, waiting: 0 })
}

const full: PolicyOptions = {
  deadline: { timeoutMs: standardMs },
  attemptTimeout: { timeoutMs: 700 },
  bulkhead: { maxInFlight, maxQueue: 30 },
  throttle: { limits: [limit], concurrency: 5, maxQueue: 20 },
  breaker: { minimumCalls: 10, breakMs: 300, probes: 2, slowCallMs: 600 },
  cache: { staleIfErrorMs: 1_000, ttlMs: 20 },
}

describe('the path of ten thousand calls at random', () => {
  const worlds: [string, PolicyOptions][] = [
    ['all policies', full],
    ['hedging', { ...full, retry: { hedge: { afterMs: 60, ratio: 0.5 } } }],
    [
      'hedging without bulkhead and throttle',
      {
        deadline: full.deadline as object,
        attemptTimeout: { timeoutMs: 200 },
        retry: { hedge: { afterMs: 30, ratio: 1 } },
      },
    ],
    ['an asynchronous authorizer', { ...full, authorize: async () => true as const }],
    ['no retry', { ...full, retry: false }],
    ['many retries without budget', { ...full, retry: { attempts: 10, budget: false, baseMs: 10 }, breaker: false }],
  ]
  const rounds = Number(process.env.MODEL_ROUNDS ?? 1)
  for (const [name, policies] of worlds) {
    it(`leaves each gate as often as it was let through, and nothing behind: ${name}`, async () => {
      for (let round = 0; round < rounds; round++)
        for (const seed of [1, 2, 3]) await play(seed + 10 * round, 560, policies)
    }, 600_000)
  }
})
