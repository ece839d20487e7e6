import type { Clock } from '../clock.ts'
import { emptyLeaseState, grantLease, type LeaseState } from './lease-state.ts'
import type { Lease, LeaseRequest, SharedLimiter } from './shared-limiter.ts'

/** A limiter in this process: for tests, simulations, and threads of one process behind a channel of your own. */
export function memoryLimiter(clock: Clock): SharedLimiter {
  const states = new Map<string, LeaseState>()
  const of = (key: string): LeaseState => {
    let state = states.get(key)
    if (state === undefined) {
      state = emptyLeaseState()
      states.set(key, state)
    }
    return state
  }
  return {
    async lease(request: LeaseRequest): Promise<Lease> {
      return grantLease(of(request.key), request, clock.monotonic())
    },
    async pause(key: string, ms: number): Promise<void> {
      const state = of(key)
      state.pausedUntil = Math.max(state.pausedUntil, clock.monotonic() + ms)
    },
  }
}
