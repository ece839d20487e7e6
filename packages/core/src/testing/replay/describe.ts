import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib'
import type { CredentialMarks, HttpResponse } from '../../http/transport.ts'
import type { SentRequest } from '../transports/sent-request.ts'
import type { RecordedBody, RecordedRequest, RecordedResponse } from './fixture.ts'
import { noRedaction, type Redaction } from './redactor.ts'

const noMarks: CredentialMarks = { headers: [], query: [] }

// What belongs to one connection or one moment, and what decoding made untrue.
const passing = new Set([
  'age',
  'connection',
  'content-encoding',
  'content-length',
  'date',
  'expect',
  'host',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'user-agent',
])

/** A request as it stands in a fixture. Without a redaction: as it is, for comparing. */
export function describeRequest(sent: SentRequest, redaction = noRedaction, marks = noMarks): RecordedRequest {
  const boundary = boundaryOf(sent.headers['content-type'])
  const headers = sortedHeaders(sent.headers, (name, value) => {
    const plain = boundary === undefined ? value : value.replaceAll(boundary, 'boundary')
    return redaction.header(name, plain, marks.headers)
  })
  const bytes = decoded(sent.body, sent.headers['content-encoding'])
  const body = describeBody(bytes, sent.headers['content-type'] ?? '', redaction, boundary)
  const url = describeUrl(sent.url, redaction, marks)
  return { method: sent.method, url, headers, ...(body === undefined ? {} : { body }) }
}

export function describeResponse(
  response: Pick<HttpResponse, 'status' | 'headers'>,
  bytes: Uint8Array,
  redaction: Redaction,
  partial: boolean,
): RecordedResponse {
  const headers = sortedHeaders(response.headers, (name, value) =>
    name === 'location' && URL.canParse(value) ? describeUrl(value, redaction, noMarks) : redaction.header(name, value),
  )
  const type = response.headers['content-type']
  const body = describeBody(bytes, typeof type === 'string' ? type : '', redaction, undefined)
  return {
    status: response.status,
    headers,
    ...(body === undefined ? {} : { body }),
    ...(partial ? { partial: true as const } : {}),
  }
}

function sortedHeaders<V extends string | string[]>(
  headers: Readonly<Record<string, V>>,
  describe: (name: string, value: string) => string,
): Record<string, V> {
  const kept = Object.entries<V>(headers).filter(([name]) => !passing.has(name))
  return Object.fromEntries(
    kept
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, value]) => [
        name,
        (typeof value === 'string' ? describe(name, value) : value.map((each) => describe(name, each))) as V,
      ]),
  )
}

function describeUrl(address: string, redaction: Redaction, marks: CredentialMarks): string {
  const url = new URL(address)
  const pairs = [...url.searchParams].map(([name, value]) => {
    const plain = redaction.field(name, value, marks.query)
    return `${encodeURIComponent(name)}=${readable(encodeURIComponent(plain))}`
  })
  const path = redaction.text(url.pathname)
  return `${url.origin}${path}${pairs.length === 0 ? '' : `?${pairs.join('&')}`}`
}

/** Placeholders stay legible inside a URL. */
function readable(encoded: string): string {
  return encoded.replace(/%5Bredacted-(\d+)%5D/g, '[redacted-$1]').replace(/(user-\d+)%40(redacted\.invalid)/g, '$1@$2')
}

function describeBody(
  bytes: Uint8Array,
  type: string,
  redaction: Redaction,
  boundary: string | undefined,
): RecordedBody | undefined {
  if (bytes.length === 0) return undefined
  const text = textOf(bytes)
  if (text === undefined) return { base64: Buffer.from(bytes).toString('base64') }
  const media = type.split(';', 1)[0]?.trim().toLowerCase() ?? ''
  if (/[/+]json$/.test(media) || media === '') {
    const parsed = parseJson(text)
    if (parsed !== undefined) return { json: redaction.json(parsed.value) }
  }
  return { text: redactText(text, media, redaction, boundary) }
}

function redactText(text: string, media: string, redaction: Redaction, boundary: string | undefined): string {
  if (media === 'application/x-www-form-urlencoded')
    return [...new URLSearchParams(text)]
      .map(
        ([name, value]) => `${encodeURIComponent(name)}=${readable(encodeURIComponent(redaction.field(name, value)))}`,
      )
      .join('&')
  if (/xml$/.test(media)) return redaction.xml(text)
  if (/(?:ndjson|jsonl|jsonlines)$/.test(media)) return text.replace(/[^\r\n]+/g, (line) => jsonLine(line, redaction))
  return redaction.text(boundary === undefined ? text : text.replaceAll(boundary, 'boundary'))
}

function jsonLine(line: string, redaction: Redaction): string {
  const parsed = parseJson(line)
  return parsed === undefined ? redaction.text(line) : JSON.stringify(redaction.json(parsed.value))
}

/** Requests are recorded as the caller compressed them; a secret inside would escape every look at the bytes. */
function decoded(bytes: Uint8Array, coding: string | undefined): Uint8Array {
  switch (coding?.trim().toLowerCase()) {
    case undefined:
    case 'identity':
      return bytes
    case 'gzip':
      return gunzipSync(bytes)
    case 'deflate':
      return inflateSync(bytes)
    case 'br':
      return brotliDecompressSync(bytes)
    default:
      throw new Error(
        `a request body with the Content-Encoding "${coding}" cannot be looked through: record it without`,
      )
  }
}

function parseJson(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) }
  } catch {
    return undefined
  }
}

function textOf(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    return undefined
  }
}

/** Boundaries are random; two runs of the same code must give the same fixture. */
function boundaryOf(type: string | undefined): string | undefined {
  const [, quoted, bare] = /^multipart\/[^;]+;.*boundary=(?:"([^"]+)"|([^;\s]+))/i.exec(type ?? '') ?? []
  return quoted ?? bare
}

export function bodyBytes(body: RecordedBody | undefined): Uint8Array {
  if (body === undefined) return new Uint8Array()
  if ('base64' in body) return Buffer.from(body.base64, 'base64')
  return Buffer.from('json' in body ? JSON.stringify(body.json) : body.text, 'utf8')
}
