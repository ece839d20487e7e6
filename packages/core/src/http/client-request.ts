import type { Cancellation } from '../clock.ts'
import type { FreeRetry, Sent } from '../errors.ts'
import type { RateFeedback } from '../rate-feedback.ts'
import type { HttpBody, HttpHeaders, HttpLimits, HttpResponse } from './transport.ts'
import type { ArrayStyles, Query } from './url-query.ts'

/** One request as a connector states it. Everything but the path is optional. */
export interface ClientRequest {
  /** Upper-case. Default `GET`. */
  readonly method?: string | undefined
  /** Starts with a slash and is appended to the base URL; write values into it with the `path` tag. */
  readonly path?: string | undefined
  /** A link that the vendor gave (a next page), absolute or relative; must lie under the base URL. Used instead of path and query. */
  readonly link?: string | undefined
  /** Which paths below the base URL `link` may name. Default: any. */
  readonly linkPath?: ((path: string) => boolean) | undefined
  readonly query?: Query | undefined
  /** How several values of one name are written in query and form; goes before the client's own. */
  readonly arrays?: ArrayStyles | undefined
  readonly headers?: HttpHeaders | undefined
  /** A body as JSON. Undefined: no body. */
  readonly json?: unknown
  /** A body as application/x-www-form-urlencoded. */
  readonly form?: Query | undefined
  /** A body as it is; give its `content-type` in `headers`. */
  readonly body?: HttpBody | undefined
  /** What to read: `json` (default), `text`, `bytes`, `stream`, or `nothing`, which ignores the body. */
  readonly expect?: Expected | undefined
  /** Statuses besides 2xx (207 not among them) that are answers and no errors, such as 304 or a 404 that means "none"; a function decides about all. */
  readonly accept?: readonly number[] | ((status: number) => boolean) | undefined
  /** Told about the raw response before it is judged, and how to clean the vendor's texts of what the credential wrote. */
  readonly seen?: ((response: HttpResponse, clean: CleanText) => void) | undefined
  /** Name of the header that carries the call's idempotency key, such as `idempotency-key`. Sent when the call has a key. */
  readonly idempotencyHeader?: string | undefined
  readonly limits?: HttpLimits | undefined
}

/** Makes a text of the vendor fit for a message, without the request's secrets; undefined when nothing is left. */
export type CleanText = (text: string) => string | undefined

export type Expected = 'json' | 'text' | 'bytes' | 'stream' | 'nothing'

/** An answer that is no error. */
export interface Reply {
  readonly status: number
  readonly headers: HttpResponse['headers']
  /** The URL that answered, without credentials. */
  readonly url: string
  /** By `expect`: the parsed JSON (undefined for an empty body), text, bytes, a stream of bytes, or undefined. */
  readonly value: unknown
}

/** What sending needs of an attempt. A Call is one. */
export interface Attempt extends Cancellation {
  /** Which attempt this is, from 1. */
  readonly attempt: number
  readonly idempotencyKey: string | undefined
  /** Monotonic milliseconds; Infinity for none. */
  readonly deadlineAt: number
  readonly attemptDeadlineAt: number
  readonly freeRetries: readonly FreeRetry[] | undefined
  /** Written as the request leaves. */
  sent: Sent
  /** Takes what the answer says about limits. */
  feedback(feedback: RateFeedback): void
}

/** What operations of HTTP connectors get as their client. */
export interface HttpClient {
  /**
   * Sends one request under the policies of `call`: the third argument of an operation's `run`.
   * @throws Fault with the facts of whatever went wrong; the call path turns it into a PatchbayError.
   */
  send(request: ClientRequest, call: Attempt): Promise<Reply>
}
