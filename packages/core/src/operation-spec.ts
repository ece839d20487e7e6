import type { Schema } from './schema.ts'

/**
 * What sending the same request twice does. `read` changes nothing; `idempotent` leaves the same state as sending it once;
 * `write` may do it twice. Decides retries; never guessed from the HTTP verb.
 */
export type Effect = 'read' | 'idempotent' | 'write'

/** How much harm a mistaken call can do. `destructive` needs an {@link Approval} to type-check and to run. */
export type Risk = 'normal' | 'disruptive' | 'destructive'

/** Who agreed to a destructive call and why. Travels into events and audit records. */
export interface Approval {
  readonly by: string
  readonly reason: string
}

/** `Input` is what the operation gets, `Given` what callers pass: they differ where the input schema has defaults or converts. */
export interface OperationSpec<Input = unknown, Output = unknown, R extends Risk = Risk, Given = Input> {
  /** `noun.verb`, such as `object.put`; it becomes `connection.object.put()`. */
  readonly name: string
  readonly effect: Effect
  readonly risk?: R
  /** `vendor-key`: the vendor honours an idempotency key on this operation, so a keyed write may be sent again. */
  readonly idempotency?: 'vendor-key'
  /** Tokens that one call takes from the throttle. Default 1. */
  readonly cost?: number
  /** Permissions that the credential needs, in the vendor's words. */
  readonly scopes?: readonly string[]
  /** One sentence for documentation and forms. */
  readonly summary?: string
  readonly input: Schema<Input, Given>
  readonly output: Schema<Output>
}
