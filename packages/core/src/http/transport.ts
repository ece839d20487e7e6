import type { Duplex } from 'node:stream'
import type { Cancellation } from '../clock.ts'
import type { Sent } from '../errors.ts'

/** A request body. Streams are sent once and cannot be retried by the transport. */
export type HttpBody = string | Uint8Array | AsyncIterable<Uint8Array>

/** Header fields as sent: lower-case names, one value or several. */
export type HttpHeaders = Readonly<Record<string, string | readonly string[]>>

/** What the credential wrote into a request, so that no other origin ever sees it. Names are lower-case for headers. */
export interface CredentialMarks {
  readonly headers: readonly string[]
  readonly query: readonly string[]
}

/** Caps of one exchange. Sizes in bytes, times in milliseconds. */
export interface HttpLimits {
  /** Most decoded bytes of a body. Default 64 MiB for buffered bodies; streams have a cap only where this is set. */
  readonly maxBodyBytes?: number | undefined
  /** Longest pause between two body chunks. Default 30 000. */
  readonly bodyIdleMs?: number | undefined
  /** Time to connect, TLS included. Default 10 000. */
  readonly connectMs?: number | undefined
  /** Redirects followed, all to the same origin unless `redirectTo` allows more. Default 5, 0 refuses. */
  readonly maxRedirects?: number | undefined
}

export interface HttpRequest {
  /** Upper-case. */
  readonly method: string
  /** Absolute http or https URL, without user information. */
  readonly url: string
  readonly headers?: HttpHeaders | undefined
  readonly body?: HttpBody | undefined
  /** `buffer` (default) reads the whole body under `maxBodyBytes`; `stream` gives it as it comes. */
  readonly response?: 'buffer' | 'stream' | undefined
  /** Gives the exchange up: the socket is closed, the promise rejects with the reason. A Call is one. */
  readonly cancellation?: Cancellation | undefined
  /** Monotonic milliseconds of the runtime's clock; the exchange, body included, must end before. */
  readonly deadlineAt?: number | undefined
  readonly limits?: HttpLimits | undefined
  /** Statuses whose buffered body only explains an error: one of more than 256 KiB is not read to its end and comes empty. Default: none. */
  readonly isError?: ((status: number) => boolean) | undefined
  /** `tenant`: the URL comes out of tenant data and the address guard checks it. `builtin`: the host is fixed in a manifest. Default `tenant`. */
  readonly origin?: 'tenant' | 'builtin' | undefined
  /** Who wrote the URL, and so the kind of a guard refusal: `config` gives `config`, `input` gives `invalid-input`. Default `config`. */
  readonly urlSource?: 'config' | 'input' | undefined
  /** Other origins (`https://host:port`) to which a redirect may go; no credential goes along. */
  readonly redirectTo?: readonly string[] | undefined
  /** `return` hands a redirect over as the response, for logins whose answer is one. Default `follow`. */
  readonly redirect?: 'follow' | 'return' | undefined
  readonly credentialMarks?: CredentialMarks | undefined
  /** Set by the transport as the request leaves; a Call is one. */
  readonly progress?: { sent: Sent } | undefined
  /** True for the free retry after a stale socket: use no pooled connection. */
  readonly freshSocket?: boolean | undefined
}

export interface HttpResponse {
  readonly status: number
  readonly statusText: string
  /** Lower-case names; repeated fields keep all their values. Of a decoded body, without Content-Encoding and Content-Length. */
  readonly headers: Readonly<Record<string, string | string[]>>
  /** The URL that answered, after redirects, without credentials. */
  readonly url: string
  /** Decoded body of a buffered response; empty for a streamed one. */
  readonly body: Uint8Array
  /** Decoded body of a streamed response. Leaving the loop early closes the socket; a stream that nobody reads holds it until the deadline. */
  readonly stream: AsyncIterable<Uint8Array> | undefined
}

/** A socket for a protocol that begins as an HTTP/1.1 request and goes on as another, such as WebSocket. */
export interface SocketRequest {
  /** Absolute http or https URL: where to connect, and whether with TLS. Its path and query are not used. */
  readonly url: string
  /** Gives the connecting up. */
  readonly cancellation?: Cancellation | undefined
  /** Monotonic milliseconds of the runtime's clock, until which the socket must be there. */
  readonly deadlineAt?: number | undefined
  /** See {@link HttpLimits.connectMs}. */
  readonly connectMs?: number | undefined
  /** See {@link HttpRequest.origin}. */
  readonly origin?: 'tenant' | 'builtin' | undefined
  /** See {@link HttpRequest.urlSource}. */
  readonly urlSource?: 'config' | 'input' | undefined
}

/** The last hop that does input and output. Failures are Faults with `sent` facts; an HTTP status is never a failure here. */
export interface Transport {
  send(request: HttpRequest): Promise<HttpResponse>
  /**
   * A connected socket to the URL's origin, behind the same guard, TLS identity and proxy as requests, in HTTP/1.1. It belongs to the
   * caller, who must destroy it; closing the transport does too. Absent where a transport has none to give.
   */
  openSocket?(request: SocketRequest): Promise<Duplex>
  close(): Promise<void>
}

/** A certificate and key that identify this side (mTLS), and whom to trust. PEM. */
export interface TlsIdentity {
  readonly certificate?: string | undefined
  readonly key?: string | undefined
  readonly passphrase?: string | undefined
  /** Certificate authorities to trust instead of the system's. */
  readonly ca?: string | readonly string[] | undefined
}
