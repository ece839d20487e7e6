import type { HttpRequest } from '@patchbay/core'
import { valueAt } from '../wire/own-value.ts'

/** A request as the simulated vendor sees it. */
export interface VendorRequest {
  readonly method: string
  readonly url: URL
  /** Lower-case names; several values joined with a comma. */
  readonly headers: Readonly<Record<string, string>>
  readonly bytes: Uint8Array
  /** The body by its content type: JSON, pairs of a form, lines of NDJSON, parts; undefined for others and for none. */
  readonly body: unknown
}

export async function readVendorRequest(request: Pick<HttpRequest, 'method' | 'url' | 'headers' | 'body'>) {
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(request.headers ?? {}))
    headers[name.toLowerCase()] = typeof value === 'string' ? value : value.join(', ')
  return vendorRequest(request.method, new URL(request.url), headers, await bytesOf(request.body))
}

export function vendorRequest(
  method: string,
  url: URL,
  headers: Readonly<Record<string, string>>,
  bytes: Uint8Array,
): VendorRequest {
  return { method, url, headers, bytes, body: bodyOf(headers['content-type'] ?? '', bytes) }
}

async function bytesOf(body: HttpRequest['body']): Promise<Uint8Array> {
  if (body === undefined) return new Uint8Array()
  if (typeof body === 'string') return Buffer.from(body)
  if (body instanceof Uint8Array) return body
  const parts: Uint8Array[] = []
  for await (const part of body) parts.push(part)
  return Buffer.concat(parts)
}

function bodyOf(type: string, bytes: Uint8Array): unknown {
  if (bytes.length === 0) return undefined
  const text = Buffer.from(bytes).toString('utf8')
  if (/^application\/x-www-form-urlencoded/i.test(type)) return pairs(new URLSearchParams(text))
  if (/^application\/(x-)?nd-?json|jsonl/i.test(type)) {
    const lines = text.split('\n').filter((line) => line.trim() !== '')
    return lines.map(json)
  }
  const boundary = /^multipart\/[^;]+;.*boundary="?([^";]+)"?/i.exec(type)?.[1]
  if (boundary !== undefined) return parts(text, boundary)
  return /json/i.test(type) ? json(text) : undefined
}

function json(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Pairs as an object: a list where a name stands several times. */
export function pairs(query: Iterable<readonly [string, string]>): Record<string, unknown> {
  const found = new Map<string, unknown>()
  for (const [name, value] of query) {
    const before = found.get(name)
    found.set(name, before === undefined ? value : Array.isArray(before) ? [...before, value] : [before, value])
  }
  return Object.fromEntries(found)
}

/** Names of the parts with their texts (RFC 7578). */
function parts(text: string, boundary: string): Record<string, unknown> {
  const found: [string, string][] = []
  for (const part of text.split(`--${boundary}`)) {
    const at = part.indexOf('\r\n\r\n')
    const name = /name="([^"]*)"/i.exec(part.slice(0, Math.max(at, 0)))?.[1]
    if (name !== undefined) found.push([name, part.slice(at + 4).replace(/\r\n$/, '')])
  }
  return pairs(found)
}

/** Where a request may carry a position or a value: a key of the query, a header, or a dotted path of the body. */
export type RequestPlace =
  | { readonly query: string }
  | { readonly header: string }
  | { readonly body: string }
  | { readonly variable: string }

export function readPlace(request: VendorRequest, place: RequestPlace): string | undefined {
  const value =
    'query' in place
      ? (request.url.searchParams.get(place.query) ?? undefined)
      : 'header' in place
        ? request.headers[place.header.toLowerCase()]
        : valueAt(request.body, 'variable' in place ? `variables.${place.variable}` : place.body)
  return value === undefined || value === null ? undefined : String(value)
}
