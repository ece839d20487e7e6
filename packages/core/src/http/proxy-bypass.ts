import { AddressRanges, familyOf, normalHost, parseRange, portOf } from './address.ts'

type Rule = (host: string, port: number) => boolean

/**
 * Reads a NO_PROXY list once and answers for URLs. Entries are separated by commas or spaces:
 * - `*` everything;
 * - `example.com`, `.example.com` and `*.example.com`: the name and every name below it (the last one: only those below);
 * - an address, in any spelling, or a range (`10.0.0.0/8`, `fd00::/8`): hosts that are written as addresses. Names are not resolved;
 * - `host:8443`, `[::1]:8443`: only that port.
 * IPv4 addresses mapped into IPv6 count as IPv4, on both sides.
 */
export function proxyBypass(list: string | undefined): (url: URL) => boolean {
  const rules = (list ?? '').split(/[\s,]+/).flatMap((entry) => compile(entry))
  if (rules.length === 0) return () => false
  return (url) => {
    const host = normalHost(url.hostname)
    const port = portOf(url)
    return rules.some((rule) => rule(host, port))
  }
}

function compile(entry: string): Rule[] {
  if (entry === '') return []
  if (entry === '*') return [() => true]
  if (parseRange(entry) !== undefined) return [inRange(entry, undefined)]
  const { host, port } = splitPort(entry)
  if (host === '*') return [(_, other) => other === port]
  const range = parseRange(host)
  if (range !== undefined) return [inRange(host, port)]
  const below = host.startsWith('*.')
  const bare = host.replace(/^\*?\./, '')
  // A spelling such as 0x7f.1 is an address too; URL normalises it.
  const name = normalHost(URL.parse(`http://${bare}`)?.hostname ?? bare)
  if (name === '') return []
  if (familyOf(name) !== 0) return [inRange(name, port)]
  const suffix = `.${name}`
  return [
    (other, otherPort) =>
      (port === undefined || port === otherPort) && ((!below && other === name) || other.endsWith(suffix)),
  ]
}

function inRange(range: string, port: number | undefined): Rule {
  const ranges = new AddressRanges([range])
  return (host, otherPort) => (port === undefined || port === otherPort) && ranges.has(host)
}

function splitPort(entry: string): { readonly host: string; readonly port: number | undefined } {
  const match = /^(.*):(\d{1,5})$/.exec(entry)
  const host = match?.[1]
  // Without brackets, several colons are an IPv6 address and no port.
  if (match === null || host === undefined || (host.includes(':') && !host.endsWith(']'))) {
    return { host: entry, port: undefined }
  }
  return { host, port: Number(match[2]) }
}
