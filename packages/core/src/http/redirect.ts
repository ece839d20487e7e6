import { Fault } from '../errors.ts'
import type { CredentialMarks } from './transport.ts'

/** What of a request decides about the next hop. */
export interface RedirectQuestion {
  readonly url: URL
  readonly method: string
  readonly status: number
  readonly location: string
  /** Hops already followed. */
  readonly hops: number
  readonly maxHops: number
  /** Origins other than the present one to which a redirect may go. */
  readonly allowedOrigins: readonly string[]
  readonly marks: CredentialMarks | undefined
  /** The body is a stream, which was sent and is gone. */
  readonly streamedBody: boolean
}

export interface NextHop {
  readonly url: URL
  readonly method: string
  /** The body and the fields that describe it are not sent again. */
  readonly dropBody: boolean
  /** The hop leaves the origin: no credential goes along. */
  readonly leavesOrigin: boolean
}

/** Statuses that name another URL for the same request (RFC 9110 section 15.4). */
export function isRedirect(status: number): boolean {
  return status === 301 || status === 302 || status === 303 || status === 307 || status === 308
}

/** Fields that carry credentials whoever set them. */
export const alwaysCredentials: readonly string[] = ['authorization', 'cookie', 'proxy-authorization']

/** Fields that describe a body that is not sent again (RFC 9110 section 15.4). */
export const bodyFields: readonly string[] = [
  'content-encoding',
  'content-language',
  'content-length',
  'content-location',
  'content-type',
  'content-md5',
  'digest',
  'content-digest',
  'transfer-encoding',
]

/**
 * Where a redirect leads, and what may go along.
 * @throws Fault `protocol` for a redirect that is not followed. Its message names origins only: a Location may hold secrets.
 */
export function nextHop(question: RedirectQuestion): NextHop {
  const { url, status, hops, maxHops } = question
  if (maxHops === 0) throw refusal('redirect-refused', `${url.origin} redirected the request; redirects are off here`)
  if (hops >= maxHops) {
    throw refusal('redirect-loop', `more than ${maxHops} redirects, the last one from ${url.origin}`)
  }
  const target = URL.parse(question.location, url.href)
  if (target === null || (target.protocol !== 'http:' && target.protocol !== 'https:')) {
    throw refusal('redirect-invalid', `${url.origin} redirected to something that is no http or https URL`)
  }
  if (target.username !== '' || target.password !== '') {
    throw refusal('redirect-invalid', `${url.origin} redirected to a URL with user information`)
  }
  target.hash = ''
  if (url.protocol === 'https:' && target.protocol === 'http:') {
    throw refusal('redirect-insecure', `${url.origin} redirected from https to http, which is refused`)
  }
  const leavesOrigin = target.origin !== url.origin
  if (leavesOrigin && !question.allowedOrigins.includes(target.origin)) {
    throw refusal(
      'redirect-origin',
      `${url.origin} redirected to ${target.origin}; use that address, or allow the origin in redirectTo`,
    )
  }
  const { method, dropBody } = methodAfter(question.method, status)
  if (!dropBody && question.streamedBody) {
    throw refusal('redirect-body', `${url.origin} answered ${status}; a streamed body cannot be sent a second time`)
  }
  if (leavesOrigin) dropKeys(target, question.marks)
  return { url: target, method, dropBody, leavesOrigin }
}

/** 303 asks for the result with GET; on 301 and 302 a POST becomes GET, as every client does (RFC 9110 sections 15.4.2 to 15.4.4). */
function methodAfter(method: string, status: number): { readonly method: string; readonly dropBody: boolean } {
  const asGet = status === 303 ? method !== 'GET' && method !== 'HEAD' : status <= 302 && method === 'POST'
  return asGet ? { method: 'GET', dropBody: true } : { method, dropBody: false }
}

function refusal(code: string, message: string): Fault {
  return new Fault({ kind: 'protocol', retry: 'never', sent: 'all', code, message })
}

/** A URL as it may be shown: without fragment and the credential's query keys. */
export function shownUrl(url: URL, marks: CredentialMarks | undefined): string {
  if (url.hash === '' && (marks === undefined || marks.query.length === 0 || url.search === '')) return url.href
  const shown = new URL(url)
  shown.hash = ''
  dropKeys(shown, marks)
  return shown.href
}

/** Takes query keys out and leaves the rest as it is spelled, since signatures may cover it. */
function dropKeys(url: URL, marks: CredentialMarks | undefined): void {
  const keys = marks?.query ?? []
  if (keys.length === 0 || url.search === '') return
  const parts = url.search.slice(1).split('&')
  const kept = parts.filter((part) => !keys.includes(keyOf(part)))
  if (kept.length !== parts.length) url.search = kept.join('&')
}

function keyOf(part: string): string {
  return new URLSearchParams(part).keys().next().value ?? ''
}
