import type { GraphqlBody } from '../answer.ts'
import type { GraphqlResult, PreparedInput } from '../input.ts'

/** One event as it came. */
export interface SessionEvent {
  readonly body: GraphqlBody
  /** Id of a server-sent event; the next connection begins after it (`Last-Event-ID`). */
  readonly id: string | undefined
}

/** One open subscription on one connection. It ends once: complete, failed, or closed from this side. */
export interface Session {
  /**
   * The next event; undefined after the last. What has arrived is given before a failure is.
   * @throws Fault with the reason for which the connection ended
   */
  next(): Promise<SessionEvent | undefined>
  /** Ends it from this side. A pending `next` then gives undefined, or the reason where there is one. */
  close(reason?: unknown): void
  /** Cleans a text of this server of what the credential wrote. */
  clean(text: string): string | undefined
  /** Milliseconds that the server wants to pass before the next connection, when it said so. */
  readonly retryMs: number | undefined
}

/** An input of a subscription, with where to go on. */
export interface SubscriptionInput extends PreparedInput {
  readonly lastEventId?: string | undefined
  /** Events that may wait here before the connection is made to wait. */
  readonly bufferSize?: number | undefined
}

/** What `subscription.open` gives: a session whose events have been read. */
export interface OpenSubscription {
  /**
   * The next event; undefined after the last.
   * @throws Fault, or PatchbayError, with the reason for which it ended; `errors` of an event among them
   */
  next(): Promise<{ readonly result: GraphqlResult; readonly id: string | undefined } | undefined>
  /** Ends it from this side. */
  close(reason?: unknown): void
  readonly retryMs: number | undefined
}
