import type { AnyConnector } from './connector.ts'
import type { Lazy } from './lazy.ts'
import type { AnyOperation } from './operation.ts'
import type { RetryPolicy } from './policies/retry.ts'
import type { Gate } from './policy.ts'

/** What a connection gives to the path of one of its operations. */
export interface PathParts {
  readonly connector: AnyConnector
  readonly operation: AnyOperation
  readonly client: Lazy<unknown>
  /** Outside retry, outermost first. */
  readonly outer: readonly Gate[]
  /** Inside retry, outermost first. */
  readonly inner: readonly Gate[]
  readonly retry: RetryPolicy | undefined
  /** Told once when a call is over. */
  readonly ended: () => void
}
