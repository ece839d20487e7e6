import type { ErrorFacts, ErrorKind } from '../errors.ts'
import type { RateFeedback } from '../rate-feedback.ts'
import { type ErrorBodyPaths, errorBodyReader } from './error-body.ts'
import type { HttpHeaders } from './transport.ts'
import { repeatsSecret } from './vendor-text.ts'

/** What a status or a vendor's code means: a kind, with advice where the kind's own does not fit. */
export type Meaning = ErrorKind | { readonly kind: ErrorKind; readonly retry?: 'never' | 'later' | undefined }

/** How a vendor reports errors over HTTP: data of a manifest. Everything usual needs no declaration. */
export interface ErrorMapping extends ErrorBodyPaths {
  /** Meaning of the vendor's error codes (read at `code`); goes before the status. */
  readonly codes?: Readonly<Record<string, Meaning>> | undefined
  /** Meaning of statuses, where the vendor departs from the usual. */
  readonly statuses?: Readonly<Record<number, Meaning>> | undefined
  /** Codes that say that the credential has expired, whatever the status; a 401 always may. */
  readonly expired?: readonly string[] | undefined
  /** Header with the vendor's id of the request, where it is none of the usual. */
  readonly requestIdHeader?: string | undefined
  /** Looks at a whole answer, where statuses and codes do not tell enough; what it says goes before both. */
  readonly judge?: ((answer: JudgedAnswer) => AnswerVerdict | undefined) | undefined
  /** True: `judge` is asked about answers with a good status too, for vendors that put errors there. */
  readonly judgesSuccess?: boolean | undefined
}

/** An answer as {@link ErrorMapping.judge} sees it. */
export interface JudgedAnswer {
  readonly status: number
  readonly headers: HttpHeaders
  /** The JSON of the body; undefined when it is something else. Parsed when asked for. */
  value(): unknown
}

export interface AnswerVerdict {
  readonly kind: ErrorKind
  readonly retry?: 'never' | 'later' | undefined
  /** True: the credential has ended, is renewed, and the request sent again. False: it has not, whatever the status. Undefined: as usual. */
  readonly expired?: boolean | undefined
  readonly retryAfterMs?: number | undefined
}

export interface RefusedAnswer {
  readonly status: number
  readonly headers: HttpHeaders
  /** What was read of the body. */
  readonly body: Uint8Array
}

export type StatusReader = (
  answer: RefusedAnswer,
  limits: readonly RateFeedback[],
  secrets: readonly string[],
  verdict?: AnswerVerdict | undefined,
) => ErrorFacts

const kinds: Readonly<Record<number, Meaning>> = {
  207: 'unexpected',
  401: 'credential',
  402: 'permission',
  403: 'permission',
  404: 'not-found',
  405: 'unsupported',
  406: 'unsupported',
  407: 'credential',
  408: 'timeout',
  409: 'conflict',
  410: 'not-found',
  411: 'protocol',
  412: 'conflict',
  415: 'unsupported',
  417: 'protocol',
  421: 'unavailable',
  423: 'conflict',
  424: 'conflict',
  425: 'unavailable',
  426: 'unsupported',
  428: 'conflict',
  429: 'rate-limited',
  451: 'permission',
  501: 'unsupported',
  505: 'unsupported',
  506: 'protocol',
  508: 'protocol',
  511: { kind: 'network', retry: 'never' },
}

/** The kind of a status that is no success. Unknown ones count as the first of their class (RFC 9110 section 15). */
export function kindOfStatus(status: number): Meaning {
  const known = kinds[status]
  if (known !== undefined) return known
  if (status >= 500 && status <= 599) return 'unavailable'
  if (status >= 400) return 'invalid-input'
  return 'protocol'
}

/** Makes the function from an answer that is no success to error facts. Never throws; texts are cleaned and hold no secret. */
export function statusReader(mapping: ErrorMapping = {}): StatusReader {
  const readBody = errorBodyReader(mapping)
  const expired = new Set(mapping.expired)
  const idHeader = mapping.requestIdHeader?.toLowerCase()
  return ({ status, headers, body }, limits, secrets, verdict) => {
    const details = readBody(headers, body, secrets)
    const refusal = limits.find((limit) => limit.limited === true)
    const code = details.code
    const meaning =
      verdict ??
      (code !== undefined && expired.has(code) ? 'credential' : undefined) ??
      own(mapping.codes, code) ??
      own(mapping.statuses, status) ??
      (refusal === undefined ? kindOfStatus(status) : 'rate-limited')
    const { kind, retry } = typeof meaning === 'string' ? { kind: meaning, retry: undefined } : meaning
    return {
      kind,
      retry,
      status,
      code,
      message: details.message ?? usualMessage(status),
      requestId: unlessSecret(requestIdOf(headers, idHeader), secrets) ?? details.requestId,
      retryAfterMs: verdict?.retryAfterMs ?? limits.find((limit) => limit.retryAfterMs !== undefined)?.retryAfterMs,
      issues: details.issues,
      sent: 'all',
    }
  }
}

function unlessSecret(id: string | undefined, secrets: readonly string[]): string | undefined {
  return id === undefined || repeatsSecret(id, secrets) ? undefined : id
}

function own<T>(
  table: Readonly<Record<string | number, T>> | undefined,
  key: string | number | undefined,
): T | undefined {
  return table !== undefined && key !== undefined && Object.hasOwn(table, key) ? table[key] : undefined
}

/** For answers without a text of their own: what the caller can do. */
function usualMessage(status: number): string | undefined {
  if (status >= 300 && status < 400) return `the vendor answered with a redirect or a ${status} that nobody asked for`
  if (status < 300 && status !== 207) return `the vendor answered with an error under the status ${status}`
  switch (status) {
    case 207:
      return 'the vendor answered with a verdict per item, and this operation reads none: let it accept 207 and judge each'
    case 401:
      return 'the vendor refused the credential: check that it is right and still valid'
    case 403:
      return 'the credential lacks a permission for this operation'
    case 407:
      return 'the proxy refused the credential: check the user information of the proxy'
    case 511:
      return 'the network wants a login before it lets requests through'
    default:
      return undefined
  }
}

const usualRequestIds = ['x-request-id', 'request-id', 'x-correlation-id', 'correlation-id', 'x-trace-id']
const likeRequestId = /(?:^|-)(?:request|correlation|trace|transaction)-?id$/
const idPattern = /^[A-Za-z0-9+/=_.:;,@|{}-]{1,128}$/

/** The vendor's id of the request, for its support: the usual header, else any that is named like one. */
export function requestIdOf(headers: HttpHeaders, declared?: string | undefined): string | undefined {
  const own = declared === undefined ? undefined : idIn(headers[declared])
  if (own !== undefined) return own
  for (const name of usualRequestIds) {
    const id = idIn(headers[name])
    if (id !== undefined) return id
  }
  for (const name in headers) {
    const id = likeRequestId.test(name) ? idIn(headers[name]) : undefined
    if (id !== undefined) return id
  }
  return undefined
}

function idIn(value: string | readonly string[] | undefined): string | undefined {
  const text = typeof value === 'string' ? value : value?.[0]
  return text !== undefined && idPattern.test(text) ? text : undefined
}
