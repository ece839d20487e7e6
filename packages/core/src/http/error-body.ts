import type { Issue } from '../errors.ts'
import { isJsonType, mediaTypeOf } from './media-type.ts'
import { type OwnPath, pathReader } from './own-path.ts'
import type { HttpHeaders } from './transport.ts'
import { repeatsSecret, vendorText } from './vendor-text.ts'

/** Where a vendor's error body says what: dotted paths, tried in order. Data of a manifest. */
export interface ErrorBodyPaths {
  readonly message?: OwnPath | readonly OwnPath[] | undefined
  readonly code?: OwnPath | readonly OwnPath[] | undefined
  readonly requestId?: OwnPath | readonly OwnPath[] | undefined
}

export interface ErrorDetails {
  readonly message: string | undefined
  readonly code: string | undefined
  readonly requestId: string | undefined
  readonly issues: readonly Issue[] | undefined
}

export type ErrorBodyReader = (
  headers: HttpHeaders,
  body: Uint8Array,
  /** Values that must not come out again. */
  secrets: readonly string[],
) => ErrorDetails

const nothing: ErrorDetails = { message: undefined, code: undefined, requestId: undefined, issues: undefined }
/** Larger bodies are no explanation for people. */
const largest = 256 * 1024
const mostIssues = 20
const usualMessages = [
  'message',
  'error.message',
  'error_description',
  'error',
  'errors.0.message',
  'errors.0.detail',
  'errors.0.title',
  'errors.0',
  'detail',
  'title',
  '0.message',
]
const usualCodes = ['code', 'error.code', 'errors.0.code', 'error', '0.code', '0.errorCode']
const usualRequestIds = ['request_id', 'requestId', 'error.request_id', 'error.requestId']
const codePattern = /^[A-Za-z0-9_.:/-]{1,80}$/

/**
 * Makes the reader of a vendor's error bodies: Problem Details (RFC 9457), the declared paths, or the usual places. Never throws, and
 * gives text that is safe to show.
 */
export function errorBodyReader(paths: ErrorBodyPaths = {}): ErrorBodyReader {
  const messages = readers(paths.message, usualMessages)
  const codes = readers(paths.code, usualCodes)
  const requestIds = readers(paths.requestId, usualRequestIds)
  return (headers, body, secrets) => {
    const type = mediaTypeOf(headers['content-type'])
    if (body.byteLength === 0 || body.byteLength > largest) return nothing
    if (type !== undefined && !isJsonType(type.essence)) {
      const plain = type.essence === 'text/plain' ? vendorText(textOf(body), secrets) : undefined
      return { ...nothing, message: plain }
    }
    const value = parsed(body)
    if (value === undefined) return nothing
    const problem = type?.essence === 'application/problem+json' ? problemText(value) : undefined
    const message = problem ?? first(messages, value)
    const code = first(codes, value)
    const requestId = first(requestIds, value)
    return {
      message: message === undefined ? undefined : vendorText(message, secrets),
      code: shownWhole(code, secrets),
      requestId: shownWhole(requestId, secrets),
      issues: issuesOf(value, secrets),
    }
  }
}

function shownWhole(text: string | undefined, secrets: readonly string[]): string | undefined {
  return text !== undefined && codePattern.test(text) && !repeatsSecret(text, secrets) ? text : undefined
}

function readers(declared: OwnPath | readonly OwnPath[] | undefined, usual: readonly string[]) {
  const paths = declared === undefined ? usual : typeof declared === 'string' ? [declared] : declared
  return paths.map(pathReader)
}

function first(candidates: readonly ((value: unknown) => unknown)[], value: unknown): string | undefined {
  for (const read of candidates) {
    const found = read(value)
    if (typeof found === 'string' && found !== '') return found
    if (typeof found === 'number') return String(found)
  }
  return undefined
}

function textOf(body: Uint8Array): string {
  return Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8')
}

function parsed(body: Uint8Array): unknown {
  try {
    return JSON.parse(textOf(body).replace(/^\uFEFF/, ''))
  } catch {
    return undefined
  }
}

function problemText(value: unknown): string | undefined {
  const { title, detail } = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>
  const parts = [title, detail].filter((part) => typeof part === 'string' && part !== '')
  return parts.length === 0 ? undefined : parts.join(': ')
}

const errorsOf = pathReader('errors')
/** RFC 9457, JSON:API 1.1 (the name of a query key among them), and what is usual elsewhere. */
const placesOf = ['pointer', 'source.pointer', 'source.parameter', 'field'].map(pathReader)
const detailsOf = ['detail', 'message', 'title'].map(pathReader)

/** The `errors` extension of RFC 9457 section 3 and its kin: which field of the input is wrong. */
function issuesOf(value: unknown, secrets: readonly string[]): readonly Issue[] | undefined {
  const errors = errorsOf(value)
  if (!Array.isArray(errors)) return undefined
  const issues: Issue[] = []
  for (const error of errors.slice(0, mostIssues)) {
    const pointer = first(placesOf, error)
    const detail = first(detailsOf, error)
    if (pointer === undefined || detail === undefined) continue
    const message = vendorText(detail, secrets)
    // Cleaned before it is made a path: a secret with slashes would not be found in it afterwards.
    const at = vendorText(pointer, secrets)?.replace(/^#?\//, '').replaceAll('/', '.')
    if (message !== undefined) issues.push({ path: at ?? '', message })
  }
  return issues.length === 0 ? undefined : issues
}
