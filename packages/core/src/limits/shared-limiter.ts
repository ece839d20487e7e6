import type { LimitSpec } from '../connector.ts'

/** What a process asks for. */
export interface LeaseRequest {
  /** Names the limit; every process that uses it says the same. */
  readonly key: string
  /** `units` per `perMs`: with `burst` as a token bucket, without as a sliding window. */
  readonly limit: LimitSpec
  /** Units wanted, at least 1. Fewer may be granted. */
  readonly units: number
  /** Units spent without a lease while the limiter could not be reached, to be counted now. */
  readonly spent: number
  /** Random id of the asking process. */
  readonly member: string
}

/** What it gets. */
export interface Lease {
  /** Units that this process may spend: 0 to the units asked for. */
  readonly granted: number
  /** Milliseconds until more may be had; 0 when all was granted. */
  readonly retryAfterMs: number
  /** Milliseconds that a process asked all to pause; 0 when there is no pause. */
  readonly pausedMs: number
  /** Processes that asked lately, this one included. */
  readonly members: number
}

/**
 * Where processes share a limit. They take leases of many units, so that most decisions need no round trip. Time is the limiter's own:
 * clocks of processes need not agree. Methods reject when it cannot be reached; the throttle then lives on its local share.
 */
export interface SharedLimiter {
  lease(request: LeaseRequest): Promise<Lease>
  /** Nobody gets a lease for `key` during the next `ms`. A pause that ends later stays. */
  pause(key: string, ms: number): Promise<void>
}

/** How a throttle takes part in a shared limit. */
export interface SharedLimitOptions {
  /** Where the processes meet: `redisLimiter()`, `postgresLimiter()`, or your own. */
  readonly limiter: SharedLimiter
  /** What the limit belongs to; processes with the same key share it. Default: the target and the tenant. */
  readonly key?: string
  /** Processes to expect while the limiter has not told. Default 1. Without the limiter each gets that share of the limit. */
  readonly processes?: number
  /** Milliseconds of consumption that one lease should cover. Default 200. */
  readonly leaseMs?: number
  /** Milliseconds after which the limiter counts as down for this lease. Default 500. */
  readonly timeoutMs?: number
}
