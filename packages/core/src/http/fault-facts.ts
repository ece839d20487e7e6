import type { ErrorFacts, Sent } from '../errors.ts'
import { ProxyRefusal } from './proxy-tunnel.ts'
import { certificateMissing, tlsFacts } from './tls-fault-facts.ts'
import { GuardRefusal } from './url-guard.ts'

/** What was known of an exchange when its socket, or the attempt to get one, failed. */
export interface Situation {
  /** `host:port` of the target; no path, no query. */
  readonly target: string
  /** The request was handed to a connected socket. */
  readonly started: boolean
  /** A byte of the response came. */
  readonly answered: boolean
  /** The header of the response was complete. */
  readonly hasHead: boolean
  readonly sent: Sent
  /** The socket had carried a response before. */
  readonly reused: boolean
  /** The server asked for a client certificate and this side had none. */
  readonly certificateMissing: boolean
  /** Kind of a guard refusal. */
  readonly refusalKind: 'config' | 'invalid-input' | 'protocol'
}

/** No connection within the time for one. */
export class ConnectTimeout extends Error {
  override readonly name = 'ConnectTimeout'
  readonly code = 'connect-timeout'
}

/** Framing that undici reports as a socket error, by its message. */
const badFraming: ReadonlySet<string> = new Set(['bad response', 'bad upgrade'])

/** Set by this transport, and given to undici's parser errors, whose own code is often missing. */
export const framingCode = 'HPE_FRAMING'

export const headerOverflowCode = 'HPE_HEADER_OVERFLOW'

/** The stable code of an error of a socket, the parser or undici; undefined when it comes from none of them. */
export function codeOf(error: unknown): string | undefined {
  const { code, name, message } = (error ?? {}) as { code?: unknown; name?: unknown; message?: unknown }
  if (name === 'HTTPParserError') return /EOF/.test(String(message)) ? endedEarly : framingCode
  return typeof code === 'string' ? code : undefined
}

const endedEarly = 'HPE_INVALID_EOF_STATE'

/** Errors by which a request never left because of how it was written. */
const badRequest: ReadonlySet<string> = new Set([
  'UND_ERR_INVALID_ARG',
  'UND_ERR_NOT_SUPPORTED',
  'UND_ERR_REQ_CONTENT_LENGTH_MISMATCH',
])

/** The request itself is at fault: no socket would take it. */
export function isBadRequest(error: unknown): boolean {
  return badRequest.has(codeOf(error) ?? '')
}

/** Facts of a failed exchange; undefined for an error that no wire explains, which is a bug and must stay visible as one. */
export function faultFacts(error: unknown, situation: Situation): ErrorFacts | undefined {
  const { target } = situation
  if (error instanceof GuardRefusal) return refusalFacts(error.message, situation.refusalKind)
  if (error instanceof ProxyRefusal) return proxyFacts(error)
  if (error instanceof ConnectTimeout) {
    return { kind: 'timeout', sent: 'none', code: error.code, message: error.message }
  }
  const code = codeOf(error)
  if (code === undefined) return undefined
  if (isBadRequest(error)) {
    const message = `the request cannot be sent: ${(error as Error).message}`
    return { kind: 'invalid-input', retry: 'never', sent: 'none', code: 'request-invalid', message }
  }
  if (code === 'UND_ERR_DESTROYED' || code === 'UND_ERR_CLOSED') {
    return { kind: 'cancelled', retry: 'never', sent: situation.sent, code: 'transport-closed', message: closed }
  }
  const unidentified =
    situation.certificateMissing || (error as { certificateMissing?: unknown }).certificateMissing === true
  if (unidentified && !situation.answered && !situation.reused) {
    const refused = code.includes('_ALERT_')
    const sent = situation.started && !refused ? situation.sent : 'none'
    return certificateMissing(target, sent, refused ? code : 'client-certificate-missing', error)
  }
  const tls = situation.answered || code === 'EPROTO' ? undefined : tlsFacts(error, target)
  if (tls !== undefined) return tls
  if (!situation.started) return connectFacts(error, code, target)
  if (situation.answered) return answerFacts(error, code, situation)
  if (isRefusedStream(error)) {
    const message = `${target} closed the connection and refused the request, which it had not begun`
    return { kind: 'network', sent: 'none', code: 'stream-refused', message, freeRetry: 'stale-socket' }
  }
  return {
    kind: 'network',
    sent: situation.sent,
    code: shownCode(code),
    message: `${target} closed the connection before it answered`,
    freeRetry: situation.reused ? 'stale-socket' : undefined,
    cause: shownCause(error),
  }
}

/**
 * HTTP/2: the server states that it did nothing with a request that it did not answer: it came after the last that a GOAWAY takes in, or
 * was reset with REFUSED_STREAM (RFC 9113 sections 6.8 and 8.7). undici has tried once more by then, where the body is no stream.
 */
function isRefusedStream(error: unknown): boolean {
  const { message, http2ErrorCode } = error as { message?: unknown; http2ErrorCode?: unknown }
  return http2ErrorCode === refusedStream || /^HTTP\/2: "GOAWAY" frame received/.test(String(message))
}

const refusedStream = 7

/** HTTP/2 ENHANCE_YOUR_CALM: from the server, or from node:http2 about its own memory. The session stays in that state. */
export function isOverload(error: unknown): boolean {
  return (error as { http2ErrorCode?: unknown }).http2ErrorCode === 11
}

/** The guard said no. `reason` is a clause that starts with the host. */
export function refusalFacts(reason: string, kind: Situation['refusalKind']): ErrorFacts {
  const remedy =
    kind === 'protocol' ? 'the redirect was not followed' : 'add an allow entry if it is meant to be reached'
  return {
    kind,
    retry: 'never',
    sent: kind === 'protocol' ? 'all' : 'none',
    code: 'address-refused',
    message: `the URL is refused: ${reason}; ${remedy}`,
  }
}

const closed = 'the transport was closed'

function connectFacts(error: unknown, code: string, target: string): ErrorFacts {
  if (code === 'ETIMEDOUT' || code === 'ERR_SOCKET_CONNECTION_TIMEOUT') {
    const message = `no connection to ${target}: it does not respond`
    return { kind: 'timeout', sent: 'none', code: 'connect-timeout', message, cause: shownCause(error) }
  }
  const reason = connectReasons[code] ?? 'the connection broke while it was set up'
  return {
    kind: 'network',
    sent: 'none',
    code: shownCode(code),
    message: `no connection to ${target}: ${reason}`,
    cause: shownCause(error),
  }
}

const connectReasons: Readonly<Record<string, string>> = {
  ENOTFOUND: 'its name is unknown',
  EAI_AGAIN: 'the name server does not answer for its name',
  EAI_FAIL: 'the name server failed on its name',
  EAI_NODATA: 'its name has no address',
  ENODATA: 'its name has no address',
  ESERVFAIL: 'the name server failed on its name',
  ECONNREFUSED: 'nothing listens there',
  EHOSTUNREACH: 'there is no route',
  ENETUNREACH: 'there is no route',
  EADDRNOTAVAIL: 'no local address or port is free',
  EMFILE: 'this process has too many open files',
  ENFILE: 'this machine has too many open files',
}

function answerFacts(error: unknown, code: string, situation: Situation): ErrorFacts {
  const { target, sent } = situation
  const cause = shownCause(error)
  if (code === 'UND_ERR_HEADERS_OVERFLOW' || code === headerOverflowCode) {
    const message = `the header of the response from ${target} is too large`
    return { kind: 'protocol', retry: 'never', sent, code: 'header-too-large', message }
  }
  // undici reports any damage as a wrong length once the header has declared one.
  const damagedHead = code === 'UND_ERR_RES_CONTENT_LENGTH_MISMATCH' && !situation.hasHead
  if (code === framingCode || damagedHead || badFraming.has((error as Error).message)) {
    const message = `the response from ${target} is no valid HTTP`
    return { kind: 'protocol', retry: 'never', sent, code: 'framing', message }
  }
  const message = `the response from ${target} broke off before its end`
  return { kind: 'network', sent, code: shownCode(code), message, cause }
}

function proxyFacts(error: ProxyRefusal): ErrorFacts {
  const base = { sent: 'none', code: `proxy-${error.status}`, message: error.message } as const
  if (error.status === 407) return { ...base, kind: 'credential', retry: 'never' }
  if (error.status >= 500) return { ...base, kind: 'unavailable' }
  return { ...base, kind: 'network', retry: 'never' }
}

/** System codes stay; those of the HTTP library are no business of users. */
function shownCode(code: string): string {
  return /^(?:UND_|HPE_|ERR_)/.test(code) ? 'socket-closed' : code
}

/** The parser's error carries raw bytes of the response, which may hold secrets. */
function shownCause(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'data' in error ? undefined : error
}
