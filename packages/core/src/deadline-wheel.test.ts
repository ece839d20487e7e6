import { expect, test } from 'vitest'
import { DeadlineWheel, type WheelEntry } from './deadline-wheel.ts'
import { fakeClock } from './testing/time/fake-clock.ts'

function entryAt(expiresAt: number, expire: () => void): WheelEntry & { expiresAt: number } {
  return { expiresAt, wheelNext: undefined, wheelPrevious: undefined, wheelSlot: -1, expire }
}

test.each([0.4, 25, 3_000, 5_120, 20_000])(
  'a deadline that moves by %d ms while armed fires at its new time',
  async (by) => {
    const clock = fakeClock()
    const wheel = new DeadlineWheel(clock)
    let firedAt = 0
    const entry = entryAt(100, () => {
      firedAt = clock.monotonic()
    })
    wheel.arm(entry, 0)
    entry.expiresAt += by
    await clock.advance(40_000)
    expect(firedAt).toBeGreaterThanOrEqual(entry.expiresAt)
    expect(firedAt).toBeLessThanOrEqual(entry.expiresAt + 20)
    expect(wheel.size).toBe(0)
    expect(clock.pending.intervals).toBe(0)
  },
)
