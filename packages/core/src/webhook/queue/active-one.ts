import type { Cancel, Clock, Random } from '../../clock.ts'
import { acquireLease, type Lease } from '../../lease.ts'
import type { Store } from '../../store.ts'

/** What runs while the lease is held. */
export interface Stoppable {
  /** `abandon`: the lease is lost, and with it the right to tidy up. */
  stop(options?: { readonly abandon?: boolean }): Promise<void>
}

export interface ActiveOneOptions<T> {
  readonly store: Store
  readonly key: string
  readonly leaseMs: number
  /** For people who look who holds the lease. */
  readonly owner: string
  readonly clock: Clock
  readonly random: Random
  readonly begin: () => Promise<T>
}

/**
 * Runs something in one process at a time: begins it with the lease, waits while somebody else has that, and takes over when they go, at
 * once after an orderly stop, after the lease's life otherwise.
 */
export class ActiveOne<T extends Stoppable> {
  readonly #options: ActiveOneOptions<T>
  #current: T | undefined
  #lease: Lease | undefined
  #stopped = false
  #turn: Promise<void>
  #stopTimer: Cancel | undefined
  #stopRenewal: Cancel | undefined
  #waiting: ((current: T | undefined) => void)[] = []

  constructor(options: ActiveOneOptions<T>) {
    this.#options = options
    this.#turn = this.#try()
  }

  /** What runs here; undefined while another process has the lease. */
  get current(): T | undefined {
    return this.#current
  }

  /** Resolves when it runs here; with undefined when it was stopped before. */
  whenActive(): Promise<T | undefined> {
    if (this.#current !== undefined || this.#stopped) return Promise.resolve(this.#current)
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#stopTimer?.()
    await this.#turn
    for (const resolve of this.#waiting.splice(0)) resolve(undefined)
    const [current, lease] = [this.#current, this.#lease]
    this.#current = undefined
    this.#lease = undefined
    await current?.stop()
    this.#stopRenewal?.()
    await lease?.release()
  }

  async #try(): Promise<void> {
    const { store, key, leaseMs, owner, clock, random, begin } = this.#options
    let lease: Lease | undefined
    let begun: T | undefined
    try {
      lease = await acquireLease(store, key, { ttlMs: leaseMs, owner, clock, random })
      if (lease === undefined) return this.#tryLater()
      this.#keep(lease)
      begun = await begin()
      if (lease.lost.cancelReason !== undefined) throw lease.lost.cancelReason
      const current = begun
      this.#lease = lease
      this.#current = current
      lease.lost.onCancel(() => {
        if (this.#current === current) this.#lose(current)
      })
      for (const resolve of this.#waiting.splice(0)) resolve(current)
    } catch {
      // The store does not answer, or answered too late. What was begun must not go on without the lease.
      this.#stopRenewal?.()
      await begun?.stop({ abandon: true }).catch(() => undefined)
      await lease?.release()
      this.#tryLater()
    }
  }

  /** Renews the lease well before its end, one renewal after the other. A failed one is made again; the lease knows when it is lost. */
  #keep(lease: Lease): void {
    const { clock, leaseMs } = this.#options
    const renew = (): void => {
      if (lease.lost.cancelReason !== undefined) return
      void lease
        .renew()
        .catch(() => undefined)
        .then(() => {
          if (lease.lost.cancelReason === undefined) arm()
        })
    }
    const arm = (): void => {
      this.#stopRenewal = clock.timer(leaseMs / 4, renew, { keepAlive: false })
    }
    arm()
  }

  #lose(current: T): void {
    this.#stopRenewal?.()
    this.#current = undefined
    this.#lease = undefined
    void current.stop({ abandon: true }).catch(() => undefined)
    this.#tryLater()
  }

  #tryLater(): void {
    if (this.#stopped) return
    const { clock, leaseMs } = this.#options
    const again = (): void => {
      this.#turn = this.#try()
    }
    this.#stopTimer = clock.timer(leaseMs / 3, again, { keepAlive: false })
  }
}
