import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Call } from '../call.ts'
import type { ErrorFacts } from '../errors.ts'
import { Runtime } from '../runtime.ts'
import { fakeClock, seededRandom } from '../testing/index.ts'
import { type BreakerGate, type BreakerOptions, breakerPolicy } from './breaker.ts'
import { CountWindow, failed, slow, TimeWindow } from './breaker-window.ts'
import { type Bench, bench, failure, refusalOf } from './fixtures/drive-gate.ts'

function setUp(options: BreakerOptions = {}): Bench & { gate: BreakerGate; run(facts?: Partial<ErrorFacts>): Call } {
  const here = bench()
  const gate = breakerPolicy({ jitter: 0, minimumCalls: 4, ...options }, here.scope)
  const run = (facts?: Partial<ErrorFacts>): Call => {
    const call = here.call()
    gate.enter?.(call)
    gate.leave?.(call, facts === undefined ? undefined : failure(facts), undefined)
    return call
  }
  return { ...here, gate, run }
}

const down = { kind: 'unavailable' } as const

// The code is loaded once per process; after that breakers judge at once.
beforeAll(() => breakerPolicy({}, bench().scope).ready?.())

describe('breaker', () => {
  it('opens on the failure ratio, not before the minimum of calls, and refuses with the time left', async () => {
    const { gate, run, call, clock, decisions } = setUp({ breakMs: 5000 })
    for (let index = 0; index < 3; index++) run(down)
    expect(gate.handle.state).toBe('closed')
    run(down)
    expect(gate.handle.state).toBe('open')
    expect(decisions.at(-1)).toMatchObject({
      decision: 'open',
      reason: 'failure-ratio',
      numbers: { calls: 4, failures: 4, failureRatio: 1, breakMs: 5000 },
    })
    await clock.advance(1200)
    const refused = call()
    expect(refusalOf(gate, refused)).toMatchObject({
      kind: 'unavailable',
      code: 'breaker-open',
      sent: 'none',
      retryAfterMs: 3800,
    })
    expect(refused.decisions?.[0]).toMatchObject({ decision: 'refuse', reason: 'open', numbers: { leftMs: 3800 } })
  })

  it('opens when a success completes the minimum', () => {
    const { gate, run } = setUp()
    for (let index = 0; index < 3; index++) run(down)
    run()
    expect(gate.handle.state).toBe('open')
  })

  it('counts nothing that is not the vendor’s health', () => {
    const { gate, run } = setUp()
    const neutral: Partial<ErrorFacts>[] = [
      { kind: 'rate-limited' },
      { kind: 'credential' },
      { kind: 'cancelled' },
      { kind: 'timeout', code: 'deadline' },
      { kind: 'config', sent: 'none' },
      { kind: 'unexpected' },
      { kind: 'protocol' },
    ]
    for (let round = 0; round < 10; round++) for (const facts of neutral) run(facts)
    expect(gate.handle.snapshot()).toMatchObject({ state: 'closed', calls: 0, failures: 0 })
    run({ kind: 'not-found' })
    expect(gate.handle.snapshot()).toMatchObject({ calls: 1, failures: 0 })
    run({ kind: 'timeout', code: 'attempt-timeout', sent: 'maybe' })
    run({ kind: 'network', sent: 'none' })
    expect(gate.handle.snapshot()).toMatchObject({ calls: 3, failures: 2 })
  })

  it('counts protocol and unexpected errors when told to', () => {
    const { gate, run } = setUp({ failures: ['protocol', 'unexpected'] })
    for (const kind of ['protocol', 'unexpected', 'protocol', 'unexpected'] as const) run({ kind })
    expect(gate.handle.state).toBe('open')
  })

  it('forgets failures that have left the time window', async () => {
    const { gate, run, clock } = setUp({ window: { ms: 10_000 } })
    for (let index = 0; index < 3; index++) run(down)
    await clock.advance(10_001)
    run(down)
    expect(gate.handle.snapshot()).toMatchObject({ state: 'closed', calls: 1, failures: 1 })
  })

  it('opens on slow calls, and sees a hung vendor even through the caller’s deadline', async () => {
    const { gate, call, clock, decisions } = setUp({ slowCallMs: 1000, slowRatio: 0.5 })
    for (let index = 0; index < 4; index++) {
      const one = call()
      gate.enter?.(one)
      await clock.advance(1000)
      const deadline = failure({ kind: 'timeout', code: 'deadline', sent: 'maybe' })
      gate.leave?.(one, index % 2 === 0 ? undefined : deadline, undefined)
    }
    expect(decisions.at(-1)).toMatchObject({ decision: 'open', reason: 'slow-ratio', numbers: { slowCalls: 4 } })
  })

  it('probes, then recovers by a slow start', async () => {
    const { gate, run, call, clock, decisions } = setUp({ breakMs: 1000, probes: 2, slowStart: 4 })
    for (let index = 0; index < 4; index++) run(down)
    await clock.advance(1000)
    const [first, second, third] = [call(), call(), call()]
    gate.enter?.(first)
    gate.enter?.(second)
    expect(gate.handle.state).toBe('half-open')
    expect(refusalOf(gate, third)).toMatchObject({ code: 'breaker-open', sent: 'none' })
    gate.leave?.(first, undefined, undefined)
    gate.leave?.(second, undefined, undefined)
    expect(gate.handle.state).toBe('closed')
    expect(decisions.at(-1)).toMatchObject({ decision: 'close', reason: 'probes-passed' })
    const wave = [call(), call(), call()]
    gate.enter?.(wave[0] as Call)
    gate.enter?.(wave[1] as Call)
    expect(refusalOf(gate, wave[2] as Call)).toMatchObject({ code: 'breaker-open' })
    for (const one of wave.slice(0, 2)) gate.leave?.(one, undefined, undefined)
    for (let index = 0; index < 50; index++) expect(refusalOf(gate, call())).toBeUndefined()
  })

  it('grows the break, caps it, and starts small again after a steady time', async () => {
    const { gate, run, clock } = setUp({ breakMs: 1000, maxBreakMs: 3000, probes: 1, slowStart: 0 })
    const breaks: number[] = []
    for (let round = 0; round < 4; round++) {
      if (round === 0) for (let index = 0; index < 4; index++) run(down)
      else run(down)
      breaks.push(gate.handle.snapshot().breakLeftMs)
      await clock.advance(breaks.at(-1) as number)
    }
    expect(breaks).toEqual([1000, 2000, 3000, 3000])
    run()
    expect(gate.handle.state).toBe('closed')
    await clock.advance(6001)
    for (let index = 0; index < 4; index++) run(down)
    expect(gate.handle.snapshot()).toMatchObject({ breakLeftMs: 1000, openings: 1 })
  })

  it('jitters the break within its share', () => {
    const lengths = [1, 2, 3, 4, 5, 6].map((seed) => {
      const here = bench({ random: seededRandom(seed) })
      const gate = breakerPolicy({ breakMs: 1000, jitter: 0.3, minimumCalls: 1 }, here.scope)
      const call = here.call()
      gate.enter?.(call)
      gate.leave?.(call, failure(), undefined)
      return gate.handle.snapshot().breakLeftMs
    })
    expect(new Set(lengths).size).toBeGreaterThan(3)
    for (const length of lengths) expect(length).toBeGreaterThanOrEqual(700)
    for (const length of lengths) expect(length).toBeLessThanOrEqual(1000)
  })

  it('breaks at least as long as the vendor asked', () => {
    const { gate, run } = setUp({ breakMs: 1000, maxBreakMs: 20_000 })
    for (let index = 0; index < 4; index++) run({ ...down, retryAfterMs: 7000 })
    expect(gate.handle.snapshot().breakLeftMs).toBe(7000)
  })

  it('gives the permit of a probe back that ended without a verdict', async () => {
    const { gate, run, call, clock } = setUp({ breakMs: 1000, probes: 1 })
    for (let index = 0; index < 4; index++) run(down)
    await clock.advance(1000)
    for (const kind of ['cancelled', 'rate-limited'] as const) {
      const probe = call()
      gate.enter?.(probe)
      expect(refusalOf(gate, call())).toMatchObject({ code: 'breaker-open' })
      gate.leave?.(probe, failure({ kind, sent: 'none' }), undefined)
      expect(gate.handle.state).toBe('half-open')
    }
    run()
    expect(gate.handle.state).toBe('closed')
  })

  it('ignores calls that began before the break', async () => {
    const { gate, run, call, clock } = setUp({ breakMs: 1000, probes: 1, slowStart: 0 })
    const old = [call(), call(), call(), call(), call()]
    for (const one of old) gate.enter?.(one)
    for (let index = 0; index < 4; index++) run(down)
    await clock.advance(1000)
    const probe = call()
    gate.enter?.(probe)
    gate.leave?.(old[0] as Call, failure(), undefined)
    expect(gate.handle.state).toBe('half-open')
    gate.leave?.(probe, undefined, undefined)
    for (const one of old.slice(1)) gate.leave?.(one, failure(), undefined)
    expect(gate.handle.snapshot()).toMatchObject({ state: 'closed', calls: 0 })
  })

  it('is isolated and reset by hand', () => {
    const { gate, run, call, decisions } = setUp()
    gate.handle.isolate()
    expect(refusalOf(gate, call())).toMatchObject({ kind: 'unavailable', code: 'breaker-isolated', sent: 'none' })
    gate.handle.reset()
    run()
    expect(gate.handle.snapshot()).toMatchObject({ state: 'closed', calls: 1 })
    expect(decisions.map(({ decision, reason }) => `${decision} ${reason}`)).toEqual(['open by-hand', 'close by-hand'])
  })

  it('survives a restart as plain data', async () => {
    const first = setUp({ breakMs: 5000 })
    for (let index = 0; index < 4; index++) first.run(down)
    await first.clock.advance(2000)
    const snapshot = JSON.parse(JSON.stringify(first.gate.handle.snapshot()))
    const next = setUp({ breakMs: 5000, probes: 1 })
    next.gate.handle.restore(snapshot)
    expect(refusalOf(next.gate, next.call())).toMatchObject({ retryAfterMs: 3000 })
    await next.clock.advance(3000)
    next.run(down)
    expect(next.gate.handle.snapshot()).toMatchObject({ openings: 2, breakLeftMs: 10_000 })
    expect(() => next.gate.handle.restore({ ...snapshot, state: 'ajar' })).toThrow(/snapshot\.state/)
  })

  it('is shared by the connections of a tenant with equal settings, and by no others', () => {
    const clock = fakeClock()
    const runtime = new Runtime({ clock, random: seededRandom(1) })
    const of = (tenant: string, options: BreakerOptions = {}): BreakerGate =>
      breakerPolicy(options, bench({ runtime, tenant }, clock).scope)
    of('acme').handle.isolate()
    expect(of('acme').handle.state).toBe('isolated')
    expect(of('acme', { breakMs: 1 }).handle.state).toBe('closed')
    expect(of('acme', { share: 'connection' }).handle.state).toBe('closed')
    expect(of('other').handle.state).toBe('closed')
  })

  it('names the option that is wrong', () => {
    const { scope } = bench()
    expect(() => breakerPolicy({ failureRatio: 2 }, scope)).toThrow(
      /breaker\.failureRatio: must be a number from 0\.001 to 1/,
    )
    expect(() => breakerPolicy({ window: { calls: 1.5 } }, scope)).toThrow(
      /breaker\.window\.calls: must be a whole number/,
    )
    expect(() => breakerPolicy({ window: { calls: 10 }, minimumCalls: 11 }, scope)).toThrow(/could never open/)
    expect(() => breakerPolicy({ failures: ['cancelled'] }, scope)).toThrow(/breaker\.failures/)
  })

  it('whatever calls do, holds its promises: never stuck, permits never lost', async () => {
    const step = fc.record({ wait: fc.nat(4000), end: fc.constantFrom('success', 'failure', 'neutral', 'hang') })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 80 }), async (steps) => {
        const { gate, call, clock } = setUp({ breakMs: 500, maxBreakMs: 4000, probes: 2, window: { calls: 6 } })
        const running: Call[] = []
        for (const { wait, end } of steps) {
          await clock.advance(wait)
          const one = call()
          if (refusalOf(gate, one) !== undefined) continue
          if (end === 'hang') running.push(one)
          else
            gate.leave?.(
              one,
              end === 'success' ? undefined : failure({ kind: end === 'failure' ? 'network' : 'cancelled' }),
              undefined,
            )
        }
        for (const one of running) gate.leave?.(one, failure({ kind: 'cancelled', sent: 'none' }), undefined)
        for (let index = 0; index < 12; index++) {
          const one = call()
          if (refusalOf(gate, one) === undefined) gate.leave?.(one, undefined, undefined)
          else await clock.advance(4000)
        }
        expect(gate.handle.state).toBe('closed')
      }),
      { seed: 11, numRuns: 200 },
    )
  })
})

describe('windows', () => {
  it('agree with counting by hand', () => {
    const outcomes = fc.array(fc.record({ wait: fc.nat(30), outcome: fc.constantFrom(0, failed, slow, failed | slow) }))
    fc.assert(
      fc.property(outcomes, fc.integer({ min: 1, max: 12 }), (events, size) => {
        const byCount = new CountWindow(size)
        const byTime = new TimeWindow(100)
        const seen: { at: number; outcome: number }[] = []
        let now = 0
        for (const { wait, outcome } of events) {
          now += wait
          byCount.record(outcome)
          byTime.record(outcome, now)
          seen.push({ at: now, outcome })
        }
        const last = seen.slice(-size)
        const recent = seen.filter(({ at }) => Math.floor(at / 10) > Math.floor(now / 10) - 10)
        for (const [window, kept] of [
          [byCount, last],
          [byTime, recent],
        ] as const) {
          expect(window.total).toBe(kept.length)
          expect(window.failures).toBe(kept.filter(({ outcome }) => (outcome & failed) !== 0).length)
          expect(window.slowCalls).toBe(kept.filter(({ outcome }) => (outcome & slow) !== 0).length)
        }
      }),
      { seed: 3 },
    )
  })
})
