import { Fault } from '../errors.ts'
import { acceptedEncodings } from './decompress.ts'
import { alwaysCredentials, bodyFields } from './redirect.ts'
import type { HttpRequest } from './transport.ts'

/** What the hops before have taken away. */
export interface HopFacts {
  readonly url: URL
  /** Redirects followed so far. */
  readonly hops: number
  /** The present origin is, or was reached through, another one than the request's: no credential goes along. */
  readonly anonymous: boolean
  /** The body is not sent again. */
  readonly bodyDropped: boolean
  /** For the proxy alone, which reads the request. */
  readonly proxyAuthorization: string | undefined
}

/**
 * The header fields of a hop as undici takes them: names and values in turn.
 * @throws Fault `invalid-input` for a Host that is not the URL's
 */
export function headerFields(request: HttpRequest, hop: HopFacts): (string | string[])[] {
  const fields: (string | string[])[] = []
  const { headers } = request
  let ownEncoding = false
  if (headers !== undefined) {
    for (const name of Object.keys(headers)) {
      const value = headers[name]
      const lower = name.toLowerCase()
      if (value === undefined || (hop.hops > 0 && isLeftOut(lower, request, hop))) continue
      if (lower === 'host') {
        if (hop.hops === 0) mustBeHost(value, hop.url)
        continue
      }
      if (lower === 'proxy-authorization' && hop.proxyAuthorization !== undefined) continue
      // A part of an encoded body cannot be decoded.
      if (lower === 'accept-encoding' || lower === 'range') ownEncoding = true
      fields.push(name, value as string | string[])
    }
  }
  if (!ownEncoding) fields.push('accept-encoding', acceptedEncodings())
  if (hop.proxyAuthorization !== undefined) fields.push('proxy-authorization', hop.proxyAuthorization)
  return fields
}

function isLeftOut(name: string, request: HttpRequest, hop: HopFacts): boolean {
  if (hop.bodyDropped && bodyFields.includes(name)) return true
  if (!hop.anonymous) return false
  if (alwaysCredentials.includes(name)) return true
  return request.credentialMarks?.headers.some((marked) => marked.toLowerCase() === name) === true
}

/** A Host of one's own would change which certificate is checked and which site answers. */
function mustBeHost(value: string | readonly string[], url: URL): void {
  if (value === url.host) return
  const message = `the header host differs from the URL's host ${url.host}; leave it out`
  throw new Fault({ kind: 'invalid-input', retry: 'never', sent: 'none', code: 'request-invalid', message })
}
