import type { Call } from './call.ts'
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

export interface OperationSpec<Input = unknown, Output = unknown, R extends Risk = Risk> {
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
  readonly input: Schema<Input>
  readonly output: Schema<Output>
}

/** One connector's implementation of a spec. One operation is one request or statement; flows are functions over operations. */
export interface Operation<Input = unknown, Output = unknown, Client = unknown, R extends Risk = Risk> {
  readonly spec: OperationSpec<Input, Output, R>
  run(client: Client, input: Input, call: Call): Promise<unknown>
}

/** An operation whose answers are pages; `connection.noun.verb()` then gives {@link import('./paginate.ts').Pages}. */
export interface PagedOperation<Input, Output, Client, Item, R extends Risk = Risk>
  extends Operation<Input, Output, Client, R> {
  /** The records of one page. */
  items(output: Output): readonly Item[]
  /** The input that gets the following page; undefined after the last. Receives the input that got this page. */
  next(output: Output, input: Input): Input | undefined
}

// biome-ignore lint/suspicious/noExplicitAny: the top type of operations must accept every client and input
export type AnyOperation = Operation<any, any, any, any>

/** Names the types of an operation from its spec. `run` may return anything; the spec's output schema decides what callers get. */
export function operation<Input, Output, Client, R extends Risk = 'normal'>(
  spec: OperationSpec<Input, Output, R>,
  run: (client: Client, input: Input, call: Call) => Promise<unknown>,
): Operation<Input, Output, Client, R> {
  return { spec, run }
}

export function pagedOperation<Input, Output, Client, Item, R extends Risk = 'normal'>(
  spec: OperationSpec<Input, Output, R>,
  run: (client: Client, input: Input, call: Call) => Promise<unknown>,
  paging: Pick<PagedOperation<Input, Output, Client, Item>, 'items' | 'next'>,
): PagedOperation<Input, Output, Client, Item, R> {
  return { spec, run, items: paging.items, next: paging.next }
}

export function isPaged(candidate: AnyOperation): candidate is PagedOperation<unknown, unknown, unknown, unknown> {
  return 'items' in candidate && 'next' in candidate
}
