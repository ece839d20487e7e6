import { lookup as systemLookup } from 'node:dns'
import type { LookupFunction } from 'node:net'
import { patchbayError } from '../errors.ts'
import { AddressRanges, familyOf, normalHost, parseRange, portOf, type ResolvedAddress } from './address.ts'

/**
 * Something private that tenants may nevertheless reach. All parts that are given must match; at least `host` or `cidr` is needed.
 * An entry without `cidr` trusts the name for private and loopback addresses, but never for link-local ones and cloud metadata
 * services: those need an entry with `cidr`.
 */
export interface AllowEntry {
  /** A host name or address literal; `*.corp.example` stands for every name below it. */
  readonly host?: string | undefined
  readonly port?: number | undefined
  /** A range such as `10.20.0.0/16` or `fd00:1::/32`. */
  readonly cidr?: string | undefined
}

/** Every address of a name, in the order in which they should be tried. */
export type ResolveAddresses = (host: string) => Promise<readonly ResolvedAddress[]>

/** Decides where a URL that came out of tenant data may lead. Each method gives the reason of a refusal, or undefined. */
export interface UrlGuard {
  /** Scheme, user information, and a host that is an address literal or names this machine. Asks no name server. */
  refusesUrl(url: URL): string | undefined
  /** One address to which `host` leads. */
  refusesAddress(host: string, port: number, address: string): string | undefined
}

/** The reason of a refusal on its way through a connector. Nothing was sent. */
export class GuardRefusal extends Error {
  override readonly name = 'GuardRefusal'
  readonly code = 'address-refused'
}

/**
 * What no tenant's URL may reach: this host, private networks, link-local addresses with the clouds' metadata services, shared,
 * documentation, benchmark, multicast and reserved ranges, every IPv6 range that carries an IPv4 address inside, and whatever lies outside
 * of the one block of global IPv6 addresses (2000::/3): overlay networks live there. 168.63.129.16 looks public and is Azure's host agent.
 * @see https://www.iana.org/assignments/iana-ipv4-special-registry
 * @see https://www.iana.org/assignments/iana-ipv6-special-registry
 */
const forbidden = new AddressRanges([
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.0.0.0/24'],
  ...['192.0.2.0/24', '192.88.99.0/24', '192.168.0.0/16', '198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24'],
  ...['224.0.0.0/4', '240.0.0.0/4', '168.63.129.16'],
  ...['::/3', '4000::/2', '8000::/1', '2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'],
])

/**
 * Metadata services, ranges without hosts, and ranges that carry an IPv4 address, which may be one of a metadata service: a trusted name does
 * not open them, only a range does.
 */
const onlyByRange = new AddressRanges([
  ...['0.0.0.0/8', '169.254.0.0/16', '192.0.0.0/24', '100.100.100.200', '168.63.129.16', '224.0.0.0/4', '240.0.0.0/4'],
  ...['::/96', '::ffff:0:0:0/96', '64:ff9b::/96', '64:ff9b:1::/48', '2001::/32', '2002::/16'],
  ...['fe80::/10', 'fec0::/10', 'ff00::/8', 'fd00:ec2::/32', 'fd20:ce::/32'],
])
const loopback = '::1'

/**
 * The address guard. Use one per set of allow entries; transports never share sockets between guards.
 * @throws PatchbayError `config` for an entry that says nothing or holds no valid range.
 */
export function urlGuard(allow: readonly AllowEntry[] = []): UrlGuard {
  const entries = allow.map(compile)
  const allowed = (host: string, port: number, address: string): boolean =>
    entries.some((entry) => entry(host, port, address))
  const refusesAddress = (host: string, port: number, address: string): string | undefined => {
    const name = normalHost(host)
    const plain = normalHost(address)
    if (familyOf(plain) === 0) return `${name} does not lead to an address`
    // Mapped spellings are judged as the IPv4 address, but an honest name server has no reason to answer with one.
    if (!forbidden.has(plain) && familyOf(plain) === (address.includes(':') ? 6 : 4)) return undefined
    if (allowed(name, port, plain)) return undefined
    return plain === name ? `${plain} is no public address` : `${name} leads to ${plain}, which is no public address`
  }
  return {
    refusesAddress,
    refusesUrl(url) {
      if (url.protocol !== 'http:' && url.protocol !== 'https:') return `its scheme is ${url.protocol} and not https:`
      if (url.username !== '' || url.password !== '') return 'it holds user information'
      const host = normalHost(url.hostname)
      if (host === '') return 'it names no host'
      if (familyOf(host) !== 0) return refusesAddress(url.hostname, portOf(url), url.hostname.replace(/^\[|\]$/g, ''))
      if (!namesThisMachine(host)) return undefined
      const port = portOf(url)
      const open = allowed(host, port, '127.0.0.1') || allowed(host, port, '::1')
      return open ? undefined : `${host} is this machine`
    },
  }
}

/** All answers of both families, from `lookup` or the system's resolver. */
export function resolver(lookup: LookupFunction = systemLookup as LookupFunction): ResolveAddresses {
  return (host) =>
    new Promise((resolve, reject) => {
      lookup(host, { all: true, order: 'verbatim' } as Parameters<LookupFunction>[1], (error, answers) => {
        if (error !== null && error !== undefined) reject(error)
        else if (typeof answers === 'string') reject(new TypeError('lookup must honour the option all'))
        else resolve(answers as readonly ResolvedAddress[])
      })
    })
}

/**
 * Resolves `host` and checks every answer: one that is refused among several refuses the name.
 * @throws GuardRefusal with the reason
 */
export async function resolveGuarded(
  guard: UrlGuard,
  resolve: ResolveAddresses,
  host: string,
  port: number,
): Promise<readonly ResolvedAddress[]> {
  const answers = await resolve(host)
  for (const { address } of answers) {
    const reason = guard.refusesAddress(host, port, address)
    if (reason !== undefined) throw new GuardRefusal(reason)
  }
  return answers
}

function namesThisMachine(host: string): boolean {
  return host === 'localhost' || host.endsWith('.localhost')
}

function compile(entry: AllowEntry): (host: string, port: number, address: string) => boolean {
  const { port } = entry
  if (entry.host === undefined && entry.cidr === undefined) {
    throw patchbayError({ kind: 'config', message: 'allow: an entry needs a host or a cidr range' })
  }
  if (entry.cidr !== undefined && parseRange(entry.cidr) === undefined) {
    throw patchbayError({ kind: 'config', message: `allow: "${entry.cidr}" is no range like 10.0.0.0/8 or fd00::/8` })
  }
  const ranges = entry.cidr === undefined ? undefined : new AddressRanges([entry.cidr])
  const matchesHost = entry.host === undefined ? () => true : hostPattern(entry.host)
  return (host, wantedPort, address) => {
    if (port !== undefined && port !== wantedPort) return false
    if (!matchesHost(host)) return false
    if (ranges !== undefined) return ranges.has(address)
    return address === loopback || !onlyByRange.has(address)
  }
}

function hostPattern(pattern: string): (host: string) => boolean {
  if (!pattern.startsWith('*.')) {
    const exact = normalHost(asWritten(pattern))
    return (host) => host === exact
  }
  const suffix = `.${normalHost(asWritten(pattern.slice(2)))}`
  return (host) => host.length > suffix.length && host.endsWith(suffix)
}

/** Names are compared as URLs spell them: punycode, lower case, numbers as dotted addresses. */
function asWritten(host: string): string {
  const authority = host.includes(':') && !host.startsWith('[') ? `[${host}]` : host
  return URL.parse(`http://${authority}`)?.hostname ?? host
}
