import type { Clock } from '../../clock.ts'
import type { CredentialEnv } from '../../credential.ts'
import { isPatchbayError } from '../../errors.ts'
import { acquireLease, type Lease } from '../../lease.ts'
import type { Store, Version, Write, WriteResult } from '../../store.ts'
import type { VaultContext } from '../../vault/vault.ts'
import { fingerprint } from './fingerprint.ts'
import type { TokenPlan } from './token-plan.ts'
import { decodeRecord, encodeRecord, type TokenRecord } from './token-record.ts'

/** The part of a lease's time that its holder may rely on. */
const trusted = 0.9

export interface LoadedRecord {
  readonly record: TokenRecord | undefined
  readonly version: Version | 'absent'
}

/** The right to renew, for a while. */
export interface RenewalLease {
  /** Monotonic milliseconds after which another process may hold the right. */
  readonly until: number
  /** The lease behind it, for records in a store. */
  readonly held?: Lease | undefined
}

/** Where a connection's token record lies. */
export interface TokenRecords {
  load(): Promise<LoadedRecord>
  /**
   * Replaces the record of version `over`; with a lease only while that still holds, in the same atomic write: a process that was
   * stalled past its lease writes nothing. Undefined: the record or the lease has moved on.
   */
  save(record: TokenRecord, over: Version | 'absent', lease?: RenewalLease): Promise<Version | undefined>
  acquire(ttlMs: number): Promise<RenewalLease | undefined>
  release(lease: RenewalLease): Promise<void>
}

/**
 * Records in the connection's store, sealed by its vault when there is one. They are found by the plan's seed: two connections with one
 * grant share its tokens, and two processes with different grants (a deployment under way) never overwrite each other's.
 */
export function storedRecords(plan: Pick<TokenPlan, 'seed' | 'proof'>, env: CredentialEnv, store: Store): TokenRecords {
  const { vault, clock } = env
  const tenant = env.tenant === undefined ? '' : `${fingerprint(env.tenant)}/`
  const key = `credential/${tenant}${plan.seed}`
  const context: VaultContext = { purpose: 'credential', key, tenant: env.tenant }

  return {
    async load() {
      const entry = await store.get(key)
      if (entry === undefined) return { record: undefined, version: 'absent' }
      const text = vault === undefined ? entry.value : await vault.open(entry.value, context)
      const record = decodeRecord(text)
      return { record: record.proof === plan.proof ? record : undefined, version: entry.version }
    },
    async save(record, over, lease) {
      const plain = encodeRecord({ ...record, proof: plan.proof })
      const value = vault === undefined ? plain : await vault.seal(plain, context)
      const put: Write = { kind: 'put', key, value, ifVersion: over }
      const result = lease?.held === undefined ? (await store.write([[put]]))[0] : await fenced(lease.held, put)
      return result?.applied === true ? result.versions[0] : undefined
    },
    async acquire(ttlMs) {
      const asked = clock.monotonic()
      const owner = `${env.connection} renews its token`
      const held = await acquireLease(store, `${key}/lease`, {
        ttlMs: ttlMs / trusted,
        owner,
        clock,
        random: env.random,
      })
      return held === undefined ? undefined : { until: asked + ttlMs, held }
    },
    async release(lease) {
      await lease.held?.release()
    },
  }
}

/** Writes under a lease; undefined when the lease is no longer ours. */
async function fenced(lease: Lease, put: Write): Promise<WriteResult | undefined> {
  try {
    return await lease.write([put])
  } catch (error) {
    if (isPatchbayError(error) && error.code === 'lease-lost') return undefined
    throw error
  }
}

/** Records in memory, for connections without a store. One object serves all connections that were opened from one source. */
export function memoryRecords(clock: Clock): TokenRecords {
  let record: TokenRecord | undefined
  let version = 0
  let held: RenewalLease | undefined
  const current = (): Version | 'absent' => (record === undefined ? 'absent' : String(version))
  const stillHeld = (): boolean => held !== undefined && clock.monotonic() < held.until

  return {
    async load() {
      return { record, version: current() }
    },
    async save(next, over, lease) {
      if (over !== current() || (lease !== undefined && (lease !== held || !stillHeld()))) return undefined
      record = next
      version++
      return current()
    },
    async acquire(ttlMs) {
      if (stillHeld()) return undefined
      held = { until: clock.monotonic() + ttlMs }
      return held
    },
    async release(lease) {
      if (held === lease) held = undefined
    },
  }
}
