import { sleep } from '../../clock.ts'
import type { CredentialEnv } from '../../credential.ts'
import { Fault } from '../../errors.ts'
import type { EventMap } from '../../events.ts'
import { type HeldToken, hold } from './held-token.ts'
import { timeLimit } from './time-limit.ts'
import { reauthorize, renewalTaken, spentBy } from './token-faults.ts'
import type { ObtainContext, Obtained, TokenPlan } from './token-plan.ts'
import type { TokenRecord } from './token-record.ts'
import type { LoadedRecord, RenewalLease, TokenRecords } from './token-records.ts'

/** Most time by which a lease is longer than a renewal may take, so that it does not end under one that goes as planned. */
const mostSlackMs = 5_000

/** Why a renewal is wanted. */
export interface Want {
  readonly reason: 'expired' | 'ahead' | 'refused'
  /** The token in use. */
  readonly held: HeldToken | undefined
}

/** A renewal under way: the record as it stands in the store. */
interface Standing {
  readonly lease: RenewalLease
  readonly record: TokenRecord
  readonly over: LoadedRecord['version']
}

/**
 * One renewal, safe against other processes and against a crash at any point:
 *
 * 1. lease: only one process renews; the others wait and adopt its token.
 * 2. intent: that the refresh token is about to be sent is stored before it is sent.
 * 3. result: the new tokens are stored before they are used, in a write that fails when the lease or the record has moved on.
 *
 * Who finds an intent without a result knows that the token may be consumed, and sends it again only where the vendor allows that.
 */
export class TokenRenewal {
  readonly #plan: TokenPlan
  readonly #env: CredentialEnv
  readonly #records: TokenRecords
  /** Received but not stored, since the store failed; stored before anything else happens. */
  #unsaved: TokenRecord | undefined

  constructor(plan: TokenPlan, env: CredentialEnv, records: TokenRecords) {
    this.#plan = plan
    this.#env = env
    this.#records = records
  }

  async renew(want: Want): Promise<HeldToken> {
    if (this.#unsaved !== undefined) return this.#reconcile(this.#unsaved, want.reason)
    const newer = this.#newer(await this.#records.load(), want)
    if (newer !== undefined) return newer
    const right = await this.#acquire(want)
    if (!('until' in right)) return right
    try {
      return await this.#renewUnder(right, want)
    } finally {
      await this.#records.release(right).catch(() => undefined)
    }
  }

  /** Stores what could not be stored before. */
  async close(): Promise<void> {
    if (this.#unsaved !== undefined) await this.#reconcile(this.#unsaved, 'close')
  }

  /** The right to renew, or the token of whoever had it meanwhile. */
  async #acquire(want: Want): Promise<RenewalLease | HeldToken> {
    const { clock, random } = this.#env
    const { timeoutMs, probe } = this.#plan
    const ttlMs = timeoutMs * (probe === undefined ? 1 : 2) + Math.min(mostSlackMs, timeoutMs)
    const giveUpAt = clock.monotonic() + 2 * ttlMs
    for (let pause = 20; ; pause = Math.min(pause * 2, 250)) {
      const lease = await this.#records.acquire(ttlMs)
      if (lease !== undefined) return lease
      if (clock.monotonic() > giveUpAt) throw renewalTaken(this.#plan.scheme)
      await sleep(clock, pause * (0.5 + random.next()))
      const newer = this.#newer(await this.#records.load(), want)
      if (newer !== undefined) return newer
    }
  }

  async #renewUnder(lease: RenewalLease, want: Want): Promise<HeldToken> {
    const loaded = await this.#records.load()
    const newer = this.#newer(loaded, want)
    if (newer !== undefined) return newer
    const { record = this.#brought(), version: over } = loaded
    if (loaded.record === undefined && record.access !== undefined && want.reason !== 'refused') {
      const brought = hold(record, record.access, this.#env)
      if (this.#env.clock.monotonic() < brought.renewAt)
        return this.#keep(record, 'configured', { lease, record, over })
    }
    const standing = { lease, record, over }
    return this.#plan.refresh === undefined ? this.#obtain(standing, want.reason) : this.#spend(standing, want.reason)
  }

  /** Renews by refresh token. */
  async #spend(standing: Standing, reason: string): Promise<HeldToken> {
    const { record, lease } = standing
    const { clock } = this.#env
    if (record.dead !== undefined) throw reauthorize(this.#plan.scheme, record.dead.code)
    if (record.refresh === undefined) throw await this.#die(standing, 'no-refresh-token')
    const { use, graceMs = 0, afterLostAnswer } = this.#plan.refresh ?? {}
    const reusable = use === 'many' || (use === undefined && record.reusable === true)
    if (record.pending === undefined) {
      if (use === 'many') return this.#obtain(standing, reason)
      const intent: TokenRecord = { ...record, pending: { since: clock.now() } }
      const over = await this.#records.save(intent, standing.over, lease)
      if (over === undefined) throw renewalTaken(this.#plan.scheme)
      return this.#obtain({ lease, record: intent, over }, reason)
    }
    if (reusable) return this.#obtain(standing, 'recovered')
    // The vendor's grace began when it consumed the token, which is after the intent was stored. An intent from the future is one of a
    // machine whose clock runs ahead, or ours went back: by so much the true age may be off.
    const graceLeftMs = graceMs - Math.abs(clock.now() - record.pending.since)
    if (graceLeftMs > 0) return this.#obtain(standing, 'recovered', Math.min(graceLeftMs, this.#plan.timeoutMs))
    const alive = await this.#limited(this.#plan.timeoutMs, record, async (context) => this.#plan.probe?.(context))
    if (alive === true || (alive === undefined && afterLostAnswer === 'retry'))
      return this.#obtain(standing, 'recovered')
    throw await this.#die(standing, 'answer-lost')
  }

  async #obtain(standing: Standing, reason: string, timeoutMs = this.#plan.timeoutMs): Promise<HeldToken> {
    const { record, lease, over } = standing
    const { clock } = this.#env
    const askedAt = clock.monotonic()
    // This process may have slept since it got the lease; then another one may be renewing by now.
    if (askedAt >= lease.until - this.#plan.timeoutMs) throw renewalTaken(this.#plan.scheme)
    let obtained: Obtained
    try {
      obtained = await this.#limited(timeoutMs, record, (context) => this.#plan.obtain(context))
    } catch (error) {
      throw await this.#afterFailure(error, standing, reason)
    }
    const { access: token, lifetimeMs, refresh = record.refresh } = obtained
    // Counted from the moment of asking: the token is at most that old.
    const age = clock.monotonic() - askedAt
    const next: TokenRecord = {
      generation: record.generation + 1,
      access: { token, receivedAt: clock.now() - age, lifetimeMs },
      ...(this.#plan.refresh === undefined ? {} : { refresh, reusable: refresh === record.refresh }),
    }
    return this.#keep(next, reason, { lease, record, over }, lifetimeMs === undefined ? undefined : lifetimeMs - age)
  }

  /** Stores what the failure proves about the refresh token, and gives the error that says most. */
  async #afterFailure(error: unknown, standing: Standing, reason: string): Promise<unknown> {
    if (this.#plan.refresh === undefined) return error
    const { record, lease, over } = standing
    const spent = spentBy(error)
    if (spent === 'refused') return this.#die(standing, reason === 'recovered' ? 'answer-lost' : 'invalid-grant')
    if (spent === 'no' && reason !== 'recovered' && record.pending !== undefined)
      await this.#records.save({ ...record, pending: undefined }, over, lease).catch(() => undefined)
    return error
  }

  /** Notes for all processes that only a person can help; keeps the access token, which may still be good. */
  async #die({ record, over, lease }: Standing, code: string): Promise<unknown> {
    const dead = { code, since: this.#env.clock.now() }
    const saved = await this.#records.save({ ...record, pending: undefined, dead }, over, lease)
    return saved === undefined ? renewalTaken(this.#plan.scheme) : reauthorize(this.#plan.scheme, code)
  }

  async #keep(next: TokenRecord, reason: string, { over, lease }: Standing, leftMs?: number): Promise<HeldToken> {
    this.#unsaved = next
    if ((await this.#records.save(next, over, lease)) === undefined) return this.#reconcile(next, reason)
    this.#unsaved = undefined
    return this.#use(next, 'fresh', reason, leftMs)
  }

  /** The lease was lost while the vendor answered. The newest token wins, whoever got it. */
  async #reconcile(next: TokenRecord, reason: string): Promise<HeldToken> {
    for (;;) {
      const { record, version } = await this.#records.load()
      const overtaken = record !== undefined && record.access !== undefined && record.generation >= next.generation
      if (!overtaken && (await this.#records.save(next, version)) === undefined) continue
      this.#unsaved = undefined
      return overtaken ? this.#use(record, 'adopted', 'overtaken') : this.#use(next, 'fresh', reason)
    }
  }

  /** The token of a record, when it is newer than the one in use and need not be renewed itself. */
  #newer({ record }: LoadedRecord, { held, reason }: Want): HeldToken | undefined {
    if (record?.access === undefined || record.generation <= (held?.generation ?? -1)) return undefined
    const found = hold(record, record.access, this.#env)
    const usableUntil = held === undefined && reason !== 'refused' ? found.endsAt : found.renewAt
    if (this.#env.clock.monotonic() >= usableUntil) return undefined
    this.#emit('adopted', held === undefined ? 'stored' : 'newer')
    return found
  }

  #use(record: TokenRecord, outcome: 'fresh' | 'adopted', reason: string, leftMs?: number): HeldToken {
    this.#emit(outcome, reason)
    if (record.access === undefined) throw new TypeError('a record without an access token cannot be used')
    return hold(record, record.access, this.#env, leftMs)
  }

  #brought(): TokenRecord {
    const { refresh, access, expiresAt } = this.#plan.brought ?? {}
    const now = this.#env.clock.now()
    const first =
      access === undefined || expiresAt === undefined || expiresAt <= now
        ? undefined
        : { token: access.reveal(), receivedAt: now, lifetimeMs: expiresAt - now }
    return { generation: 0, access: first, refresh: refresh?.reveal() }
  }

  async #limited<T>(ms: number, record: TokenRecord, task: (context: ObtainContext) => Promise<T>): Promise<T> {
    const { clock } = this.#env
    const message = `${this.#plan.scheme}: the token endpoint did not answer within ${Math.round(ms)} ms`
    const limit = timeLimit(
      clock,
      ms,
      () => new Fault({ kind: 'timeout', code: 'token-timeout', sent: 'maybe', message }),
    )
    try {
      const deadlineAt = clock.monotonic() + ms
      return await task({ env: this.#env, refresh: record.refresh, cancellation: limit, deadlineAt })
    } finally {
      limit.stop()
    }
  }

  #emit(outcome: EventMap['credential-refresh']['outcome'], reason: string): void {
    const { events, connection } = this.#env
    if (events.listening) events.emit('credential-refresh', { connection, scheme: this.#plan.scheme, outcome, reason })
  }
}
