import type { LookupFunction } from 'node:net'
import type { ErrorKind, Sent } from '../../errors.ts'
import type { Exchange } from './server/exchange.ts'
import type { LedgerMark } from './server/ledger.ts'

export const faultGroups = [
  'wire',
  'message',
  'pace',
  'framing',
  'payload',
  'redirect',
  'rate-limit',
  'server-error',
  'auth',
  'conflict',
  'dns',
  'tls',
  'provider',
] as const

export type FaultGroup = (typeof faultGroups)[number]

/** The typed error that a client must give. What is undefined is not looked at. */
export interface ExpectedError {
  /** One kind, or the kinds that are all right. */
  readonly kind: ErrorKind | readonly ErrorKind[]
  /** For a read, an idempotent call or a keyed write. For other writes `later` becomes `never`, unless nothing was sent. */
  readonly retry?: 'never' | 'later'
  readonly sent?: Sent
  /** Exact milliseconds, or a range; `none`: the vendor gave no usable hint, so undefined or 0. */
  readonly retryAfterMs?: number | readonly [least: number, most: number] | 'none'
  readonly code?: string
  /** Text that the message must contain. */
  readonly names?: string
}

/** What must be true of the wire once the client is done. */
export interface WireExpectation {
  readonly mostRequests?: number
  readonly leastRequests?: number
  /** The connection that carried the fault must not be used again. */
  readonly dropsSocket?: true
  /** No byte of HTTP may reach the second origin. */
  readonly otherOrigin?: 'untouched' | 'no-credential'
}

/** Which listener of the server plays the fault. */
export type Listening =
  | 'plain'
  | 'tls'
  | 'tls-expired'
  | 'tls-not-yet-valid'
  | 'tls-wrong-host'
  | 'tls-unknown-authority'
  | 'tls-old-protocol'
  | 'tls-client-certificate'
  | 'tls-silent'
  | 'unconnectable'

/** One way in which the other side goes wrong, with the error that a caller must see: data for a loop over any client. */
export interface FaultCase {
  /** Kebab-case; also the path segment that plays it. */
  readonly id: string
  readonly group: FaultGroup
  /** What the other side does. */
  readonly title: string
  /**
   * Who can notice: the transport by itself; `http` a client that reads statuses and media types; `connector` one that knows the
   * vendor's answers; `paging` one that reads page after page.
   */
  readonly layer: 'transport' | 'http' | 'connector' | 'paging'
  readonly expected: ExpectedError | 'success'
  /** When it differs: what a write that must not be sent twice gets. */
  readonly expectedOfWrite?: ExpectedError
  readonly wire?: WireExpectation
  readonly client?: CaseClient
  readonly listening?: Listening
  /** Host name to ask for, instead of the address; resolved by the target's `lookup`. */
  readonly host?: string
  serve(exchange: Exchange): void | Promise<void>
}

/** How the client must be set for the fault to show, in milliseconds and bytes. */
export interface CaseClient {
  /** Total time of the call. Default 2000. */
  readonly timeoutMs?: number
  readonly connectMs?: number
  readonly maxBodyBytes?: number
  /** One good request goes before, on a connection that is kept. */
  readonly warmUp?: true
  /** The second origin is allowed as the goal of redirects. */
  readonly allowsOtherOrigin?: true
  /** The credential can be renewed once after a 401. */
  readonly refreshes?: true
}

/** Where and how to ask for one fault; made by `faultServer().target(...)`. */
export interface FaultTarget {
  readonly fault: FaultCase
  /** Stands in the URL and in the ledger's requests, so that targets do not mix. */
  readonly run: string
  /** When it was made, for what the second origin saw since. */
  readonly mark: LedgerMark
  readonly url: string
  /** PEM of the authority to trust, for https. */
  readonly ca: string | undefined
  readonly timeoutMs: number
  readonly connectMs: number | undefined
  readonly maxBodyBytes: number | undefined
  readonly warmUp: boolean
  readonly redirectTo: readonly string[]
  /** For faults of name resolution: stands for `dns.lookup`. */
  readonly lookup: LookupFunction | undefined
}
