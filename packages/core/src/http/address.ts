import { BlockList, isIP } from 'node:net'

export type AddressFamily = 4 | 6

/** One answer of a name resolution. */
export interface ResolvedAddress {
  readonly address: string
  readonly family: AddressFamily
}

/**
 * A host as it is compared everywhere: without brackets, zone and trailing dots, in lower case, IPv6 in its shortest form (RFC 5952),
 * and an IPv4 address that was mapped into IPv6 (`::ffff:a.b.c.d`) as the IPv4 address that it is.
 */
export function normalHost(host: string): string {
  const bare = stripDots(host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host).toLowerCase()
  const zone = bare.indexOf('%')
  const address = zone === -1 ? bare : bare.slice(0, zone)
  if (isIP(address) !== 6) return zone === -1 ? bare : address
  const canonical = new URL(`http://[${address}]`).hostname.slice(1, -1)
  return mappedAddress(canonical) ?? canonical
}

/** The port of a URL, the scheme's own when it names none. */
export function portOf(url: URL): number {
  if (url.port !== '') return Number(url.port)
  return url.protocol === 'https:' ? 443 : 80
}

/** 4, 6, or 0 for a name. Expects what {@link normalHost} gives. */
export function familyOf(host: string): AddressFamily | 0 {
  return isIP(host) as AddressFamily | 0
}

/** A set of address ranges in CIDR notation; a plain address stands for itself. */
export class AddressRanges {
  // One list each: a BlockList takes an IPv4 address for its mapped form, so that ::/0 would hold every IPv4 address as well.
  readonly #lists = { 4: new BlockList(), 6: new BlockList() } as const

  constructor(ranges: readonly string[]) {
    for (const range of ranges) this.#add(range)
  }

  /** True when `address` (as {@link normalHost} gives it) lies in one of the ranges. */
  has(address: string): boolean {
    const family = familyOf(address)
    return family !== 0 && this.#lists[family].check(address, family === 4 ? 'ipv4' : 'ipv6')
  }

  #add(range: string): void {
    const parsed = parseRange(range)
    if (parsed === undefined)
      throw new RangeError(`"${range}" is no address range; write it like 10.0.0.0/8 or fd00::/8`)
    const { address, family, prefix } = parsed
    this.#lists[family].addSubnet(address, prefix, family === 4 ? 'ipv4' : 'ipv6')
  }
}

/** Address, family and prefix length of a CIDR range or a plain address; undefined when it is neither. */
export function parseRange(
  range: string,
): { readonly address: string; readonly family: AddressFamily; readonly prefix: number } | undefined {
  const slash = range.indexOf('/')
  const base = slash === -1 ? range : range.slice(0, slash)
  const written = isIP(base.startsWith('[') ? base.slice(1, -1) : base)
  if (written === 0) return undefined
  const address = normalHost(base)
  const family = familyOf(address)
  if (family === 0) return undefined
  const bits = family === 4 ? 32 : 128
  if (slash === -1) return { address, family, prefix: bits }
  const digits = range.slice(slash + 1)
  if (!/^\d{1,3}$/.test(digits)) return undefined
  // ::ffff:10.0.0.0/104 speaks of the IPv4 range 10.0.0.0/8.
  const prefix = Number(digits) - (written === 6 && family === 4 ? 96 : 0)
  return prefix < 0 || prefix > bits ? undefined : { address, family, prefix }
}

function mappedAddress(canonical: string): string | undefined {
  const match = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(canonical)
  if (match === null) return undefined
  const high = Number.parseInt(match[1] ?? '', 16)
  const low = Number.parseInt(match[2] ?? '', 16)
  return `${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`
}

function stripDots(host: string): string {
  let end = host.length
  while (end > 0 && host.charCodeAt(end - 1) === 46) end--
  return end === host.length ? host : host.slice(0, end)
}
