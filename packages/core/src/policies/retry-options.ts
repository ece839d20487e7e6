import type { ErrorKind } from '../errors.ts'
import type { HedgeOptions } from './hedge-options.ts'

export interface RetryOptions {
  /** Attempts in all, the first included; free retries and hedges are not counted. Default 3. */
  readonly attempts?: number
  /** First backoff in milliseconds, doubled each time, drawn with full jitter. Default 100; 1 000 for `rate-limited`. */
  readonly baseMs?: number
  /** Own first backoff per kind of error. */
  readonly baseMsByKind?: Partial<Record<ErrorKind, number>>
  /** Longest backoff in milliseconds. Default 20 000. */
  readonly maxDelayMs?: number
  /** Longest wait that a vendor may ask for in milliseconds; longer ones are cut to it. Default 300 000. */
  readonly maxRetryAfterMs?: number
  /** Retries allowed per first attempt, over all calls to one host for one tenant. Default 0.1, `reserve` 10. */
  readonly budget?: { readonly ratio?: number; readonly reserve?: number } | false
  /** Sends a second copy of a slow read or idempotent call. Default off. */
  readonly hedge?: HedgeOptions | false
}

/** What the loop after a failure goes by. */
export type RetryRules = Required<Omit<RetryOptions, 'budget' | 'hedge'>>
