import type { DnsScript } from '../../network/fake-dns.ts'
import type { ExpectedError, FaultCase } from '../fault-case.ts'

const unresolved: ExpectedError = { kind: 'network', retry: 'later', sent: 'none' }

function named(id: string, title: string, expected: FaultCase['expected'], client?: FaultCase['client']): FaultCase {
  return {
    id: `dns-${id}`,
    group: 'dns',
    title,
    layer: 'transport',
    expected,
    host: `${id}.test`,
    ...(client === undefined ? {} : { client }),
    serve: (exchange) => exchange.respond(exchange.good),
  }
}

/** What the names of {@link dnsFaults} resolve to. */
export const dnsScript: Readonly<Record<string, DnsScript>> = {
  'nxdomain.test': { fails: 'NXDOMAIN' },
  'servfail.test': { fails: 'SERVFAIL' },
  'slow.test': { addresses: ['127.0.0.1'], afterMs: 60_000 },
  'flapping.test': { cycle: [{ fails: 'SERVFAIL' }, { addresses: ['127.0.0.1'] }] },
  'rebinding.test': { addresses: ['127.0.0.1', '169.254.169.254'] },
  'empty-aaaa.test': { addresses: ['127.0.0.1'] },
}

/** Played by the `lookup` of the target. */
export const dnsFaults: readonly FaultCase[] = [
  named('nxdomain', 'the name does not exist', unresolved),
  named('servfail', 'the name server fails', unresolved),
  named(
    'slow',
    'the name server takes longer than the deadline',
    { ...unresolved, kind: 'timeout' },
    { timeoutMs: 250 },
  ),
  named('flapping', 'the name server fails every other time, first the first', unresolved),
  // A guard that looks at one answer and connects to another lets this through.
  named('rebinding', 'the name leads to an allowed and to a link-local address at once', {
    kind: ['config', 'invalid-input'],
    retry: 'never',
    sent: 'none',
  }),
  named('empty-aaaa', 'there is no IPv6 address: the IPv4 address is used', 'success'),
]
