import type { ExpectedError, FaultCase } from '../fault-case.ts'
import type { Exchange } from '../server/exchange.ts'

const refused: ExpectedError = { kind: 'protocol', retry: 'never' }

function redirectTo(exchange: Exchange, location: string): Promise<void> {
  return exchange.respond({ status: 307, headers: { location }, body: new Uint8Array() })
}

/** Redirects that lead round in circles or out of the vendor's origin. The second origin answers with a sound answer. */
export const redirectFaults: readonly FaultCase[] = [
  {
    id: 'redirect-loop',
    group: 'redirect',
    title: 'a redirect to itself, for ever',
    layer: 'transport',
    expected: { ...refused, sent: 'all' },
    // The request and at most five hops.
    wire: { mostRequests: 6 },
    serve: (exchange) => redirectTo(exchange, exchange.path),
  },
  {
    id: 'redirect-cross-origin',
    group: 'redirect',
    title: 'a redirect to another origin',
    layer: 'transport',
    expected: refused,
    wire: { otherOrigin: 'untouched' },
    serve: (exchange) => redirectTo(exchange, `${exchange.otherOrigin}/landed`),
  },
  {
    id: 'redirect-cross-origin-allowed',
    group: 'redirect',
    title: 'a redirect to another origin that is allowed: no credential goes along',
    layer: 'transport',
    expected: 'success',
    wire: { otherOrigin: 'no-credential', leastRequests: 2, mostRequests: 2 },
    client: { allowsOtherOrigin: true },
    serve: (exchange) => redirectTo(exchange, `${exchange.otherOrigin}/landed`),
  },
  {
    id: 'redirect-to-private',
    group: 'redirect',
    title: 'a redirect to a private address in an unusual spelling',
    layer: 'transport',
    expected: refused,
    wire: { otherOrigin: 'untouched' },
    serve: (exchange) => redirectTo(exchange, `http://[::ffff:7f00:1]:${exchange.otherPort}/landed`),
  },
  {
    id: 'redirect-downgrade',
    group: 'redirect',
    title: 'a redirect from https to http',
    layer: 'transport',
    expected: refused,
    wire: { otherOrigin: 'untouched' },
    listening: 'tls',
    serve: (exchange) => redirectTo(exchange, `${exchange.otherOrigin}/landed`),
  },
]
