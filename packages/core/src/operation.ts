import type { Call } from './call.ts'
import type { OperationSpec, Risk } from './operation-spec.ts'

/** One connector's implementation of a spec. One operation is one request or statement; flows are functions over operations. */
export interface Operation<Input = unknown, Output = unknown, Client = unknown, R extends Risk = Risk, Given = Input> {
  readonly spec: OperationSpec<Input, Output, R, Given>
  run(client: Client, input: Input, call: Call): Promise<unknown>
}

/** An operation whose answers are pages; `connection.noun.verb()` then gives {@link import('./paginate.ts').Pages}. */
export interface PagedOperation<Input, Output, Client, Item, R extends Risk = Risk, Given = Input>
  extends Operation<Input, Output, Client, R, Given> {
  /** The records of one page. */
  items(output: Output): readonly Item[]
  /** The input that gets the following page; undefined after the last. Receives the input that got this page. */
  next(output: Output, input: Input): Input | undefined
  /** What of an input tells one page from another; default: the whole input, which must then be data. */
  place?(input: Input): unknown
  /** See {@link import('./paginate.ts').PagesOptions.maxEmptyPages}: the default of this list. */
  readonly maxEmptyPages?: number | undefined
}

declare const signature: unique symbol

/**
 * Gives an operation's method a signature of its own, where one input and one output type cannot say it: an answer typed by a schema of the
 * call, say. Types only: `operation(…) as typeof plain & CalledAs<Signature>`.
 */
export interface CalledAs<Signature> {
  readonly [signature]: Signature
}

// biome-ignore lint/suspicious/noExplicitAny: the top type of operations must accept every client and input
export type AnyOperation = Operation<any, any, any, any, any>

/**
 * Names the types of an operation from its spec. `run` may return anything; the spec's output schema decides what callers get. The
 * risk is taken from the spec alone (`NoInfer`): inside `defineConnector` the expected type would make it `any`.
 */
export function operation<Input, Output, Client, R extends Risk = 'normal', Given = Input>(
  spec: OperationSpec<Input, Output, R, Given>,
  run: (client: Client, input: Input, call: Call) => Promise<unknown>,
): Operation<Input, Output, Client, NoInfer<R>, NoInfer<Given>> {
  return { spec, run }
}

export function pagedOperation<Input, Output, Client, Item, R extends Risk = 'normal', Given = Input>(
  spec: OperationSpec<Input, Output, R, Given>,
  run: (client: Client, input: Input, call: Call) => Promise<unknown>,
  paging: Pick<PagedOperation<Input, Output, Client, Item>, 'items' | 'next' | 'place'>,
): PagedOperation<Input, Output, Client, Item, NoInfer<R>, NoInfer<Given>> {
  return { spec, run, ...paging }
}

export function isPaged(candidate: AnyOperation): candidate is PagedOperation<unknown, unknown, unknown, unknown> {
  return 'items' in candidate && 'next' in candidate
}
