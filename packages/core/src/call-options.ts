import type { Approval } from './operation-spec.ts'

/** What a caller may say about one call. All optional. */
export interface CallOptions {
  /** Gives the call up; it then rejects with the signal's own reason, untouched. */
  readonly signal?: AbortSignal | undefined
  /** Total time for the call with all attempts and waits, in milliseconds. Overrides the connection's. */
  readonly timeoutMs?: number | undefined
  /** Absolute end of the call. The earlier of this and `timeoutMs` counts. */
  readonly deadline?: Date | undefined
  /** One key per intended effect. Without one, a keyed write gets its own before the first attempt. */
  readonly idempotencyKey?: string | undefined
  /** On whose behalf; queues and budgets are fair between tenants. Default: the connection's tenant. */
  readonly tenant?: string | undefined
  /** `reload` asks the vendor even when a fresh answer is cached. */
  readonly cache?: 'use' | 'reload' | undefined
  /**
   * Tokens that this call takes from the throttle, where the vendor counts them by request and not by call: what you expect a query to
   * cost. Default: the operation's own.
   */
  readonly cost?: number | undefined
  /** Needed by destructive operations. */
  readonly approval?: Approval | undefined
}
