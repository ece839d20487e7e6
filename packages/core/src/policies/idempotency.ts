import type { Call, Scope } from '../call.ts'
import { lazyCode } from '../lazy.ts'
import type { OperationSpec } from '../operation-spec.ts'
import type { Answer, Gate, Outcome } from '../policy.ts'
import { numberOptions } from './check-options.ts'
import type { IdempotencyClaims } from './idempotency-claims.ts'
import { LazyGate } from './lazy-gate.ts'
import { prefetch } from './lazy-part.ts'

export interface IdempotencyOptions {
  /** Milliseconds for which a key and its answer are kept in the store. Default 86 400 000 (a day). */
  readonly ttlMs?: number
  /** Milliseconds after which a call without a deadline, whose process may have died, counts as ended. Default 300 000. */
  readonly leaseMs?: number
  /** Characters of JSON up to which an answer is kept; of a longer one only that it was done. Default 262 144. */
  readonly maxResultLength?: number
  /** Separates keys of different accounts of one tenant at one target. Default empty. */
  readonly partition?: string
}

/** The gate with a way to free a key. */
export interface IdempotencyGate extends Gate {
  /** Forgets a key, once you know from the vendor what became of a call whose outcome was unknown. */
  forget(key: string, tenant?: string): Promise<void>
}

type Code = typeof import('./idempotency-claims.ts')

const code = lazyCode<Code>(() => import('./idempotency-claims.ts'))
const yearMs = 31_622_400_000

/**
 * One effect per key. A write that the vendor can deduplicate gets a key before its first attempt. For a key that the caller gave, with
 * a store, a second call with the same input gets the first one's answer or joins it, another input is a `conflict`
 * (`idempotency-key-reused`), and after a crash between sending and storing the call is sent again only if that cannot do it twice,
 * else it is a `conflict` (`outcome-unknown`). Without a store only calls that run at the same time in this process are joined.
 * Answers stand in the store as plain JSON.
 */
export function idempotencyPolicy(options: IdempotencyOptions, scope: Scope): IdempotencyGate {
  return new IdempotencyPolicy(options, scope)
}

class IdempotencyPolicy implements IdempotencyGate {
  readonly name = 'idempotency'
  readonly settings: Readonly<Record<string, unknown>>
  /** Keys that callers gave. Most connections never see one. */
  readonly #claims: LazyGate<Code, IdempotencyClaims>

  constructor(options: IdempotencyOptions, scope: Scope) {
    const numbers = numberOptions('idempotency', options, {
      ttlMs: [86_400_000, 1_000, yearMs],
      leaseMs: [300_000, 1_000, yearMs],
      maxResultLength: [262_144],
    })
    const settings = { ...numbers, partition: options.partition ?? '' }
    const store = scope.store !== undefined
    const { name } = this
    this.settings = { ...settings, store }
    const make = ({ IdempotencyClaims }: Code): IdempotencyClaims => new IdempotencyClaims(settings, scope)
    this.#claims = new LazyGate({ name, settings, code, make })
    // Whoever has a store means to use keys.
    if (store) prefetch(code)
  }

  appliesTo({ effect }: OperationSpec): boolean {
    return effect !== 'read'
  }

  ready(): Promise<unknown> {
    return this.#claims.ready()
  }

  async forget(key: string, tenant?: string): Promise<void> {
    const claims = await this.#claims.ready()
    await claims.forget(key, tenant)
  }

  enter(call: Call): undefined | Answer | Promise<undefined | Answer> {
    const { spec, options } = call
    if (options.idempotencyKey !== undefined) return this.#claims.enter(call)
    if (spec.effect === 'write' && spec.idempotency === 'vendor-key') call.idempotencyKey = call.scope.random.uuid()
    return undefined
  }

  leave(call: Call, error: Outcome, value: unknown): void {
    if (call.options.idempotencyKey !== undefined) this.#claims.leave(call, error, value)
  }
}
