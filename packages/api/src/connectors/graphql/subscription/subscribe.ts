import {
  type CallOptions,
  type ConnectionBase,
  cancellationOf,
  Fault,
  isPatchbayError,
  type PatchbayError,
  patchbayError,
  sleep,
} from '@patchbay/core'
import type { GraphqlDocument, GraphqlVariables } from '../document.ts'
import type { GraphqlResult, RunInput, RunSettings } from '../input.ts'
import { RecentKeys } from './recent-keys.ts'
import { type ReconnectOptions, type ReconnectPlan, reconnectPlan } from './reconnect-plan.ts'
import type { OpenSubscription } from './session.ts'

export interface SubscribeOptions<Data, Variables> extends RunSettings {
  /** Ends the subscription; the loop over it then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined
  /** How long to go on after the connection broke. `false`: not at all. */
  readonly reconnect?: ReconnectOptions | false | undefined
  /**
   * The variables of the next connection, from the last event that arrived before the present one broke: `({ last, variables }) => ({
   * ...variables, since: last?.data.message.id })`. With a server that can go on from there, nothing is lost.
   */
  readonly resume?:
    | ((from: { readonly last: GraphqlResult<Data> | undefined; readonly variables: Variables }) => Variables)
    | undefined
  /** Identity of an event: one that was seen lately is dropped, for servers that repeat the event from which they go on. */
  readonly key?: ((data: Data) => string) | undefined
  /** Told before each new connection. */
  readonly onReconnect?: ((news: ReconnectNews) => void) | undefined
  /** Events that may wait for the loop before the server is made to wait. WebSocket; over SSE the stream itself waits. Default 256. */
  readonly bufferSize?: number | undefined
  /** Time for each connection to be opened, in milliseconds. Default: the connection's. */
  readonly timeoutMs?: number | undefined
  readonly tenant?: string | undefined
}

export interface ReconnectNews {
  /** 1 for the first connection after the last event. */
  readonly attempt: number
  readonly delayMs: number
  readonly error: PatchbayError
}

/** Events as they come. Each loop is a subscription of its own; leaving it ends that one. */
export interface Subscription<Data> extends AsyncIterable<GraphqlResult<Data>> {
  /** Ends all loops quietly. */
  close(): void
}

/** As much of a GraphQL connection as is needed here. */
export interface SubscribableConnection extends Pick<ConnectionBase<unknown>, '$scope'> {
  readonly subscription: { open(input: never, options?: CallOptions): Promise<OpenSubscription> }
}

/**
 * A subscription that lives through broken connections:
 *
 * ```ts
 * for await (const { data } of subscribe(connection, Messages, { room: 'a' }, {
 *   resume: ({ last, variables }) => ({ ...variables, since: last?.data.message.id }),
 * })) …
 * ```
 *
 * Each connection is opened by `subscription.open`, so the policies hold for it. After a failure that may pass it waits (exponential, with
 * jitter) and opens another; what arrived before is given first. Errors that stay (credential, permission, a document that the server
 * refuses) end the loop at once.
 * @throws PatchbayError in the loop; `errors` of an event are one too, unless `errorPolicy` is `partial`
 */
export function subscribe<Data = unknown, Variables = GraphqlVariables>(
  connection: SubscribableConnection,
  document: GraphqlDocument<Data, Variables>,
  variables?: Variables,
  options: SubscribeOptions<Data, Variables> = {},
): Subscription<Data> {
  const plan = reconnectPlan(options.reconnect)
  const running = new Set<AbortController>()
  return {
    [Symbol.asyncIterator]() {
      const controller = new AbortController()
      const input = { document, variables: variables ?? ({} as Variables) }
      const loop = new SubscriptionLoop<Data, Variables>(connection, input, options, plan, controller)
      running.add(controller)
      return loop.run(() => running.delete(controller))
    },
    close() {
      for (const controller of running) controller.abort(quiet)
    },
  }
}

const quiet = Symbol('closed')
/** As many events are looked back for repetitions. */
const mostKeys = 1000
/** A connection that lived so long was a good one. */
const steadyMs = 10_000

class SubscriptionLoop<Data, Variables> {
  readonly #connection: SubscribableConnection
  readonly #input: { readonly document: GraphqlDocument<Data, Variables>; readonly variables: Variables }
  readonly #options: SubscribeOptions<Data, Variables>
  readonly #plan: ReconnectPlan | undefined
  readonly #controller: AbortController
  readonly #recent = new RecentKeys(mostKeys)
  #last: GraphqlResult<Data> | undefined
  #lastEventId: string | undefined
  #retryMs: number | undefined
  #failures = 0

  constructor(
    connection: SubscribableConnection,
    input: { readonly document: GraphqlDocument<Data, Variables>; readonly variables: Variables },
    options: SubscribeOptions<Data, Variables>,
    plan: ReconnectPlan | undefined,
    controller: AbortController,
  ) {
    this.#connection = connection
    this.#input = input
    this.#options = options
    this.#plan = plan
    this.#controller = controller
  }

  async *run(ended: () => void): AsyncGenerator<GraphqlResult<Data>> {
    const { signal } = this.#options
    const abort = (): void => this.#controller.abort(signal?.reason)
    if (signal?.aborted === true) abort()
    else signal?.addEventListener('abort', abort, { once: true })
    try {
      while (!this.#controller.signal.aborted) {
        try {
          yield* this.#connected()
          break
        } catch (error) {
          if (this.#controller.signal.aborted) break
          await this.#pause(this.#told(error))
        }
      }
    } catch (error) {
      if (!this.#controller.signal.aborted) throw error
    } finally {
      signal?.removeEventListener('abort', abort)
      ended()
    }
    const { reason } = this.#controller.signal
    if (this.#controller.signal.aborted && reason !== quiet) throw reason
  }

  /** One connection, to its end. */
  async *#connected(): AsyncGenerator<GraphqlResult<Data>> {
    const { clock } = this.#connection.$scope
    const session = await this.#open()
    const openedAt = clock.monotonic()
    const { signal } = this.#controller
    const close = (): void => session.close()
    if (signal.aborted) close()
    else signal.addEventListener('abort', close, { once: true })
    try {
      for (;;) {
        const event = await session.next()
        if (event === undefined || signal.aborted) return
        this.#failures = 0
        const result = event.result as GraphqlResult<Data>
        this.#last = result
        this.#lastEventId = event.id ?? this.#lastEventId
        const { key } = this.#options
        if (key === undefined || this.#recent.take(key(result.data))) yield result
      }
    } finally {
      if (clock.monotonic() - openedAt >= steadyMs) this.#failures = 0
      this.#retryMs = session.retryMs
      signal.removeEventListener('abort', close)
      session.close()
    }
  }

  #open(): Promise<OpenSubscription> {
    const { operationName, errorPolicy, extensions, headers, bufferSize, resume, timeoutMs, tenant } = this.#options
    const { document, variables } = this.#input
    const last = this.#last
    const input: RunInput & { readonly lastEventId?: string | undefined; readonly bufferSize?: number | undefined } = {
      document: document as GraphqlDocument,
      variables: (resume === undefined ? variables : resume({ last, variables })) as GraphqlVariables,
      operationName,
      errorPolicy,
      extensions,
      headers,
      lastEventId: this.#lastEventId,
      bufferSize,
    }
    return this.#connection.subscription.open(input as never, { signal: this.#controller.signal, timeoutMs, tenant })
  }

  /** @throws the error where another connection would not help, or enough were tried */
  async #pause(error: unknown): Promise<void> {
    const plan = this.#plan
    if (!isPatchbayError(error) || error.retry === 'never' || plan === undefined) throw error
    this.#failures++
    if (this.#failures > plan.attempts) throw error
    const { clock, random } = this.#connection.$scope
    const least = Math.max(error.retryAfterMs ?? 0, this.#retryMs ?? 0)
    const delayMs = least + plan.delayMs(this.#failures, random)
    this.#options.onReconnect?.({ attempt: this.#failures, delayMs, error })
    await sleep(clock, delayMs, cancellationOf(this.#controller.signal))
  }

  /** What goes wrong after the opening is outside of any call. */
  #told(error: unknown): unknown {
    if (error instanceof Fault) return patchbayError(error.facts, this.#context)
    if (isPatchbayError(error) && error.connector === undefined) {
      return patchbayError(
        { ...error, retry: error.retry === 'never' ? 'never' : 'later', message: error.detail },
        this.#context,
      )
    }
    return error
  }

  get #context() {
    return { connector: this.#connection.$scope.connector, operation: 'subscription.open' }
  }
}
