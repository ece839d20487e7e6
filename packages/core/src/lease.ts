import { type Cancel, type Cancellation, type Clock, type Random, sleep } from './clock.ts'
import { type PatchbayError, patchbayError } from './errors.ts'
import type { Store, Version, Write, WriteGroup, WriteResult } from './store.ts'

export interface LeaseOptions {
  /** How long the lease stands without a renewal, from 1. Longer than the longest pause that should not cost the lease. */
  readonly ttlMs: number
  /** Who holds it, for people: shown to those who look why they do not get it. */
  readonly owner: string
  readonly clock: Clock
  readonly random: Random
  /** Ask again until it is free. Without it, one attempt. */
  readonly wait?: LeaseWait | undefined
}

export interface LeaseWait {
  readonly forMs: number
  /** Mean pause between two attempts. Default: a quarter of `ttlMs`, at most 1000. */
  readonly everyMs?: number | undefined
  /** Gives the waiting up: {@link acquireLease} then rejects with its reason. */
  readonly cancellation?: Cancellation | undefined
}

/** What the holder may rely on. All its methods run one after another. */
export interface Lease {
  /**
   * Higher than the token of every earlier holder of this key, and the same for the whole time of this one. Hand it to whatever the
   * lease protects, and let that refuse tokens lower than the highest it has seen (`compareVersions`).
   */
  readonly token: Version
  /**
   * Cancelled when the lease ends, by release or by time. A holder counts as lost after nine tenths of `ttlMs` since it last *asked*
   * for the lease, on the monotonic and on the wall clock (which also runs while a machine sleeps), so before anybody else can get it,
   * unless the clocks of holder and store differ by more than a tenth in speed. `cancelReason` is right at any moment, also right after
   * a pause, before a timer had a chance to fire.
   */
  readonly lost: Cancellation
  /**
   * Extends the lease to `ttlMs` from now.
   * @throws PatchbayError `conflict`, code `lease-lost`; or what the store threw, after which the lease stands as before
   */
  renew(): Promise<void>
  /**
   * Writes a group that applies only while this lease stands, and extends it by the same write. This is the fence for state in the same
   * store: a holder that slept through its lease changes nothing. Conflicts of the group's own conditions are a result.
   * @throws as {@link Lease.renew}
   */
  write(group: WriteGroup): Promise<WriteResult>
  /** Gives the lease up, unless somebody else has it by now. Idempotent. When the store cannot be reached it ends by its ttl. */
  release(): Promise<void>
}

/** Part of the ttl during which the holder trusts the lease; the rest covers clocks that run at different speeds. */
const trusted = 0.9
const longestPauseMs = 1000

/** The lease of `key` (an entry of the store, used for nothing else), or undefined when another holds it. */
export async function acquireLease(store: Store, key: string, options: LeaseOptions): Promise<Lease | undefined> {
  const { ttlMs, owner, clock, random, wait } = options
  const value = JSON.stringify({ owner, id: random.uuid() })
  const started = clock.monotonic()
  for (;;) {
    const term = new Term(clock, ttlMs)
    const [result] = await store.write([[{ kind: 'put', key, value, ifVersion: 'absent', ttlMs }]])
    if (result?.applied === true) return new HeldLease(store, key, value, options, result.versions[0] as Version, term)
    const left = (wait?.forMs ?? 0) - (clock.monotonic() - started)
    if (wait === undefined || left <= 0) return undefined
    // Jitter keeps those who wait from asking at the same moments.
    const pauseMs = (wait.everyMs ?? Math.min(ttlMs / 4, longestPauseMs)) * (0.5 + random.next())
    await sleep(clock, Math.min(left, pauseMs), wait.cancellation)
  }
}

/** From a moment before the store was asked, so that it ends before the store's own ttl does. */
class Term {
  readonly #clock: Clock
  readonly #monotonic: number
  readonly #wall: number
  readonly #lastsMs: number

  constructor(clock: Clock, ttlMs: number) {
    this.#clock = clock
    this.#monotonic = clock.monotonic()
    this.#wall = clock.now()
    this.#lastsMs = ttlMs * trusted
  }

  get leftMs(): number {
    const passed = Math.max(this.#clock.monotonic() - this.#monotonic, this.#clock.now() - this.#wall)
    return this.#lastsMs - passed
  }
}

class HeldLease implements Lease {
  readonly token: Version
  readonly lost: Cancellation
  readonly #store: Store
  readonly #key: string
  readonly #value: string
  readonly #options: LeaseOptions
  readonly #listeners = new Set<(reason: unknown) => void>()
  #version: Version
  #term: Term
  #reason: PatchbayError | undefined
  #disarm: Cancel | undefined
  /** An earlier write may or may not have arrived, so that the entry's version is not known. */
  #uncertain = false
  #last: Promise<unknown> = Promise.resolve()

  constructor(store: Store, key: string, value: string, options: LeaseOptions, version: Version, term: Term) {
    this.#store = store
    this.#key = key
    this.#value = value
    this.#options = options
    this.token = version
    this.#version = version
    this.#term = term
    this.lost = this.#cancellation()
    this.#arm()
  }

  async renew(): Promise<void> {
    await this.write([])
    // The answer may have come too late, after the holder was told of the loss.
    this.#check()
  }

  write(group: WriteGroup): Promise<WriteResult> {
    return this.#inTurn(() => this.#write(group))
  }

  release(): Promise<void> {
    return this.#inTurn(async () => {
      this.#end('lease-released', 'this lease was released')
      try {
        if (this.#uncertain) await this.#find()
        await this.#store.write([[{ kind: 'delete', key: this.#key, ifVersion: this.#version }]])
      } catch {
        // It ends by its ttl.
      }
    })
  }

  async #write(group: WriteGroup): Promise<WriteResult> {
    const { clock, ttlMs } = this.#options
    for (;;) {
      this.#check()
      if (this.#uncertain) await this.#find()
      const term = new Term(clock, ttlMs)
      const own: Write = { kind: 'put', key: this.#key, value: this.#value, ifVersion: this.#version, ttlMs }
      const result = await this.#attempt([own, ...group])
      if (result.applied) {
        this.#version = result.versions[0] as Version
        this.#term = term
        this.#arm()
        return { applied: true, versions: result.versions.slice(1) }
      }
      if (result.conflict > 0) return { applied: false, conflict: result.conflict - 1 }
      // Either another holder, or a write of our own that arrived after its connection had failed.
      await this.#find()
    }
  }

  async #attempt(group: WriteGroup): Promise<WriteResult> {
    try {
      const [result] = await this.#store.write([group])
      return result as WriteResult
    } catch (error) {
      this.#uncertain = true
      throw error
    }
  }

  /** Learns the entry's version. It is still ours when it holds our value, since every holder writes an id of its own. */
  async #find(): Promise<void> {
    const entry = await this.#store.get(this.#key)
    if (entry?.value !== this.#value) throw this.#end('lease-lost', 'another holder may have taken this lease')
    this.#version = entry.version
    this.#uncertain = false
  }

  #check(): void {
    const reason = this.#lossReason()
    if (reason !== undefined) throw reason
  }

  #lossReason(): PatchbayError | undefined {
    if (this.#reason === undefined && this.#term.leftMs <= 0)
      return this.#end('lease-lost', 'it was not renewed in time')
    return this.#reason
  }

  #end(code: string, message: string): PatchbayError {
    this.#disarm?.()
    if (this.#reason !== undefined) return this.#reason
    const reason = patchbayError({ kind: 'conflict', code, sent: 'none', message }, { operation: 'lease' })
    this.#reason = reason
    for (const listener of this.#listeners) listener(reason)
    this.#listeners.clear()
    return reason
  }

  #arm(): void {
    this.#disarm?.()
    if (this.#lossReason() !== undefined) return
    // Rearms itself when it fires early, as timers may.
    this.#disarm = this.#options.clock.timer(this.#term.leftMs, () => this.#arm(), { keepAlive: false })
  }

  #cancellation(): Cancellation {
    const reasonOf = (): PatchbayError | undefined => this.#lossReason()
    const listeners = this.#listeners
    return {
      get cancelReason() {
        return reasonOf()
      },
      onCancel(listener) {
        const reason = reasonOf()
        if (reason === undefined) listeners.add(listener)
        else listener(reason)
        return () => {
          listeners.delete(listener)
        }
      },
    }
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const run = this.#last.then(work)
    this.#last = run.catch(() => undefined)
    return run
  }
}
