import type { Cancel, Clock } from '../clock.ts'
import type { LimitSpec } from '../connector.ts'
import { BucketMeter, type LimitMeter, SlidingMeter } from '../policies/throttle-meters.ts'
import type { Lease, SharedLimiter } from './shared-limiter.ts'

interface Env {
  readonly limiter: SharedLimiter
  readonly clock: Clock
  readonly member: string
  readonly processes: number
  readonly leaseMs: number
  readonly timeoutMs: number
}

const firstRestMs = 500
const longestRestMs = 30_000
/** Leases at least this large are renewed before they run out. */
const renewedFrom = 10

/**
 * This process's part of a limit that several share: spends leased units without asking, asks for as many as it needs for a short time,
 * and lives on `limit / processes` while the limiter cannot be reached. What it spent meanwhile is told with the next lease.
 */
export class LeasedMeter implements LimitMeter {
  readonly reason = 'shared-limit'
  #limit: LimitSpec
  readonly #key: string
  readonly #env: Env
  #members: number
  #share: LimitMeter
  #units = 0
  #unitsUntil = Number.NEGATIVE_INFINITY
  #asking = false
  /** Until then the limiter has nothing for us, or rests after a failure. */
  #askFrom = Number.NEGATIVE_INFINITY
  #failures = 0
  #unleased = 0
  /** The most that callers needed at once since the last lease. */
  #wanted = 0
  #takenSince = 0
  #askedAt = Number.NEGATIVE_INFINITY
  #unitsPerMs = 0
  #changed: () => void = () => undefined
  #paused: (ms: number) => void = () => undefined

  constructor(limit: LimitSpec, key: string, env: Env) {
    const { units, perMs, burst } = limit
    this.#limit = burst === undefined ? { units, perMs } : { units, perMs, burst }
    this.#key = key
    this.#env = env
    this.#members = env.processes
    this.#share = shareOf(limit, this.#members)
  }

  /** `changed`: there may be more units. `paused`: another process asked all to pause. */
  listen(changed: () => void, paused: (ms: number) => void): void {
    this.#changed = changed
    this.#paused = paused
  }

  waitFor(units: number, ahead: number, now: number): number {
    const need = ahead + Math.min(units, this.#largest())
    const had = this.#leased(now)
    if (had >= need) return 0
    this.#wanted = Math.max(this.#wanted, need - had)
    this.#ask(now)
    if (this.#failures > 0) return this.#share.waitFor(units, ahead, now)
    // On its way: how much it will be is not known, so that nobody is refused because of it.
    return this.#asking ? 1 : Math.max(1, this.#askFrom - now)
  }

  take(units: number, now: number): void {
    this.#takenSince += units
    this.#share.take(units, now)
    const leased = Math.min(units, this.#leased(now))
    this.#units -= leased
    this.#unleased += units - leased
    const usual = this.#usual()
    if (usual >= renewedFrom && this.#units < usual / 2) this.#ask(now)
  }

  shrink(remaining: number, now: number): void {
    this.#units = Math.min(this.#units, remaining)
    this.#share.shrink(remaining / this.#members, now)
  }

  resize(units: number, perMs: number | undefined): void {
    const { burst, units: before } = this.#limit
    if (perMs !== undefined) {
      this.#limit = burst === undefined ? { units, perMs } : { units, perMs, burst: Math.min(burst, units) }
    } else if (burst === undefined) {
      this.#limit = { ...this.#limit, units }
    } else if (units !== before && units !== burst) {
      // Another plan's burst: the rate grows with it.
      this.#limit = { ...this.#limit, units: (before * units) / burst, burst: units }
    }
    this.#share.resize(units / this.#members, perMs)
  }

  scale(factor: number): void {
    const { units, perMs, burst } = this.#limit
    this.#limit =
      burst === undefined ? { units: units * factor, perMs } : { units: units * factor, perMs, burst: burst * factor }
    this.#share.scale(factor)
  }

  /** Asks all processes to pause. That it cannot be told stops nobody here. */
  pause(ms: number): void {
    this.#units = 0
    const pause = async (): Promise<void> => this.#env.limiter.pause(this.#key, ms)
    pause().catch(() => undefined)
  }

  #leased(now: number): number {
    if (now > this.#unitsUntil) this.#units = 0
    return this.#units
  }

  /** No process takes more at once than half its share: the others must find something too. */
  #largest(): number {
    return Math.max(1, Math.floor((this.#limit.burst ?? this.#limit.units) / (2 * this.#members)))
  }

  #usual(): number {
    return Math.min(this.#largest(), Math.ceil(this.#unitsPerMs * this.#env.leaseMs))
  }

  #ask(now: number): void {
    if (this.#asking || now < this.#askFrom) return
    this.#measure(now)
    const { limiter, clock, member, timeoutMs } = this.#env
    // What is held and what is on its way are together never more than one lease: that is how far a limit may be overrun.
    const room = Math.max(1, this.#largest() - Math.floor(this.#units))
    const units = Math.max(1, Math.min(room, Math.ceil(Math.max(this.#wanted, this.#usual() - this.#units))))
    const spent = this.#unleased
    this.#asking = true
    this.#wanted = 0
    this.#unleased = 0
    let open = true
    let stop: Cancel = () => undefined
    const end = (lease: Lease | undefined): void => {
      // Too late: the limiter counted what it granted, and we have gone on without.
      if (!open) return
      open = false
      stop()
      this.#asking = false
      if (lease === undefined) this.#failed(spent)
      else this.#received(lease)
      this.#changed()
    }
    stop = clock.timer(timeoutMs, () => end(undefined), { keepAlive: false })
    // Through an async function, so that a limiter which throws at once is only another one that is down.
    const lease = async (): Promise<Lease> =>
      limiter.lease({ key: this.#key, limit: this.#limit, units, spent, member })
    lease().then(end, () => end(undefined))
  }

  #received({ granted, retryAfterMs, pausedMs, members }: Lease): void {
    const now = this.#env.clock.monotonic()
    this.#failures = 0
    this.#units = this.#leased(now) + granted
    this.#unitsUntil = now + Math.min(this.#limit.perMs, 10 * this.#env.leaseMs)
    this.#askFrom = now + retryAfterMs
    this.#shareWith(Math.max(members, this.#env.processes))
    if (pausedMs > 0) this.#paused(pausedMs)
  }

  #failed(spent: number): void {
    this.#unleased += spent
    this.#askFrom = this.#env.clock.monotonic() + Math.min(longestRestMs, firstRestMs * 2 ** this.#failures++)
  }

  #shareWith(members: number): void {
    if (members === this.#members) return
    this.#share.scale(this.#members / members)
    this.#members = members
  }

  #measure(now: number): void {
    const elapsed = now - this.#askedAt
    if (elapsed < 1) return
    const rate = Number.isFinite(elapsed) ? this.#takenSince / elapsed : 0
    this.#unitsPerMs = this.#unitsPerMs === 0 ? rate : this.#unitsPerMs * 0.5 + rate * 0.5
    this.#takenSince = 0
    this.#askedAt = now
  }
}

function shareOf({ units, perMs, burst }: LimitSpec, members: number): LimitMeter {
  const part = { units: units / members, perMs }
  return burst === undefined ? new SlidingMeter(part) : new BucketMeter({ ...part, burst: burst / members })
}
