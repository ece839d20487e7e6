import { beforeAll, describe, expect, it } from 'vitest'
import type { LimitSpec } from '../connector.ts'
import { bench, failure } from '../policies/fixtures/drive-gate.ts'
import { type ThrottleGate, type ThrottleLimit, throttlePolicy } from '../policies/throttle.ts'
import { type FakeClock, fakeClock } from '../testing/index.ts'
import { mostIn } from './fixtures/run-processes.ts'
import { memoryLimiter } from './memory.ts'
import type { SharedLimiter } from './shared-limiter.ts'

/** A limiter that counts its round trips, takes 2 ms for each and can be switched off. */
function remote(clock: FakeClock): SharedLimiter & { trips: number; down: boolean; hang: boolean } {
  const inner = memoryLimiter(clock)
  const limiter = {
    trips: 0,
    down: false,
    hang: false,
    async lease(request: Parameters<SharedLimiter['lease']>[0]) {
      limiter.trips++
      if (limiter.hang) return new Promise<never>(() => undefined)
      if (limiter.down) throw new Error('ECONNREFUSED')
      await new Promise<void>((resolve) => clock.timer(1, resolve))
      const lease = await inner.lease(request)
      await new Promise<void>((resolve) => clock.timer(1, resolve))
      return lease
    },
    async pause(key: string, ms: number) {
      if (limiter.down) throw new Error('ECONNREFUSED')
      await inner.pause(key, ms)
    },
  }
  return limiter
}

interface World {
  readonly clock: FakeClock
  readonly limiter: ReturnType<typeof remote>
  readonly gates: readonly ThrottleGate[]
  /** Per process: when it sent. */
  readonly sent: number[][]
  /** Every process sends as fast as it may until `until`, with so many callers. */
  run(until: number, callers?: number): Promise<void>
}

function world(limit: ThrottleLimit, processes = 3, expected = processes): World {
  const clock = fakeClock()
  const limiter = remote(clock)
  const benches = Array.from({ length: processes }, () =>
    bench({ random: { ...bench().scope.random, uuid: () => `member-${count++}` } }, clock),
  )
  const gates = benches.map(({ scope }) =>
    throttlePolicy({ limits: [limit], shared: { limiter, processes: expected } }, scope),
  )
  const sent: number[][] = gates.map(() => [])
  return {
    clock,
    limiter,
    gates,
    sent,
    async run(until, callers = 20) {
      const caller = async (process: number): Promise<void> => {
        const gate = gates[process] as ThrottleGate
        while (clock.monotonic() < until) {
          const call = benches[process]?.call()
          if (call === undefined) return
          await gate.enter?.(call)
          if (clock.monotonic() < until) sent[process]?.push(clock.monotonic())
          await new Promise<void>((resolve) => clock.timer(1, resolve))
          gate.leave?.(call, undefined, undefined)
        }
      }
      const all = gates.flatMap((_, process) => Array.from({ length: callers }, () => caller(process)))
      const done = Promise.all(all)
      await clock.advance(until - clock.monotonic())
      await clock.advance(120_000)
      await done
    },
  }
}

let count = 0

// The code is loaded once per process; after that throttles are there at once.
beforeAll(() => {
  const limits = [{ units: 1, perMs: 1 }]
  return throttlePolicy({ limits, shared: { limiter: remote(fakeClock()) } }, bench().scope).ready?.()
})

describe('a limit shared by three processes', () => {
  it('holds to one lease per process, uses what it has, and asks seldom', async () => {
    const { run, sent, limiter } = world({ units: 1200, perMs: 1000 })
    await run(20_000)
    const largestLease = 1200 / (2 * 3)
    const all = sent.flat()
    expect(mostIn(1000, all)).toBeLessThanOrEqual(1200 + 3 * largestLease)
    expect(all.length).toBeGreaterThan(20 * 1200 * 0.85)
    expect(all.length).toBeLessThanOrEqual(20 * 1200 + 3 * largestLease)
    expect(all.length / limiter.trips).toBeGreaterThan(15)
    for (const one of sent) expect(one.length).toBeGreaterThan(all.length / 6)
  })

  it('keeps a small limit exactly enough', async () => {
    const { run, sent } = world({ units: 6, perMs: 10_000 })
    await run(300_000, 3)
    expect(mostIn(10_000, sent.flat())).toBeLessThanOrEqual(6 + 3)
    expect(sent.flat().length).toBeGreaterThan(30 * 6 * 0.8)
  })

  it('lives on its share while the limiter is down, however it is down, and makes up for it after', async () => {
    for (const how of ['down', 'hang'] as const) {
      const { run, sent, limiter, clock } = world({ units: 300, perMs: 1000 })
      limiter[how] = true
      clock.timer(15_000, () => {
        limiter[how] = false
      })
      await run(60_000)
      const during = sent.flat().filter((at) => at < 15_000)
      expect(mostIn(1000, during)).toBeLessThanOrEqual(300)
      expect(during.length).toBeGreaterThan(300 * 12)
      expect(mostIn(1000, sent.flat())).toBeLessThanOrEqual(300 + 3 * 50)
      expect(sent.flat().filter((at) => at >= 50_000).length).toBeGreaterThan(300 * 8)
    }
  })

  it('never takes the whole limit when the limiter was never reached and the processes are known', async () => {
    const { run, sent, limiter } = world({ units: 30, perMs: 1000 }, 1, 3)
    limiter.down = true
    await run(10_000)
    expect(mostIn(1000, sent.flat())).toBeLessThanOrEqual(10)
    expect(sent.flat().length).toBeGreaterThan(80)
  })

  it('a refusal seen by one process stops the others within one lease', async () => {
    const { run, sent, gates, clock } = world({ units: 1200, perMs: 1000 })
    clock.timer(5_000, () => {
      const { call } = bench({}, clock)
      const refused = call()
      gates[0]?.leave?.(refused, failure({ kind: 'rate-limited', retryAfterMs: 10_000 }), undefined)
    })
    await run(20_000)
    const during = sent.map((times) => times.filter((at) => at > 5_000 && at < 15_000).length)
    expect(during[0]).toBe(0)
    for (const others of during.slice(1)) expect(others).toBeLessThanOrEqual(200)
    expect(sent.flat().filter((at) => at > 15_100).length).toBeGreaterThan(3000)
  })

  it('takes the burst that a vendor tells for the burst, and another plan’s for its rate too', async () => {
    const asked: LimitSpec[] = []
    const clock = fakeClock()
    const limiter: SharedLimiter = {
      lease: async ({ limit, units }) => {
        asked.push(limit)
        return { granted: units, retryAfterMs: 0, pausedMs: 0, members: 1 }
      },
      pause() {
        throw new Error('a limiter that throws at once')
      },
    }
    const { scope, call } = bench({}, clock)
    const gate = throttlePolicy({ limits: [{ units: 2, perMs: 1000, burst: 40 }], shared: { limiter } }, scope)
    const send = async (limit: number): Promise<void> => {
      const one = call({}, { cost: 20 })
      await gate.enter?.(one)
      gate.feedback?.(one, { limit, remaining: limit })
      gate.leave?.(one, undefined, undefined)
      await clock.advance(3_000)
    }
    for (const limit of [40, 80, 80]) await send(limit)
    await send(80)
    expect(asked[1]).toEqual({ units: 2, perMs: 1000, burst: 40 })
    expect(asked.at(-1)).toEqual({ units: 4, perMs: 1000, burst: 80 })
    expect(() => gate.leave?.(call(), failure({ kind: 'rate-limited', retryAfterMs: 5 }), undefined)).not.toThrow()
  })
})
