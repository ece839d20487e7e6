import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Call } from '../call.ts'
import type { Gate } from '../policy.ts'
import { Runtime } from '../runtime.ts'
import { fakeClock, seededRandom } from '../testing/index.ts'
import { type BulkheadOptions, bulkheadPolicy } from './bulkhead.ts'
import { type Bench, bench, refusalOf, through } from './fixtures/drive-gate.ts'

function setUp(options: BulkheadOptions): Bench & { gate: Gate } {
  const here = bench()
  return { ...here, gate: bulkheadPolicy(options, here.scope) }
}

function collectGarbage(): void {
  setFlagsFromString('--expose-gc')
  runInNewContext('gc')()
}

/** Lets p-limit's microtasks pass. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve()
}

/** Enters, and notes the name when the call gets its slot. */
function queue(gate: Gate, call: Call, name: string, served: string[]): void {
  Promise.resolve(gate.enter?.(call)).then(
    () => served.push(name),
    () => served.push(`-${name}`),
  )
}

// The code is loaded once per process; after that lines are there at once.
beforeAll(() => bulkheadPolicy({ maxInFlight: 1 }, bench().scope).ready?.())

describe('bulkhead', () => {
  it('lets as many through as it may, without a promise', () => {
    const { gate, call } = setUp({ maxInFlight: 2, maxQueue: 0 })
    expect([gate.enter?.(call()), gate.enter?.(call())]).toEqual([undefined, undefined])
    const third = call()
    expect(refusalOf(gate, third)).toMatchObject({ kind: 'unavailable', code: 'queue-full', sent: 'none' })
    expect(third.decisions?.[0]).toMatchObject({ decision: 'refuse', reason: 'queue-full', numbers: { inFlight: 2 } })
    gate.leave?.(call(), undefined, undefined)
    expect(refusalOf(gate, call())).toBeUndefined()
  })

  it('is left out when there is no limit', () => {
    expect(setUp({}).gate.appliesTo?.({} as never)).toBe(false)
    expect(setUp({ maxInFlight: 1 }).gate.appliesTo?.({} as never)).toBe(true)
  })

  it('serves tenants in turn and each tenant in order', async () => {
    const { gate, call } = setUp({ maxInFlight: 1 })
    gate.enter?.(call())
    const served: string[] = []
    for (const name of ['a1', 'a2', 'a3', 'a4', 'b1', 'b2', 'c1'])
      queue(gate, call({ tenant: name[0] as string }), name, served)
    await settle()
    expect(served).toEqual([])
    for (let turn = 0; turn < 7; turn++) {
      gate.leave?.(call(), undefined, undefined)
      await settle()
    }
    expect(served).toEqual(['a1', 'b1', 'c1', 'a2', 'b2', 'a3', 'a4'])
  })

  it('serves by weight', async () => {
    const { gate, call } = setUp({ maxInFlight: 1, weights: { a: 3 } })
    gate.enter?.(call())
    const served: string[] = []
    for (let index = 0; index < 30; index++) {
      queue(gate, call({ tenant: 'a' }), 'a', served)
      queue(gate, call({ tenant: 'b' }), 'b', served)
    }
    for (let turn = 0; turn < 20; turn++) {
      await settle()
      gate.leave?.(call(), undefined, undefined)
    }
    await settle()
    expect(served.filter((tenant) => tenant === 'a')).toHaveLength(15)
  })

  it('never lets a newcomer pass those who wait', async () => {
    const { gate, call } = setUp({ maxInFlight: 1 })
    const served: string[] = []
    gate.enter?.(call())
    queue(gate, call(), 'first', served)
    await settle()
    gate.leave?.(call(), undefined, undefined)
    queue(gate, call(), 'second', served)
    await settle()
    expect(served).toEqual(['first'])
  })

  it('lets a call go at once when it is given up, also the one whose turn is next', async () => {
    const { gate, call } = setUp({ maxInFlight: 1 })
    const served: string[] = []
    gate.enter?.(call())
    const waiting = [call(), call(), call()]
    const reason = new Error('given up')
    const outcome = gate.enter?.(waiting[0] as Call) as Promise<undefined>
    const rejected = expect(outcome).rejects.toBe(reason)
    queue(gate, waiting[1] as Call, 'second', served)
    queue(gate, waiting[2] as Call, 'third', served)
    await settle()
    waiting[0]?.cancel(reason, true)
    waiting[1]?.cancel(reason, true)
    await rejected
    gate.leave?.(call(), undefined, undefined)
    await settle()
    expect(served).toEqual(['-second', 'third'])
  })

  it('refuses a call that was cancelled before it could wait', async () => {
    const { gate, call } = setUp({ maxInFlight: 1, maxQueue: 1 })
    gate.enter?.(call())
    const ended = call()
    ended.cancel('over', true)
    await expect(gate.enter?.(ended)).rejects.toBe('over')
    const served: string[] = []
    queue(gate, call(), 'next', served)
    gate.leave?.(call(), undefined, undefined)
    await settle()
    expect(served).toEqual(['next'])
  })

  it('takes queue room from the tenant that holds most of it', async () => {
    const { gate, call, decisions } = setUp({ maxInFlight: 1, maxQueue: 4 })
    gate.enter?.(call())
    const served: string[] = []
    for (const name of ['a1', 'a2', 'a3', 'a4']) queue(gate, call({ tenant: 'a' }), name, served)
    queue(gate, call({ tenant: 'b' }), 'b1', served)
    queue(gate, call({ tenant: 'b' }), 'b2', served)
    await settle()
    expect(served).toEqual(['-a4', '-a3'])
    expect(decisions.filter(({ decision }) => decision === 'refuse')).toMatchObject([
      { reason: 'queue-share-exceeded' },
      { reason: 'queue-share-exceeded' },
    ])
    expect(refusalOf(gate, call({ tenant: 'a' }))).toMatchObject({ code: 'queue-full' })
    expect(refusalOf(gate, call({ tenant: 'b' }))).toMatchObject({ code: 'queue-full' })
  })

  it('holds no memory of callers who gave up while every slot hung', async () => {
    const { gate, call } = setUp({ maxInFlight: 1 })
    gate.enter?.(call())
    const gone: WeakRef<Call>[] = []
    for (let index = 0; index < 2_000; index++) {
      const one = call()
      gone.push(new WeakRef(one))
      Promise.resolve(gate.enter?.(one)).catch(() => undefined)
      if (index % 100 !== 0) one.cancel('timed out', true)
    }
    await settle()
    await new Promise((resolve) => setImmediate(resolve))
    collectGarbage()
    const served: string[] = []
    queue(gate, call(), 'last', served)
    for (let turn = 0; turn < 21; turn++) {
      gate.leave?.(call(), undefined, undefined)
      await settle()
    }
    expect(served).toEqual(['last'])
    expect(gone.filter((one) => one.deref() !== undefined).length).toBeLessThan(100)
  })

  it('is shared by connections when asked', () => {
    const clock = fakeClock()
    const runtime = new Runtime({ clock, random: seededRandom(1) })
    const of = (tenant: string): Gate =>
      bulkheadPolicy({ maxInFlight: 1, maxQueue: 0, share: 'target' }, bench({ runtime, tenant }, clock).scope)
    const here = bench()
    expect(refusalOf(of('a'), here.call())).toBeUndefined()
    expect(refusalOf(of('b'), here.call())).toMatchObject({ code: 'queue-full' })
  })

  it('names the option that is wrong', () => {
    expect(() => setUp({ maxInFlight: 0 })).toThrow(/bulkhead\.maxInFlight: must be a whole number of at least 1/)
    expect(() => setUp({ maxInFlight: 1, weights: { a: 0 } })).toThrow(/bulkhead\.weights\.a/)
  })

  it('never exceeds its limit, loses no slot and strands nobody, whatever happens', async () => {
    const step = fc.record({
      tenant: fc.constantFrom('a', 'b', 'c'),
      work: fc.nat(50),
      giveUp: fc.option(fc.nat(80), { nil: undefined }),
      pause: fc.nat(20),
    })
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 60 }),
        fc.integer({ min: 1, max: 4 }),
        async (steps, maxInFlight) => {
          const { gate, call, clock } = setUp({ maxInFlight, maxQueue: 8 })
          let inFlight = 0
          let most = 0
          const ends: Promise<unknown>[] = []
          for (const { tenant, work, giveUp, pause } of steps) {
            const one = call({ tenant })
            if (giveUp !== undefined) clock.timer(giveUp, () => one.cancel('given up', true))
            ends.push(
              Promise.resolve()
                .then(() =>
                  through(gate, one, async () => {
                    most = Math.max(most, ++inFlight)
                    await new Promise<void>((resolve) => clock.timer(work, resolve))
                    inFlight--
                  }),
                )
                .catch(() => undefined),
            )
            await clock.advance(pause)
          }
          await clock.advance(10_000)
          await Promise.all(ends)
          expect(most).toBeLessThanOrEqual(maxInFlight)
          for (let slot = 0; slot < maxInFlight; slot++) expect(gate.enter?.(call())).toBeUndefined()
          expect(gate.enter?.(call())).toBeInstanceOf(Promise)
        },
      ),
      { seed: 5, numRuns: 100 },
    )
  })
})
