import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { emptyLeaseState, grantLease } from './lease-state.ts'

const base = { key: 'k', units: 1, spent: 0, member: 'one' }

describe('grantLease', () => {
  it('grants part, tells when more may be had, and counts the processes', () => {
    const state = emptyLeaseState()
    const limit = { units: 10, perMs: 1000 }
    expect(grantLease(state, { ...base, limit, units: 8 }, 0)).toEqual({
      granted: 8,
      retryAfterMs: 0,
      pausedMs: 0,
      members: 1,
    })
    const second = grantLease(state, { ...base, limit, units: 8, member: 'two' }, 100)
    expect(second).toEqual({ granted: 2, retryAfterMs: 950, pausedMs: 0, members: 2 })
    expect(grantLease(state, { ...base, limit, units: 8 }, 1050)).toMatchObject({ granted: 8 })
    expect(grantLease(state, { ...base, limit }, 20_000)).toMatchObject({ granted: 1, members: 1 })
  })

  it('grants nothing during a pause, and counts what was spent without a lease', () => {
    const state = { ...emptyLeaseState(), pausedUntil: 500 }
    const limit = { units: 10, perMs: 1000 }
    expect(grantLease(state, { ...base, limit, spent: 9 }, 100)).toMatchObject({ granted: 0, pausedMs: 400 })
    expect(grantLease(state, { ...base, limit, units: 5 }, 600)).toMatchObject({ granted: 1 })
  })

  it('refills a bucket, and lets it owe what was spent without a lease', () => {
    const state = emptyLeaseState()
    const limit = { units: 10, perMs: 1000, burst: 20 }
    expect(grantLease(state, { ...base, limit, units: 30 }, 0)).toMatchObject({ granted: 20, retryAfterMs: 100 })
    expect(grantLease(state, { ...base, limit, units: 30, spent: 30 }, 1000)).toMatchObject({
      granted: 0,
      retryAfterMs: 2100,
    })
    expect(grantLease(state, { ...base, limit, units: 30 }, 3100)).toMatchObject({ granted: 1 })
  })

  it('never grants more than the limit in any window', () => {
    const step = fc.record({
      wait: fc.nat(400),
      units: fc.integer({ min: 1, max: 9 }),
      member: fc.constantFrom('a', 'b'),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), fc.integer({ min: 1, max: 12 }), (steps, units) => {
        const state = emptyLeaseState()
        const granted: { at: number; units: number }[] = []
        let now = 0
        for (const { wait, units: wanted, member } of steps) {
          now += wait
          const lease = grantLease(state, { ...base, limit: { units, perMs: 1000 }, units: wanted, member }, now)
          granted.push({ at: now, units: lease.granted })
          if (lease.granted === wanted) expect(lease.retryAfterMs).toBe(0)
          else expect(lease.retryAfterMs).toBeGreaterThan(0)
        }
        for (const { at } of granted) {
          const inWindow = granted.filter((other) => other.at >= at && other.at < at + 1000)
          expect(inWindow.reduce((sum, lease) => sum + lease.units, 0)).toBeLessThanOrEqual(units)
        }
      }),
      { seed: 4 },
    )
  })
})
