import type { ExpectedError, FaultCase, Listening } from '../fault-case.ts'

/** TLS failures are network faults that no retry mends; the message carries the TLS code and the remedy. */
function untrusted(id: string, title: string, listening: Listening, code?: string): FaultCase {
  const expected: ExpectedError = {
    kind: 'network',
    retry: 'never',
    sent: 'none',
    ...(code === undefined ? {} : { code }),
  }
  // Reached only by a client that trusts what it must not.
  return { id, group: 'tls', title, layer: 'transport', expected, listening, serve: (it) => it.respond(it.good) }
}

export const tlsFaults: readonly FaultCase[] = [
  untrusted('tls-expired', 'the certificate has expired', 'tls-expired', 'CERT_HAS_EXPIRED'),
  untrusted('tls-not-yet-valid', 'the certificate is not valid yet', 'tls-not-yet-valid', 'CERT_NOT_YET_VALID'),
  untrusted('tls-wrong-host', 'the certificate is for another host', 'tls-wrong-host', 'ERR_TLS_CERT_ALTNAME_INVALID'),
  untrusted(
    'tls-unknown-authority',
    'nobody trusts the authority of the certificate',
    'tls-unknown-authority',
    'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  ),
  untrusted('tls-old-protocol', 'the server speaks TLS 1.1 at most', 'tls-old-protocol'),
  {
    id: 'tls-client-certificate-missing',
    group: 'tls',
    title: 'the server demands a client certificate, and there is none',
    layer: 'transport',
    expected: { kind: 'credential', retry: 'never' },
    listening: 'tls-client-certificate',
    serve: (exchange) => exchange.respond(exchange.good),
  },
]
