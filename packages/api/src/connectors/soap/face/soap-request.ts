import { type Clock, Fault, type HttpResponse } from '@patchbay/core'
import { type Attempt, type CleanText, type HttpClient, mediaTypeOf, readText } from '@patchbay/core/http'
import { rememberCleaner } from '../../../face/clean-text.ts'
import { faceError } from '../../../face/face-error.ts'
import { LoneAttempt } from '../../../face/lone-attempt.ts'

/** What soap hands to its `request` option: a subset of an axios config, plus what the caller gave as a method's options. */
export interface SoapRequestConfig {
  readonly url: string
  readonly method: string
  readonly headers: Readonly<Record<string, unknown>>
  readonly data?: string | Uint8Array | null
  readonly responseType?: string
  readonly timeout?: number
  readonly signal?: AbortSignal
  readonly call?: Attempt
}

/** What soap reads of an answer. */
interface SoapResponse {
  data: unknown
  readonly status: number
  readonly statusText: string
  readonly headers: HttpResponse['headers']
  readonly config: { readonly headers: Readonly<Record<string, unknown>> }
}

const writtenByTransport = new Set(['accept-encoding', 'connection', 'content-length', 'host'])

/**
 * soap's `request` option over a client. It takes the place of an axios instance, without axios' merging and transforming of every
 * request, which costs as much as the XML.
 */
export function soapRequest(client: HttpClient, clock: Clock): (config: SoapRequestConfig) => Promise<SoapResponse> {
  return async (config) => {
    let raw: HttpResponse | undefined
    let clean: CleanText | undefined
    try {
      await client.send(
        {
          method: config.method,
          link: config.url,
          headers: headersOf(config.headers),
          body: config.data ?? undefined,
          expect: 'bytes',
          // SOAP sends faults with 4xx and 5xx as XML; every other refusal is HTTP's.
          accept: (status) => status <= 299 || (status >= 400 && isXml(raw)),
          seen: (response, cleanText) => {
            raw = response
            clean = cleanText
          },
        },
        config.call ?? new LoneAttempt(config.signal, deadlineOf(config, clock)),
      )
    } catch (error) {
      throw faceError(error)
    }
    const { body, headers, status, statusText } = raw as unknown as HttpResponse
    if (body.byteLength > 0 && !isXml(raw)) throw faceError(notXml(raw as unknown as HttpResponse))
    const binary = config.responseType === 'arraybuffer'
    const data = binary
      ? Buffer.from(body.buffer, body.byteOffset, body.byteLength)
      : readText(raw as unknown as HttpResponse)
    const response = { data, status, statusText, headers, config: { headers: {} } }
    if (clean !== undefined) rememberCleaner(response, clean)
    return response
  }
}

function deadlineOf({ timeout }: SoapRequestConfig, clock: Clock): number {
  return timeout === undefined || timeout <= 0 ? Number.POSITIVE_INFINITY : clock.monotonic() + timeout
}

function headersOf(given: Readonly<Record<string, unknown>>): Record<string, string> {
  const headers: Record<string, string> = {}
  for (const name in given) {
    const lower = name.toLowerCase()
    if (!writtenByTransport.has(lower)) headers[lower] = String(given[name])
  }
  return headers
}

function isXml(raw: HttpResponse | undefined): boolean {
  const type = mediaTypeOf(raw?.headers['content-type'])?.essence
  return (
    type !== undefined &&
    (type === 'text/xml' || type === 'application/xml' || type.endsWith('+xml') || type === 'multipart/related')
  )
}

function notXml(raw: HttpResponse): Fault {
  const type = mediaTypeOf(raw.headers['content-type'])?.essence.slice(0, 80) ?? 'an unnamed content type'
  return new Fault({
    kind: 'protocol',
    code: 'content-type',
    status: raw.status,
    sent: 'all',
    message: `the vendor answered with ${type} where a SOAP envelope was expected`,
  })
}
