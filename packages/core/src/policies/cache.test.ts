import { beforeAll, describe, expect, it } from 'vitest'
import type { Scope } from '../call.ts'
import type { CallOptions } from '../call-options.ts'
import type { ErrorFacts } from '../errors.ts'
import { Fault, patchbayError } from '../errors.ts'
import type { Store } from '../store.ts'
import { memoryStore } from '../stores/memory.ts'
import { fakeClock } from '../testing/index.ts'
import { cachePolicy } from './cache.ts'
import type { CacheOptions } from './cache-options.ts'
import { type Bench, bench, through } from './fixtures/drive-gate.ts'

interface Here extends Bench {
  readonly gate: ReturnType<typeof cachePolicy>
  /** How often the vendor was asked. */
  asked: number
  answer: unknown
  fails: Partial<ErrorFacts> | undefined
  /** Milliseconds that the vendor takes. */
  takes: number
  get(input?: unknown, options?: CallOptions, operation?: string): Promise<unknown>
  write(operation?: string, fails?: Partial<ErrorFacts>): Promise<unknown>
}

function setUp(options: CacheOptions = {}, parts: Partial<Scope> = {}, clock = fakeClock()): Here {
  const base = bench(parts, clock)
  const gate = cachePolicy(options, base.scope)
  const here: Here = {
    ...base,
    gate,
    asked: 0,
    answer: { items: [1] },
    fails: undefined,
    takes: 0,
    get(input = { id: 1 }, callOptions = {}, name = 'item.get') {
      const call = base.call(callOptions, { name }, input)
      return through(gate, call, async () => {
        here.asked++
        if (here.takes > 0)
          await new Promise<void>((resolve, reject) => {
            const stop = clock.timer(here.takes, resolve)
            call.onCancel((reason) => {
              stop()
              reject(reason)
            })
          })
        if (here.fails !== undefined) throw patchbayError({ kind: 'unavailable', sent: 'all', ...here.fails })
        return here.answer
      })
    },
    write(name = 'item.update', fails) {
      return through(gate, base.call({}, { name, effect: 'write' }), () => {
        if (fails !== undefined) throw patchbayError({ kind: 'unavailable', sent: 'maybe', ...fails })
        return 'written'
      })
    },
  }
  return here
}

// The code is loaded once per process; after that gates are there at once.
beforeAll(() => cachePolicy({}, bench().scope).ready())

describe('cache', () => {
  it('answers again within the ttl, per input, operation and tenant', async () => {
    const here = setUp({ ttlMs: 1000 })
    await here.get({ a: 1, b: 2 })
    await here.get({ b: 2, a: 1 })
    expect(here.asked).toBe(1)
    await here.get({ a: 1 })
    await here.get({ a: 1, b: 2 }, { tenant: 'other' })
    await here.get({ a: 1, b: 2 }, {}, 'item.find')
    expect(here.asked).toBe(4)
    expect(here.decisions[0]).toMatchObject({ decision: 'answer', reason: 'fresh', numbers: { ageMs: 0 } })
    await here.clock.advance(1000)
    await here.get({ a: 1, b: 2 })
    expect(here.asked).toBe(5)
  })

  it('keeps nothing by default, asks anew on reload, and leaves operations alone when told', async () => {
    const off = setUp()
    await off.get()
    await off.get()
    expect(off.asked).toBe(2)
    const here = setUp({ ttlMs: 1000, operations: { 'item.find': false, 'item.list': { ttlMs: 0 } } })
    await here.get()
    here.answer = 'newer'
    expect(await here.get({ id: 1 }, { cache: 'reload' })).toBe('newer')
    expect(await here.get()).toBe('newer')
    expect(here.asked).toBe(2)
    expect(here.gate.appliesTo?.({ name: 'item.find', effect: 'read' } as never)).toBe(false)
    for (let index = 0; index < 2; index++) await here.get({}, {}, 'item.list')
    expect(here.asked).toBe(4)
  })

  it('callers cannot poison one another', async () => {
    for (const values of ['clone', 'freeze'] as const) {
      const here = setUp({ ttlMs: 1000, values })
      here.answer = { items: [1] }
      const first = (await here.get()) as { items: number[] }
      first.items.push(666)
      const second = (await here.get()) as { items: number[] }
      if (values === 'clone') second.items.push(667)
      else expect(() => second.items.push(667)).toThrow(TypeError)
      expect(await here.get()).toEqual({ items: [1] })
    }
  })

  it('joins identical reads that run at the same time', async () => {
    const here = setUp()
    here.takes = 100
    const all = Promise.all([here.get(), here.get(), here.get(), here.get({ id: 2 })])
    await here.clock.advance(100)
    const [first, second, third] = await all
    expect(here.asked).toBe(2)
    expect(second).toEqual(first)
    expect(second).not.toBe(third)
  })

  it('a follower takes over when the leader gives up, and goes when it gives up itself', async () => {
    const here = setUp()
    here.takes = 100
    const leader = new AbortController()
    const call = here.call({}, {}, { id: 1 })
    leader.signal.addEventListener('abort', () => call.cancel('leader gone', true))
    const led = through(here.gate, call, () => new Promise((_, reject) => call.onCancel(reject)))
    const ledEnd = led.catch((reason: unknown) => reason)
    const followers = [here.get(), here.get()]
    const impatient = here.call({}, {}, { id: 1 })
    const gone = through(here.gate, impatient, () => 'never').catch((reason: unknown) => reason)
    await here.clock.advance(10)
    impatient.cancel('impatient', true)
    expect(await gone).toBe('impatient')
    leader.abort()
    expect(await ledEnd).toBe('leader gone')
    await here.clock.advance(100)
    expect(await Promise.all(followers)).toEqual([here.answer, here.answer])
    expect(here.asked).toBe(1)
  })

  it('shares the vendor’s error, and forgets it', async () => {
    const here = setUp({ ttlMs: 1000 })
    here.takes = 100
    here.fails = { kind: 'not-found', code: 'gone' }
    const all = Promise.allSettled([here.get(), here.get()])
    await here.clock.advance(100)
    expect(await all).toMatchObject([{ reason: { code: 'gone' } }, { reason: { code: 'gone' } }])
    expect(here.asked).toBe(1)
    here.fails = undefined
    here.takes = 0
    expect(await here.get()).toEqual(here.answer)
  })

  it('gives streams and instances to one caller each, and does not make others wait for them again', async () => {
    const here = setUp({ ttlMs: 1000 })
    here.takes = 100
    here.answer = new ReadableStream()
    const all = Promise.all([here.get(), here.get()])
    await here.clock.advance(200)
    await all
    expect(here.asked).toBe(2)
    const more = Promise.all([here.get(), here.get()])
    await here.clock.advance(100)
    await more
    expect(here.asked).toBe(4)
  })

  it('answers the old value while one caller asks anew', async () => {
    const here = setUp({ ttlMs: 1000, staleWhileRevalidateMs: 500 })
    await here.get()
    await here.clock.advance(1200)
    here.takes = 100
    here.answer = 'new'
    const refreshing = here.get()
    expect(await here.get()).toEqual({ items: [1] })
    expect(here.decisions.at(-1)).toMatchObject({ reason: 'stale-while-revalidate', numbers: { ageMs: 1200 } })
    await here.clock.advance(100)
    expect(await refreshing).toBe('new')
    expect(await here.get()).toBe('new')
    expect(here.asked).toBe(2)
  })

  it('answers the old value when the vendor cannot be reached, and never as a new one', async () => {
    const here = setUp({ ttlMs: 1000, staleIfErrorMs: 10_000 })
    await here.get()
    await here.clock.advance(5000)
    here.fails = { kind: 'network' }
    here.takes = 50
    const both = Promise.all([here.get(), here.get()])
    await here.clock.advance(50)
    expect(await both).toEqual([{ items: [1] }, { items: [1] }])
    expect(here.asked).toBe(2)
    expect(here.decisions.at(-1)).toMatchObject({ reason: 'stale-if-error' })
    here.takes = 0
    here.fails = { kind: 'permission' }
    await expect(here.get()).rejects.toMatchObject({ kind: 'permission' })
    await here.clock.advance(6000)
    here.fails = { kind: 'network' }
    await expect(here.get()).rejects.toMatchObject({ kind: 'network' })
  })

  it('a write on the same noun forgets, also what was read before it and came after', async () => {
    const here = setUp({ ttlMs: 10_000, staleIfErrorMs: 10_000 })
    await here.get()
    await here.write('other.update')
    await here.get()
    expect(here.asked).toBe(1)
    await expect(here.write('item.update', { sent: 'maybe' })).rejects.toThrow()
    await here.get()
    expect(here.asked).toBe(2)
    here.takes = 100
    const reading = here.get({ id: 2 })
    await here.write()
    await here.clock.advance(100)
    await reading
    here.takes = 0
    await here.get({ id: 2 })
    expect(here.asked).toBe(4)
    await expect(here.write('item.update', { kind: 'invalid-input', sent: 'none' })).rejects.toThrow()
    await here.get({ id: 2 })
    expect(here.asked).toBe(4)
  })

  it('holds no more than it may, the least used go first', async () => {
    const here = setUp({ ttlMs: 10_000, maxEntries: 2 })
    for (const id of [1, 2, 1, 3, 1]) await here.get({ id })
    expect(here.asked).toBe(3)
    await here.get({ id: 2 })
    expect(here.asked).toBe(4)
    const small = setUp({ ttlMs: 10_000, maxBytes: 10_000 })
    small.answer = 'x'.repeat(4000)
    for (const id of [1, 2, 1, 2]) await small.get({ id })
    expect(small.asked).toBe(4)
    small.gate.current?.clear()
  })

  it('passes reads whose input has no text', async () => {
    const here = setUp({ ttlMs: 1000 })
    for (let index = 0; index < 2; index++) await here.get({ body: new ReadableStream() })
    expect(here.asked).toBe(2)
  })

  it('names the option that is wrong', () => {
    expect(() => setUp({ ttlMs: -1 })).toThrow(/cache\.ttlMs/)
    expect(() => setUp({ operations: { 'a.b': { ttlMs: Number.NaN } } })).toThrow(/cache\.operations\.a\.b\.ttlMs/)
    expect(() => setUp({ staleWhileRevalidateMs: 5, singleFlight: false })).toThrow(/needs cache\.singleFlight/)
    expect(() => setUp({ store: { partition: 'p' } })).toThrow(/cache\.store: needs a store/)
  })
})

describe('cache in a store', () => {
  const options: CacheOptions = { ttlMs: 10_000, store: { partition: 'account-1' } }

  it('answers other processes, with the age it has', async () => {
    const clock = fakeClock()
    const store = memoryStore({ clock })
    const [first, second] = [setUp(options, { store }, clock), setUp(options, { store }, clock)]
    await first.get()
    await clock.advance(4000)
    const both = await Promise.all([second.get(), second.get()])
    expect([second.asked, ...both]).toEqual([0, { items: [1] }, { items: [1] }])
    await clock.advance(5999)
    await second.get()
    expect(second.asked).toBe(0)
    await clock.advance(1)
    await second.get()
    expect(second.asked).toBe(1)
  })

  it('never crosses partitions, and keeps no secret of the input in its keys', async () => {
    const clock = fakeClock()
    const store = memoryStore({ clock })
    await setUp(options, { store }, clock).get({ token: 'very-secret' })
    await clock.settle()
    const other = setUp({ ttlMs: 10_000, store: { partition: 'account-2' } }, { store }, clock)
    await other.get({ token: 'very-secret' })
    expect(other.asked).toBe(1)
    const keys = (await store.list('')).map(({ key }) => key)
    expect(keys).toHaveLength(2)
    for (const key of keys) expect(key).toMatch(/^cache\/[0-9a-f]{64}$/)
  })

  it('asks the vendor after a write of its own, whatever the store still holds', async () => {
    const clock = fakeClock()
    const store = memoryStore({ clock })
    const here = setUp(options, { store }, clock)
    await here.get()
    await clock.advance(10)
    await here.write()
    await here.get()
    expect(here.asked).toBe(2)
  })

  it('does without when the store fails or hangs', async () => {
    const clock = fakeClock()
    const broken = { get: () => Promise.reject(new Error('down')), write: () => Promise.reject(new Error('down')) }
    const here = setUp(options, { store: broken as unknown as Store }, clock)
    const notices: string[] = []
    here.scope.events.on('notice', ({ code }) => notices.push(code))
    expect(await here.get()).toEqual({ items: [1] })
    await clock.settle()
    expect(notices).toEqual(['cache-store', 'cache-store'])
    const hanging = { get: () => new Promise(() => undefined) } as unknown as Store
    const stuck = setUp(options, { store: hanging }, clock)
    const call = stuck.call({}, {}, { id: 1 })
    const end = through(stuck.gate, call, () => 'never').catch((reason: unknown) => reason)
    await clock.settle()
    call.cancel(new Fault({ kind: 'timeout', code: 'deadline' }), true)
    expect(await end).toMatchObject({ facts: { code: 'deadline' } })
  })
})
