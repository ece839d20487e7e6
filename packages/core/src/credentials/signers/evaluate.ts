import { createHash, createHmac } from 'node:crypto'
import type { Random } from '../../clock.ts'
import type { SignableRequest } from '../../credential.ts'
import { Fault } from '../../errors.ts'
import type { Secret } from '../../secret.ts'
import { strictEncode } from '../query.ts'
import type { Encoding, RequestPart, TimeForm, Value } from './value.ts'

/** What values are evaluated against. One object per request: times and nonces are the same wherever they stand in it. */
export class Scope {
  readonly secrets: ReadonlyMap<string, Secret>
  readonly fields: Readonly<Record<string, string>>
  readonly taken: Readonly<Record<string, string>>
  readonly request: SignableRequest
  /** Wall-clock milliseconds of the service. */
  readonly now: number
  readonly #random: Random
  readonly #nonces = new Map<string, string>()

  constructor(parts: Pick<Scope, 'secrets' | 'fields' | 'taken' | 'request' | 'now'>, random: Random) {
    this.secrets = parts.secrets
    this.fields = parts.fields
    this.taken = parts.taken
    this.request = parts.request
    this.now = parts.now
    this.#random = random
  }

  nonce(form: string, bytes: number): string {
    const name = `${form} ${bytes}`
    let nonce = this.#nonces.get(name)
    if (nonce === undefined) {
      nonce =
        form === 'uuid' ? this.#random.uuid() : Buffer.from(this.#random.bytes(bytes)).toString(form as BufferEncoding)
      this.#nonces.set(name, nonce)
    }
    return nonce
  }
}

export function textOf(value: Value, scope: Scope): string {
  const result = evaluate(value, scope)
  return typeof result === 'string' ? result : Buffer.from(result).toString('utf8')
}

function evaluate(value: Value, scope: Scope): string | Uint8Array {
  if (typeof value === 'string') return value
  if ('secret' in value) return scope.secrets.get(value.secret)?.reveal() ?? ''
  if ('field' in value) return scope.fields[value.field] ?? ''
  if ('taken' in value) return scope.taken[value.taken] ?? ''
  if ('request' in value) return partOf(scope.request, value.request)
  if ('header' in value) return [scope.request.headers[value.header.toLowerCase()] ?? ''].flat().join(', ')
  if ('time' in value) return timeText(scope.now, value.time)
  if ('nonce' in value) return scope.nonce(value.nonce, value.bytes ?? 16)
  if ('join' in value) return joined(value.join, value.with ?? '', scope)
  const of = evaluate(value.of, scope)
  if ('hash' in value) return encoded(createHash(value.hash).update(of).digest(), value.as)
  if ('hmac' in value) return encoded(createHmac(value.hmac, evaluate(value.key, scope)).update(of).digest(), value.as)
  const bytes = Buffer.from(of as Uint8Array)
  if ('encode' in value) return value.encode === 'uri' ? strictEncode(bytes.toString()) : bytes.toString(value.encode)
  if ('decode' in value) return Buffer.from(bytes.toString(), value.decode)
  return value.case === 'lower' ? bytes.toString().toLowerCase() : bytes.toString().toUpperCase()
}

function joined(parts: readonly Value[], between: string, scope: Scope): string | Uint8Array {
  const values = parts.map((part) => evaluate(part, scope))
  if (values.every((value) => typeof value === 'string')) return values.join(between)
  const bytes = values.flatMap((value, index) => (index === 0 || between === '' ? [value] : [between, value]))
  return Buffer.concat(bytes.map((value) => Buffer.from(value as Uint8Array)))
}

function encoded(digest: Buffer, as: Encoding = 'hex'): string | Uint8Array {
  return as === 'bytes' ? digest : digest.toString(as)
}

function partOf(request: SignableRequest, part: RequestPart): string | Uint8Array {
  if (part === 'method') return request.method
  if (part === 'url') return request.url
  if (part === 'body') return bodyOf(request)
  const url = new URL(request.url)
  switch (part) {
    case 'host':
      return url.host
    case 'path':
      return url.pathname
    case 'query':
      return url.search.slice(1)
    case 'sorted-query':
      return sortedQuery(url)
    default:
      return `${url.pathname}${url.search}`
  }
}

function bodyOf({ body }: SignableRequest): string | Uint8Array {
  if (body === undefined) return ''
  if (typeof body === 'string' || body instanceof Uint8Array) return body
  throw new Fault({
    kind: 'unsupported',
    code: 'stream-not-signable',
    sent: 'none',
    message: 'hmac: the signature covers the body, so it cannot be a stream: pass text or bytes',
  })
}

function sortedQuery(url: URL): string {
  const pairs = [...url.searchParams].map((pair) => pair.map(strictEncode) as [string, string])
  const order = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
  pairs.sort(([a, x], [b, y]) => order(a, b) || order(x, y))
  return pairs.map((pair) => pair.join('=')).join('&')
}

function timeText(now: number, form: TimeForm): string {
  const iso = new Date(now).toISOString()
  switch (form) {
    case 'unix-s':
      return String(Math.floor(now / 1000))
    case 'unix-ms':
      return String(Math.floor(now))
    case 'iso':
      return iso
    case 'iso-s':
      return `${iso.slice(0, 19)}Z`
    case 'iso-basic':
      return `${iso.slice(0, 19).replace(/[:-]/g, '')}Z`
    case 'date':
      return iso.slice(0, 10)
    case 'http-date':
      return new Date(now).toUTCString()
    case 'rfc2822':
      return new Date(now).toUTCString().replace('GMT', '+0000')
  }
}
