import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Call } from '../call.ts'
import type { ErrorFacts } from '../errors.ts'
import { fakeClock } from '../testing/index.ts'
import { type Bench, bench, failure, refusalOf } from './fixtures/drive-gate.ts'
import { type ThrottleGate, type ThrottleOptions, throttlePolicy } from './throttle.ts'

interface Here extends Bench {
  readonly gate: ThrottleGate
  /** Monotonic times at which calls were let through. */
  readonly sent: number[]
  send(options?: Parameters<Bench['call']>[0], cost?: number): Call
}

function setUp(options: ThrottleOptions = {}): Here {
  const here = bench()
  const gate = throttlePolicy(options, here.scope)
  const sent: number[] = []
  return {
    ...here,
    gate,
    sent,
    send(callOptions = {}, cost = 1) {
      const call = here.call(callOptions, { cost })
      const entering = gate.enter?.(call)
      if (entering === undefined) sent.push(here.clock.monotonic())
      else
        Promise.resolve(entering).then(
          () => sent.push(here.clock.monotonic()),
          () => undefined,
        )
      return call
    },
  }
}

function limited({ gate }: Here, call: Call, facts: Partial<ErrorFacts> = {}): void {
  gate.leave?.(call, failure({ kind: 'rate-limited', status: 429, ...facts }), undefined)
}

// The code is loaded once per process; after that throttles are there at once.
beforeAll(() => throttlePolicy({}, bench().scope).ready?.())

describe('throttle limits', () => {
  it('lets through at once what fits, without a promise, and makes the rest wait in order', async () => {
    const here = setUp({ limits: [{ units: 2, perMs: 1000, burst: 2 }] })
    const { gate, call, clock, sent } = here
    expect([gate.enter?.(call()), gate.enter?.(call())]).toEqual([undefined, undefined])
    const order: string[] = []
    for (const name of ['first', 'second', 'third'])
      Promise.resolve(gate.enter?.(call())).then(() => order.push(`${name}@${clock.monotonic()}`))
    await clock.advance(3000)
    expect(order).toEqual(['first@500', 'second@1000', 'third@1500'])
    expect(sent).toEqual([])
    expect(clock.pending.timers).toBe(0)
  })

  it('refuses at once when the wait cannot end before the deadline', async () => {
    const { send, call, gate, clock } = setUp({ limits: [{ units: 1, perMs: 1000, burst: 1 }] })
    send()
    send()
    await clock.advance(200)
    const late = call({ timeoutMs: 1799 })
    expect(refusalOf(gate, late)).toMatchObject({
      kind: 'rate-limited',
      code: 'past-deadline',
      sent: 'none',
      retryAfterMs: 1800,
    })
    expect(late.decisions?.[0]).toMatchObject({ decision: 'refuse', reason: 'past-deadline', numbers: { waiting: 1 } })
    const inTime = send({ timeoutMs: 1800 })
    expect(inTime.decisions?.[0]).toMatchObject({ decision: 'wait', reason: 'rate' })
  })

  it("takes a call's own cost before the operation's, and refuses one that is no number of tokens", async () => {
    const { send, call, gate, sent, clock } = setUp({ limits: [{ units: 10, perMs: 1000, burst: 10 }] })
    const dear = send({ cost: 10 }, 1)
    send({ cost: 2.5 }, 1)
    await clock.advance(249)
    expect(sent).toEqual([0])
    await clock.advance(1)
    expect(sent).toEqual([0, 250])
    gate.leave?.(dear, undefined, undefined)
    for (const cost of [-1, Number.NaN, Number.POSITIVE_INFINITY, '5' as never])
      expect(refusalOf(gate, call({ cost }))).toMatchObject({ kind: 'invalid-input', issues: [{ path: 'cost' }] })
  })

  it('takes the cost of a call, and lets one go that costs more than the whole limit', async () => {
    const { send, sent, clock } = setUp({ limits: [{ units: 10, perMs: 1000, burst: 10 }] })
    send({}, 25)
    send({}, 5)
    await clock.advance(1999)
    expect(sent).toEqual([0])
    await clock.advance(1)
    expect(sent).toEqual([0, 2000])
  })

  it('keeps several limits at once', async () => {
    const { send, sent, clock } = setUp({
      limits: [
        { units: 2, perMs: 1000 },
        { units: 4, perMs: 60_000 },
      ],
    })
    for (let index = 0; index < 5; index++) send()
    await clock.advance(59_000)
    expect(sent).toHaveLength(4)
    await clock.advance(5_000)
    expect(sent).toHaveLength(5)
    expect(sent[4]).toBeGreaterThanOrEqual(60_000)
  })

  it('a fixed window begins with its first call', async () => {
    const { send, sent, clock } = setUp({ limits: [{ units: 2, perMs: 1000, kind: 'fixed-window' }] })
    await clock.advance(700)
    for (let index = 0; index < 5; index++) send()
    await clock.advance(3000)
    expect(sent).toEqual([700, 700, 1700, 1700, 2700])
  })

  it('holds its own concurrency', async () => {
    const { send, sent, gate, clock } = setUp({ concurrency: 2 })
    const [first, , third] = [send(), send(), send()]
    expect(third?.decisions?.[0]).toMatchObject({ decision: 'wait', reason: 'concurrency' })
    await clock.advance(50)
    gate.leave?.(first as Call, undefined, undefined)
    await clock.settle()
    expect(sent).toEqual([0, 0, 50])
    expect(clock.pending.timers).toBe(0)
  })

  it('bounds its queue and its waits', () => {
    const { send, call, gate } = setUp({ limits: [{ units: 1, perMs: 1000 }], maxQueue: 1, maxWaitMs: 1500 })
    send()
    send()
    expect(refusalOf(gate, call())).toMatchObject({ kind: 'rate-limited', code: 'past-longest-wait', sent: 'none' })
    const other = setUp({ limits: [{ units: 1, perMs: 1000 }], maxQueue: 1 })
    other.send()
    other.send()
    expect(refusalOf(other.gate, other.call())).toMatchObject({ code: 'queue-full' })
  })

  it('lets a waiting call go when it is given up, and its place to the next', async () => {
    const { send, sent, clock, call, gate } = setUp({ limits: [{ units: 10, perMs: 1000, burst: 10 }] })
    send({}, 10)
    const dear = call({}, { cost: 10 })
    const given = gate.enter?.(dear) as Promise<undefined>
    send({}, 1)
    const rejected = expect(given).rejects.toBe('given up')
    await clock.advance(100)
    dear.cancel('given up', true)
    await rejected
    expect(sent).toEqual([0, 100])
    expect([gate.state.waiting, clock.pending.timers]).toEqual([0, 0])
  })

  it('tells the attempt when it really began', async () => {
    const { send, clock } = setUp({ limits: [{ units: 1, perMs: 1000, burst: 1 }] })
    send()
    const second = send()
    await clock.advance(1000)
    expect(second.attemptStartedAt).toBe(1000)
  })

  it('names the option that is wrong', () => {
    expect(() => setUp({ limits: [{ units: 0, perMs: 1 }] })).toThrow(/throttle\.limits\[0\]\.units/)
    expect(() => setUp({ limits: [{ units: 1, perMs: 1, kind: 'leaky' as never }] })).toThrow(
      /limits\[0\]\.kind: must be one of/,
    )
    expect(() => setUp({ shared: { limiter: {} as never } })).toThrow(/throttle\.shared: needs throttle\.limits/)
  })
})

describe('throttle and the vendor’s word', () => {
  it('a refusal pauses every caller, and refuses those who cannot wait so long', async () => {
    const here = setUp()
    const { send, call, gate, sent, clock } = here
    const first = send()
    limited(here, first, { retryAfterMs: 5000 })
    expect(first.decisions?.at(-1)).toMatchObject({
      decision: 'pause',
      reason: 'retry-after',
      numbers: { pauseMs: 5000 },
    })
    expect(refusalOf(gate, call({ timeoutMs: 4000 }))).toMatchObject({
      kind: 'rate-limited',
      retryAfterMs: 5000,
      sent: 'none',
    })
    expect(send().decisions?.[0]).toMatchObject({ reason: 'paused' })
    await clock.advance(4999)
    expect(sent).toEqual([0])
    await clock.advance(1)
    expect(sent).toEqual([0, 5000])
  })

  it('a pause refuses the waiting calls that can no longer make it', async () => {
    const here = setUp({ limits: [{ units: 1, perMs: 1000, burst: 1 }] })
    const { send, call, gate, clock } = here
    const first = send()
    const waiting = gate.enter?.(call({ timeoutMs: 3000 })) as Promise<undefined>
    const rejected = expect(waiting).rejects.toMatchObject({ facts: { kind: 'rate-limited', code: 'past-deadline' } })
    limited(here, first, { retryAfterMs: 3500 })
    await rejected
    expect(clock.pending.timers).toBe(0)
  })

  it('cuts a far future and backs off by itself without a time, longer each time', async () => {
    const here = setUp({ maxPauseMs: 60_000, adaptive: false })
    limited(here, here.send(), { retryAfterMs: 1e12 })
    expect(here.gate.state.pausedMs).toBe(60_000)
    await here.clock.advance(60_000)
    const pauses: number[] = []
    for (let round = 0; round < 4; round++) {
      const storm = [here.send(), here.send(), here.send()]
      for (const one of storm) limited(here, one, { retryAfterMs: round === 1 ? Number.NaN : undefined })
      pauses.push(here.gate.state.pausedMs)
      await here.clock.advance(60_000)
    }
    pauses.forEach((pause, round) => {
      expect(pause).toBeGreaterThanOrEqual(500 * 2 ** round)
      expect(pause).toBeLessThanOrEqual(1000 * 2 ** round)
    })
  })

  it('slows down before the refusal: what remains lasts until the reset', async () => {
    const here = setUp({ limits: [{ units: 100, perMs: 10_000 }] })
    const { send, gate, sent, clock } = here
    const first = send()
    gate.feedback?.(first, { limit: 100, remaining: 5, resetMs: 10_000, windowMs: 10_000 })
    gate.leave?.(first, undefined, undefined)
    for (let index = 0; index < 6; index++) send()
    await clock.advance(9_999)
    expect(sent.length).toBe(6)
    for (let index = 2; index < 6; index++)
      expect((sent[index] as number) - (sent[index - 1] as number)).toBeGreaterThan(1000)
    await clock.advance(1)
    expect(sent.length).toBe(7)
  })

  it('counts what is under way and not yet counted by the vendor', () => {
    const { send, gate, call } = setUp()
    const [first] = [send(), send(), send()]
    gate.feedback?.(first as Call, { remaining: 2, resetMs: 1000 })
    expect(refusalOf(gate, call({ timeoutMs: 900 }))).toMatchObject({ retryAfterMs: 1000 })
  })

  it('believes the vendor more than the manifest, both ways', async () => {
    const more = setUp({ limits: [{ units: 1, perMs: 60_000 }] })
    more.gate.feedback?.(more.send(), { limit: 1000, remaining: 999, resetMs: 60_000 })
    for (let index = 0; index < 500; index++) more.send()
    expect(more.sent).toHaveLength(501)
    const fewer = setUp({ limits: [{ units: 1000, perMs: 60_000 }] })
    const first = fewer.send()
    fewer.gate.feedback?.(first, { limit: 10, remaining: 0, resetMs: 60_000 })
    expect(refusalOf(fewer.gate, fewer.call({ timeoutMs: 59_000 }))).toMatchObject({ retryAfterMs: 60_000 })
  })

  it('shrinks the bucket when the vendor tells what is left but no reset', () => {
    const { send, gate, sent } = setUp({ limits: [{ units: 2, perMs: 1000, burst: 40 }] })
    gate.feedback?.(send(), { limit: 40, remaining: 3 })
    for (let index = 0; index < 10; index++) send()
    expect(sent).toHaveLength(4)
  })

  it('keeps several named policies apart, and not more of them than a few', async () => {
    const { send, gate, call, clock } = setUp({
      limits: [
        { units: 10, perMs: 1000, name: 'burst' },
        { units: 1000, perMs: 3_600_000, name: 'hour' },
      ],
    })
    const one = send()
    gate.feedback?.(one, { policy: 'burst', limit: 10, remaining: 9, resetMs: 1000 })
    gate.feedback?.(one, { policy: 'hour', limit: 1000, remaining: 0, resetMs: 1_800_000 })
    await clock.advance(1000)
    expect(refusalOf(gate, call({ timeoutMs: 10_000 }))).toMatchObject({ retryAfterMs: 1_799_000 })
    for (let index = 0; index < 1000; index++)
      gate.feedback?.(one, { policy: `made-up-${index}`, remaining: 0, resetMs: 1e9 })
    await clock.advance(1e9 + 1)
    expect(refusalOf(gate, call())).toBeUndefined()
  })

  it('waits only as long as a vendor that refills steadily needs to give back what a call costs', async () => {
    const { send, gate, sent, clock } = setUp()
    const first = send({ cost: 400 })
    gate.feedback?.(first, { limit: 1000, remaining: 100, restorePerSecond: 50 })
    gate.leave?.(first, undefined, undefined)
    gate.leave?.(send({ cost: 100 }), undefined, undefined)
    const waiting = send({ cost: 300 })
    expect(waiting.decisions?.[0]).toMatchObject({ reason: 'vendor-limit', numbers: { waitMs: 6000 } })
    await clock.advance(5999)
    expect(sent).toEqual([0, 0])
    await clock.advance(2)
    expect(sent).toHaveLength(3)
    gate.leave?.(waiting, undefined, undefined)
    // More than there ever is goes as soon as the bucket is full.
    gate.feedback?.(waiting, { limit: 1000, remaining: 900, restorePerSecond: 50 })
    const huge = send({ cost: 5000 })
    expect(huge.decisions?.[0]).toMatchObject({ numbers: { waitMs: 2000 } })
  })

  it('lets short bursts go while it paces', async () => {
    const { send, gate, sent, clock } = setUp()
    gate.feedback?.(send(), { limit: 5000, remaining: 900, resetMs: 3_000_000 })
    for (let index = 0; index < 100; index++) send()
    expect(sent.length).toBeGreaterThan(80)
    await clock.advance(3_000_000)
    expect(sent).toHaveLength(101)
  })

  it('no header, however absurd, holds calls back for longer than a pause may last', async () => {
    const number = fc.oneof(
      fc.constantFrom(0, -1, 1, 1e300, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Date.now()),
      fc.double({ noNaN: false }),
      fc.nat(1000),
    )
    const told = fc.record(
      {
        policy: fc.constantFrom('', 'a', 'b'),
        limit: number,
        remaining: number,
        resetMs: number,
        windowMs: number,
        retryAfterMs: number,
        limited: fc.boolean(),
      },
      { requiredKeys: [] },
    )
    await fc.assert(
      fc.asyncProperty(fc.array(told, { maxLength: 8 }), async (answers) => {
        const here = setUp({ limits: [{ units: 1000, perMs: 1000 }], maxPauseMs: 60_000 })
        for (const answer of answers) {
          const one = here.send()
          here.gate.feedback?.(one, answer)
          here.gate.leave?.(one, undefined, undefined)
          await here.clock.advance(10)
        }
        await here.clock.advance(61_000)
        here.send()
        // At worst one call per told window, which is no longer than a pause.
        await here.clock.advance(10 * 61_000)
        expect(here.sent.length).toBe(answers.length + 1)
        expect(here.gate.state.waiting).toBe(0)
        expect(here.clock.pending.timers).toBe(0)
      }),
      { seed: 8, numRuns: 300 },
    )
  })

  it('a reset restores the limit, and silence brings the manifest back', async () => {
    const { send, gate, sent, clock } = setUp({ limits: [{ units: 3, perMs: 1000 }] })
    gate.feedback?.(send(), { limit: 50, remaining: 0, resetMs: 2000, windowMs: 1000 })
    for (let index = 0; index < 60; index++) send()
    await clock.advance(2000)
    expect(sent.length).toBeGreaterThanOrEqual(40)
    await clock.advance(10_000)
    expect(sent).toHaveLength(61)
  })
})

describe('throttle on its own', () => {
  it('finds the rate of a vendor that tells nothing, and stays near it', async () => {
    const here = setUp()
    const { call, gate, clock } = here
    const perSecond = 20
    let windowStart = 0
    let used = 0
    let accepted = 0
    let refused = 0
    const caller = async (): Promise<void> => {
      while (clock.monotonic() < 600_000) {
        const one = call()
        await gate.enter?.(one)
        const now = clock.monotonic()
        if (now >= windowStart + 1000) {
          windowStart = now - (now % 1000)
          used = 0
        }
        const ok = ++used <= perSecond
        if (ok) accepted++
        else refused++
        await new Promise<void>((resolve) => clock.timer(20, resolve))
        gate.leave?.(one, ok ? undefined : failure({ kind: 'rate-limited' }), undefined)
      }
    }
    const all = Promise.all(Array.from({ length: 10 }, caller))
    await clock.advance(600_000)
    await clock.advance(60_000)
    await all
    expect(refused / (accepted + refused)).toBeLessThan(0.05)
    expect(accepted / 600).toBeGreaterThan(perSecond * 0.5)
  })

  it('1000 callers over two hours stay within the limit and all get their turn', async () => {
    const { call, gate, clock } = setUp({ limits: [{ units: 500, perMs: 60_000 }], maxQueue: 2_000 })
    const times: number[] = []
    const turns = new Array<number>(1000).fill(0)
    const caller = async (id: number): Promise<void> => {
      while (clock.monotonic() < 7_200_000) {
        const one = call()
        await gate.enter?.(one)
        times.push(clock.monotonic())
        turns[id] = (turns[id] ?? 0) + 1
        gate.leave?.(one, undefined, undefined)
        await Promise.resolve()
      }
    }
    const all = Promise.all(turns.map((_, id) => caller(id)))
    await clock.advance(7_200_000)
    await clock.advance(130_000)
    await all
    for (let last = 500; last < times.length; last++)
      expect((times[last] as number) - (times[last - 500] as number)).toBeGreaterThanOrEqual(60_000)
    expect(times.length).toBeGreaterThan(500 * 115)
    expect(Math.max(...turns) - Math.min(...turns)).toBeLessThanOrEqual(2)
    expect(clock.pending.timers).toBe(0)
  }, 60_000)

  it('whatever the load, no window holds more than its limit and no waiter is forgotten', async () => {
    const kind = fc.constantFrom('sliding-window', 'bucket', 'fixed-window')
    const step = fc.record({
      pause: fc.nat(300),
      cost: fc.integer({ min: 1, max: 4 }),
      giveUp: fc.option(fc.nat(2000), { nil: 0 }),
    })
    await fc.assert(
      fc.asyncProperty(
        kind,
        fc.integer({ min: 4, max: 12 }),
        fc.array(step, { maxLength: 60 }),
        async (which, units, steps) => {
          const clock = fakeClock()
          const here = bench({}, clock)
          const limit = { units, perMs: 1000, kind: which, ...(which === 'bucket' ? { burst: units } : {}) }
          const gate = throttlePolicy({ limits: [limit] }, here.scope)
          const sent: { at: number; cost: number }[] = []
          const ends: Promise<unknown>[] = []
          for (const { pause, cost, giveUp } of steps) {
            await clock.advance(pause)
            const one = here.call({}, { cost })
            if (giveUp > 0) clock.timer(giveUp, () => one.cancel('given up', true))
            const entered = Promise.resolve(gate.enter?.(one)).then(() => {
              sent.push({ at: clock.monotonic(), cost })
              gate.leave?.(one, undefined, undefined)
            })
            ends.push(entered.catch(() => undefined))
          }
          await clock.advance(600_000)
          await Promise.all(ends)
          const most = which === 'sliding-window' ? units : 2 * units
          for (const { at } of sent) {
            const inWindow = sent.filter((other) => other.at >= at && other.at < at + 1000)
            expect(inWindow.reduce((sum, { cost }) => sum + cost, 0)).toBeLessThanOrEqual(most)
          }
          expect(gate.state).toMatchObject({ inFlight: 0, waiting: 0 })
          expect(clock.pending.timers).toBe(0)
        },
      ),
      { seed: 2, numRuns: 60 },
    )
  })
})
