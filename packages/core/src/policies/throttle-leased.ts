import { LeasedMeter } from '../limits/leased-meter.ts'
import { Throttle, type ThrottleParts } from './throttle-state.ts'
import type { Traffic } from './throttle-traffic.ts'

/** A throttle whose limits are shared with other processes. */
export function makeThrottle(parts: ThrottleParts, traffic: Traffic): Throttle {
  const { clock, random, limits, shared, key } = parts
  if (shared === undefined) return new Throttle(parts, traffic)
  const { limiter, processes = 1, leaseMs = 200, timeoutMs = 500 } = shared
  const env = { limiter, clock, member: random.uuid(), processes, leaseMs, timeoutMs }
  const leased = limits.map((limit, index) => new LeasedMeter(limit, `${key}/${limit.name ?? index}`, env))
  return new Throttle(parts, traffic, leased)
}
