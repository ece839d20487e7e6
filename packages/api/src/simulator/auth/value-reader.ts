import { createHash, createHmac } from 'node:crypto'
import type { Value } from '@patchbay/core/credentials'
import type { VendorRequest } from '../vendor/request.ts'

/** What the simulated vendor knows when it works out a value that a client should have written. */
export interface ValueContext {
  readonly values: Readonly<Record<string, string>>
  readonly taken: Readonly<Record<string, string>>
  readonly request: VendorRequest
  readonly now: number
  /** Times and nonces that the request itself tells, by form. */
  readonly told: ReadonlyMap<string, string>
}

/** A value as bytes: worked out anew from the text of the manifest, and not by the engine that is tested. */
export function valueBytes(value: Value, context: ValueContext): Buffer {
  const { values, taken, request, told, now } = context
  if (typeof value === 'string') return Buffer.from(value)
  if ('secret' in value) return Buffer.from(values[value.secret] ?? '')
  if ('field' in value) return Buffer.from(values[value.field] ?? '')
  if ('taken' in value) return Buffer.from(taken[value.taken] ?? '')
  if ('request' in value) return requestPart(value.request, request)
  if ('header' in value) return Buffer.from(request.headers[value.header.toLowerCase()] ?? '')
  if ('time' in value) return Buffer.from(told.get(`time:${value.time}`) ?? timeText(now, value.time))
  if ('nonce' in value) return Buffer.from(told.get('nonce') ?? '')
  if ('join' in value) {
    const parts = value.join.map((part) => valueBytes(part, context))
    const between = Buffer.from(value.with ?? '')
    return Buffer.concat(parts.flatMap((part, index) => (index === 0 ? [part] : [between, part])))
  }
  const of = valueBytes(value.of, context)
  if ('hmac' in value)
    return encoded(createHmac(value.hmac, valueBytes(value.key, context)).update(of).digest(), value.as)
  if ('hash' in value) return encoded(createHash(value.hash).update(of).digest(), value.as)
  if ('decode' in value) return Buffer.from(of.toString(), value.decode)
  if ('case' in value)
    return Buffer.from(value.case === 'lower' ? of.toString().toLowerCase() : of.toString().toUpperCase())
  return Buffer.from(value.encode === 'uri' ? strictly(of.toString()) : of.toString(value.encode))
}

const encoded = (digest: Buffer, as: string = 'hex'): Buffer =>
  as === 'bytes' ? digest : Buffer.from(digest.toString(as as BufferEncoding))

const strictly = (text: string): string =>
  encodeURIComponent(text).replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)

function requestPart(part: string, { method, url, bytes }: VendorRequest): Buffer {
  const query = url.search.replace(/^\?/, '')
  switch (part) {
    case 'method':
      return Buffer.from(method)
    case 'host':
      return Buffer.from(url.host)
    case 'path':
      return Buffer.from(url.pathname)
    case 'query':
      return Buffer.from(query)
    case 'sorted-query':
      return Buffer.from(
        [...url.searchParams]
          .map(([name, value]) => `${strictly(name)}=${strictly(value)}`)
          .sort()
          .join('&'),
      )
    case 'path-and-query':
      return Buffer.from(url.pathname + url.search)
    case 'url':
      return Buffer.from(url.href)
    default:
      return Buffer.from(bytes)
  }
}

function timeText(now: number, form: string): string {
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
      return `${iso.slice(0, 19).replace(/[-:]/g, '')}Z`
    case 'date':
      return iso.slice(0, 10)
    case 'rfc2822':
      return new Date(now).toUTCString().replace('GMT', '+0000')
    default:
      return new Date(now).toUTCString()
  }
}

/** Milliseconds of a time in one of the forms; undefined for what is none. */
export function timeTold(text: string, form: string): number | undefined {
  if (form === 'unix-s' || form === 'unix-ms') {
    const number = Number(text)
    return Number.isFinite(number) ? number * (form === 'unix-s' ? 1000 : 1) : undefined
  }
  const basic = /^(\d{4})(\d{2})(\d{2})T(\d{2})(\d{2})(\d{2})Z$/.exec(text)
  const ms = Date.parse(
    basic === null ? text : `${basic[1]}-${basic[2]}-${basic[3]}T${basic[4]}:${basic[5]}:${basic[6]}Z`,
  )
  return Number.isNaN(ms) ? undefined : ms
}
