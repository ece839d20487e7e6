import { isIP } from 'node:net'

/**
 * The part of DER that an X.509 certificate needs.
 * @see ITU-T X.690 section 10 and 11
 */
export type Der = Uint8Array

function encode(tag: number, ...parts: readonly Uint8Array[]): Der {
  const content = Buffer.concat(parts)
  return Buffer.concat([Uint8Array.of(tag), lengthOf(content.length), content])
}

function lengthOf(length: number): Uint8Array {
  if (length < 0x80) return Uint8Array.of(length)
  const bytes: number[] = []
  for (let rest = length; rest > 0; rest = Math.floor(rest / 256)) bytes.unshift(rest % 256)
  return Uint8Array.of(0x80 | bytes.length, ...bytes)
}

export const sequence = (...parts: readonly Der[]): Der => encode(0x30, ...parts)
export const set = (...parts: readonly Der[]): Der => encode(0x31, ...parts)
export const boolean = (value: boolean): Der => encode(0x01, Uint8Array.of(value ? 0xff : 0x00))
export const octets = (bytes: Uint8Array): Der => encode(0x04, bytes)
export const utf8 = (text: string): Der => encode(0x0c, Buffer.from(text, 'utf8'))
/** `[number]` around whole elements. */
export const explicit = (number: number, ...parts: readonly Der[]): Der => encode(0xa0 | number, ...parts)
/** `[number]` in place of the tag of a primitive element. */
export const implicit = (number: number, bytes: Uint8Array): Der => encode(0x80 | number, bytes)

/** A positive integer, from its big-endian bytes. */
export function integer(bytes: Uint8Array): Der {
  let start = 0
  while (start < bytes.length - 1 && bytes[start] === 0) start++
  const digits = bytes.subarray(start)
  return encode(0x02, ...((digits[0] ?? 0) >= 0x80 ? [Uint8Array.of(0), digits] : [digits]))
}

/** `unused` is the number of bits at the end that do not count. */
export const bits = (bytes: Uint8Array, unused = 0): Der => encode(0x03, Uint8Array.of(unused), bytes)

export function objectId(dotted: string): Der {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number)
  const bytes = [first * 40 + second]
  for (const part of rest) {
    const digits = [part & 0x7f]
    for (let left = part >>> 7; left > 0; left >>>= 7) digits.unshift(0x80 | (left & 0x7f))
    bytes.push(...digits)
  }
  return encode(0x06, Uint8Array.from(bytes))
}

/** UTCTime until 2049, GeneralizedTime afterwards, as RFC 5280 section 4.1.2.5 demands. */
export function time(date: Date): Der {
  const digits = date
    .toISOString()
    .replace(/\.\d+Z$/, '')
    .replace(/\D/g, '')
  const year = date.getUTCFullYear()
  const short = year >= 1950 && year < 2050
  return encode(short ? 0x17 : 0x18, Buffer.from(`${short ? digits.slice(2) : digits}Z`, 'ascii'))
}

/** The octets of an IPv4 or IPv6 address, for a subjectAltName. */
export function addressBytes(address: string): Uint8Array {
  if (isIP(address) === 4) return Uint8Array.from(address.split('.').map(Number))
  if (isIP(address) !== 6) throw new TypeError(`"${address}" is not an IP address`)
  // URL parsing turns an IPv4 tail into two groups and lower-cases; only the `::` is left to be filled in.
  const [head = '', tail] = new URL(`http://[${address}]`).hostname.slice(1, -1).split('::')
  const before = head === '' ? [] : head.split(':')
  const after = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = new Array<string>(8 - before.length - after.length).fill('0')
  const groups = [...before, ...zeros, ...after].map((group) => Number.parseInt(group, 16))
  return Uint8Array.from(groups.flatMap((group) => [group >> 8, group & 0xff]))
}
