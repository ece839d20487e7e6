import { beforeAll, describe, expect, it } from 'vitest'
import type { Call } from '../call.ts'
import type { CallOptions } from '../call-options.ts'
import { type ErrorFacts, patchbayError } from '../errors.ts'
import type { OperationSpec } from '../operation-spec.ts'
import { Runtime } from '../runtime.ts'
import type { Store } from '../store.ts'
import { memoryStore } from '../stores/memory.ts'
import { type FakeClock, fakeClock, seededRandom } from '../testing/index.ts'
import { type Bench, bench, through } from './fixtures/drive-gate.ts'
import { type IdempotencyGate, type IdempotencyOptions, idempotencyPolicy } from './idempotency.ts'

interface Process extends Bench {
  readonly gate: IdempotencyGate
  /** Effects that reached the vendor, by the key they carried. */
  readonly effects: (string | undefined)[]
  /** Sends with the key; fails or takes time as told. */
  send(key: string | undefined, input?: unknown, how?: How): Promise<unknown>
}

interface How {
  readonly takes?: number
  readonly fails?: Partial<ErrorFacts>
  readonly vendorKey?: boolean
  readonly options?: CallOptions
  readonly spec?: Partial<OperationSpec>
  /** Called with the call as it starts. */
  readonly began?: (call: Call) => void
}

function processWith(store: Store | undefined, clock: FakeClock, options: IdempotencyOptions = {}): Process {
  const runtime = new Runtime({ clock, random: seededRandom(9) })
  const base = bench({ store, runtime }, clock)
  const gate = idempotencyPolicy(options, base.scope)
  const effects: (string | undefined)[] = []
  return {
    ...base,
    gate,
    effects,
    send(key, input = { amount: 5 }, { takes = 0, fails, vendorKey = false, options: callOptions, spec, began } = {}) {
      const idempotency = vendorKey ? { idempotency: 'vendor-key' as const } : {}
      const keyed = key === undefined ? {} : { idempotencyKey: key }
      const call = base.call(
        { ...keyed, ...callOptions },
        { name: 'payment.create', effect: 'write', ...idempotency, ...spec },
        input,
      )
      began?.(call)
      return through(gate, call, async () => {
        effects.push(call.idempotencyKey)
        if (takes > 0)
          await new Promise<void>((resolve, reject) => {
            clock.timer(takes, resolve)
            call.onCancel(reject)
          })
        if (fails !== undefined) throw patchbayError({ kind: 'network', sent: 'maybe', ...fails })
        return { id: effects.length }
      })
    },
  }
}

async function settled(clock: FakeClock): Promise<void> {
  for (let turn = 0; turn < 5; turn++) {
    await new Promise((resolve) => setImmediate(resolve))
    await clock.settle()
  }
}

// The code is loaded once per process; after that gates are there at once.
beforeAll(() => idempotencyPolicy({}, bench().scope).ready?.())

describe('idempotency keys', () => {
  it('makes one for writes that the vendor can deduplicate, and none for others', async () => {
    const clock = fakeClock()
    const one = processWith(undefined, clock)
    await one.send(undefined, {}, { vendorKey: true })
    await one.send(undefined, {}, { vendorKey: true })
    await one.send(undefined)
    expect(one.effects[0]).toMatch(/^[0-9a-f-]{36}$/)
    expect(one.effects[1]).not.toBe(one.effects[0])
    expect(one.effects[2]).toBeUndefined()
    expect(one.gate.appliesTo?.({ effect: 'read' } as never)).toBe(false)
  })

  it('joins calls with the same key that run at the same time, without a store too', async () => {
    const clock = fakeClock()
    const one = processWith(undefined, clock)
    const first = one.send('k', undefined, { takes: 100 })
    await settled(clock)
    const second = one.send('k')
    const other = one.send('k', { amount: 6 })
    await expect(other).rejects.toMatchObject({
      facts: { kind: 'conflict', code: 'idempotency-key-reused', retry: 'never' },
    })
    await clock.advance(100)
    expect([await first, await second, one.effects.length]).toEqual([{ id: 1 }, { id: 1 }, 1])
  })

  it('a joined call goes itself when the first came to nothing', async () => {
    const clock = fakeClock()
    const one = processWith(undefined, clock)
    const first = one.send('k', undefined, { takes: 100, fails: { kind: 'invalid-input', sent: 'all' } })
    const failed = expect(first).rejects.toMatchObject({ kind: 'invalid-input' })
    await settled(clock)
    const second = one.send('k')
    await clock.advance(100)
    await failed
    expect(await second).toEqual({ id: 2 })
  })

  it('refuses keys that no header could carry', async () => {
    const one = processWith(undefined, fakeClock())
    await expect(async () => one.send('with space')).rejects.toMatchObject({ facts: { kind: 'invalid-input' } })
    await expect(async () => one.send('x'.repeat(256))).rejects.toMatchObject({ facts: { kind: 'invalid-input' } })
  })
})

describe('idempotency with a store', () => {
  it('answers the stored result, in this process and in others, until it is forgotten', async () => {
    const clock = fakeClock()
    const store = memoryStore({ clock })
    const [one, two] = [processWith(store, clock, { ttlMs: 60_000 }), processWith(store, clock)]
    expect(await one.send('k')).toEqual({ id: 1 })
    await settled(clock)
    expect([await one.send('k'), await two.send('k'), two.effects]).toEqual([{ id: 1 }, { id: 1 }, []])
    expect(two.decisions.at(-1)).toMatchObject({ policy: 'idempotency', decision: 'answer', reason: 'stored-result' })
    await expect(two.send('k', { amount: 6 })).rejects.toMatchObject({ facts: { code: 'idempotency-key-reused' } })
    await expect(two.send('k', undefined, { spec: { name: 'payment.cancel' } })).rejects.toMatchObject({
      facts: { code: 'idempotency-key-reused' },
    })
    expect(await two.send('k', undefined, { options: { tenant: 'other' } })).toEqual({ id: 1 })
    expect(two.effects).toHaveLength(1)
    await clock.advance(61_000)
    expect(await one.send('k')).toEqual({ id: 2 })
  })

  it('says that a call with the key is running elsewhere, and for how long at most', async () => {
    const clock = fakeClock()
    const store = memoryStore({ clock })
    const [one, two] = [processWith(store, clock), processWith(store, clock)]
    const first = one.send('k', undefined, { takes: 1000, options: { timeoutMs: 10_000 } })
    await settled(clock)
    await expect(two.send('k')).rejects.toMatchObject({
      facts: { kind: 'conflict', code: 'idempotency-key-running', retry: 'later', retryAfterMs: 15_000, sent: 'none' },
    })
    await clock.advance(1000)
    expect(await first).toEqual({ id: 1 })
    await settled(clock)
    expect(await two.send('k')).toEqual({ id: 1 })
  })

  it('of many processes at the same moment exactly one sends', async () => {
    const clock = fakeClock()
    const store = memoryStore({ clock })
    const all = Array.from({ length: 8 }, () => processWith(store, clock))
    const ends = Promise.allSettled(
      all.flatMap((one) => [one.send('k', undefined, { takes: 50 }), one.send('k', undefined, { takes: 50 })]),
    )
    await settled(clock)
    await clock.advance(50)
    const results = await ends
    expect(all.flatMap(({ effects }) => effects)).toHaveLength(1)
    for (const result of results)
      if (result.status === 'rejected')
        expect(result.reason).toMatchObject({ facts: { code: 'idempotency-key-running' } })
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(2)
  })

  it('after a crash between send and store: the same key again when the vendor honours it, else never blindly', async () => {
    for (const vendorKey of [true, false]) {
      const clock = fakeClock()
      const store = memoryStore({ clock })
      const crashed = processWith(store, clock, { leaseMs: 30_000 })
      crashed.send('k', undefined, { takes: 1e9, vendorKey }).catch(() => undefined)
      await settled(clock)
      expect(crashed.effects).toEqual(['k'])
      await clock.advance(30_001)
      const next = processWith(store, clock)
      if (vendorKey) {
        expect(await next.send('k', undefined, { vendorKey })).toEqual({ id: 1 })
        expect(next.effects).toEqual(['k'])
        expect(next.decisions.at(-1)).toMatchObject({ decision: 'resend', reason: 'outcome-unknown' })
        continue
      }
      await expect(next.send('k')).rejects.toMatchObject({
        facts: { kind: 'conflict', code: 'outcome-unknown', retry: 'never' },
      })
      expect(next.effects).toEqual([])
      await next.gate.forget('k')
      expect(await next.send('k')).toEqual({ id: 1 })
    }
  })

  it('a failure that may have done it leaves the outcome unknown; one that has not frees the key', async () => {
    const clock = fakeClock()
    const store = memoryStore({ clock })
    const one = processWith(store, clock)
    await expect(one.send('maybe', undefined, { fails: { kind: 'timeout', sent: 'maybe' } })).rejects.toThrow()
    await settled(clock)
    await expect(one.send('maybe')).rejects.toMatchObject({ facts: { code: 'outcome-unknown' } })
    for (const fails of [
      { kind: 'network', sent: 'none' },
      { kind: 'permission', sent: 'all' },
    ] as const) {
      const key = `free-${fails.kind}`
      await expect(one.send(key, undefined, { fails })).rejects.toThrow()
      await settled(clock)
      expect(await one.send(key)).toMatchObject({ id: expect.any(Number) })
    }
  })

  it('keeps `undefined`, and says so when an answer could not be kept', async () => {
    const clock = fakeClock()
    const store = memoryStore({ clock })
    const one = processWith(store, clock, { maxResultLength: 3 })
    await one.send('k')
    await settled(clock)
    await expect(one.send('k')).rejects.toMatchObject({ facts: { kind: 'conflict', code: 'already-done' } })
    const call = (): Call => one.call({ idempotencyKey: 'void' }, { name: 'payment.void', effect: 'write' })
    await through(one.gate, call(), () => undefined)
    await settled(clock)
    expect(await through(one.gate, call(), () => 'sent twice')).toBeUndefined()
  })

  it('sends nothing when the store cannot be read, and ends when the caller does', async () => {
    const clock = fakeClock()
    const broken = { get: () => Promise.reject(patchbayError({ kind: 'unavailable' })) } as unknown as Store
    const one = processWith(broken, clock)
    await expect(one.send('k')).rejects.toMatchObject({ kind: 'unavailable' })
    expect(one.effects).toEqual([])
    const hanging = processWith({ get: () => new Promise(() => undefined) } as unknown as Store, clock)
    let call: Call | undefined
    const end = hanging.send('k', undefined, { began: (begun) => (call = begun) }).catch((reason: unknown) => reason)
    await settled(clock)
    call?.cancel('deadline', true)
    expect(await end).toBe('deadline')
  })

  it('takes a claim back that came through after its caller had gone', async () => {
    const clock = fakeClock()
    const store = memoryStore({ clock })
    let release: () => void = () => undefined
    const slow: Store = {
      ...store,
      get: (key) => store.get(key),
      write: async (groups) => {
        const result = await store.write(groups)
        await new Promise<void>((resolve) => (release = resolve))
        return result
      },
    }
    const one = processWith(slow, clock)
    let call: Call | undefined
    const end = one.send('k', undefined, { began: (begun) => (call = begun) }).catch((reason: unknown) => reason)
    await settled(clock)
    call?.cancel('gone', true)
    expect(await end).toBe('gone')
    release()
    await settled(clock)
    release()
    await settled(clock)
    expect(await processWith(store, clock).send('k')).toEqual({ id: 1 })
  })

  it('tries again to store the outcome, and tells when it cannot', async () => {
    const clock = fakeClock()
    const store = memoryStore({ clock })
    let failures = 3
    const flaky: Store = {
      ...store,
      get: (key) => store.get(key),
      write: async (groups) => {
        const [first] = groups
        if (JSON.stringify(first).includes('done') && failures-- > 0) throw patchbayError({ kind: 'unavailable' })
        return store.write(groups)
      },
    }
    const one = processWith(flaky, clock)
    await one.send('k')
    await settled(clock)
    await clock.advance(60_000)
    await settled(clock)
    expect(await processWith(store, clock).send('k')).toEqual({ id: 1 })
    failures = 99
    const notices: string[] = []
    one.scope.events.on('notice', ({ code }) => notices.push(code))
    await one.send('other')
    await settled(clock)
    await clock.advance(60_000)
    await settled(clock)
    expect(notices).toEqual(['idempotency-store'])
    expect(clock.pending.timers).toBe(0)
  })
})

it('lets go of a key whose claim fails in the moment in which its call is given up', async () => {
  for (let turns = 0; turns < 12; turns++) {
    const clock = fakeClock()
    const store = memoryStore({ clock })
    const process = processWith(store, clock)
    await process.gate.ready?.()
    const get = store.get.bind(store)
    let fail: () => void = () => undefined
    store.get = () =>
      new Promise((_, reject) => {
        fail = () => reject(new Error('the store failed'))
      })
    let call: Call | undefined
    const began = (started: Call): void => {
      call = started
    }
    const first = process.send('key', 1, { began }).catch(() => undefined)
    await clock.settle()
    store.get = get
    fail()
    for (let turn = 0; turn < turns; turn++) await undefined
    call?.cancel('given up', true)
    await first
    expect(await clock.runUntil(process.send('key', 1), { limitMs: 1_000 }), `after ${turns} turns`).toBeDefined()
  }
})
