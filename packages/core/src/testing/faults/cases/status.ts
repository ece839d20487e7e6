import type { ExpectedError, FaultCase } from '../fault-case.ts'
import type { Exchange } from '../server/exchange.ts'
import { json, type Reply } from '../server/good-answer.ts'

const year = 365 * 24 * 3600

function problem(status: number, title: string, headers: Readonly<Record<string, string>> = {}): Reply {
  return { ...json(status, { title, status }), headers: { 'content-type': 'application/problem+json', ...headers } }
}

type Hint = ExpectedError['retryAfterMs']

function throttled(
  id: string,
  title: string,
  retryAfterMs: Hint,
  headers: (now: number) => Readonly<Record<string, string>>,
): FaultCase {
  const hint = retryAfterMs === undefined ? {} : { retryAfterMs }
  return {
    id,
    group: 'rate-limit',
    title: `429 with ${title}`,
    layer: 'http',
    expected: { kind: 'rate-limited', retry: 'later', ...hint },
    serve: (exchange) => exchange.respond(problem(429, 'Too many requests', headers(exchange.now()))),
  }
}

const httpDate = (ms: number): string => new Date(ms).toUTCString()

/** Every way in which vendors say "not now". A far future has no expectation of its own: callers cap it, or fail when past the deadline. */
export const rateLimitFaults: readonly FaultCase[] = [
  throttled('throttled-no-hint', 'no hint at all', 'none', () => ({})),
  throttled('throttled-wrong', 'a Retry-After that is no time', 'none', () => ({ 'retry-after': 'soon' })),
  throttled('throttled-past', 'a Retry-After in the past', 'none', (now) => ({
    'retry-after': httpDate(now - 3_600_000),
  })),
  throttled('throttled-far-future', 'a Retry-After of ten years', undefined, () => ({ 'retry-after': `${10 * year}` })),
  throttled('throttled-seconds', 'Retry-After in seconds', 2000, () => ({ 'retry-after': '2' })),
  // HTTP dates have whole seconds, so up to one is lost on the way.
  throttled('throttled-date', 'Retry-After as a date', [1000, 3000], (now) => ({
    'retry-after': httpDate(now + 3000),
  })),
  throttled('throttled-milliseconds', 'retry-after-ms', 1500, () => ({ 'retry-after-ms': '1500', 'retry-after': '2' })),
  throttled('throttled-rate-limit-field', 'the RateLimit field', 2000, () => ({
    'ratelimit-policy': '"minute";q=100;w=60',
    ratelimit: '"minute";r=0;t=2',
  })),
  throttled('throttled-reset-delta', 'RateLimit-Reset in seconds', 2000, () => ({
    'ratelimit-limit': '100',
    'ratelimit-remaining': '0',
    'ratelimit-reset': '2',
  })),
  throttled('throttled-reset-epoch', 'X-RateLimit-Reset as an epoch in seconds', [1000, 3000], (now) => ({
    'x-ratelimit-limit': '100',
    'x-ratelimit-remaining': '0',
    'x-ratelimit-reset': `${Math.floor((now + 3000) / 1000)}`,
  })),
]

const later: ExpectedError = { kind: 'unavailable', retry: 'later' }

const statusFault = (status: number): FaultCase => ({
  id: `status-${status}`,
  group: 'server-error',
  title: `status ${status}`,
  layer: 'http',
  expected: later,
  serve: (exchange) => exchange.respond(problem(status, 'Not now')),
})

export const serverErrorFaults: readonly FaultCase[] = [
  {
    id: 'unavailable-retry-after',
    group: 'server-error',
    title: '503 with Retry-After: 1',
    layer: 'http',
    expected: { ...later, retryAfterMs: 1000 },
    serve: (exchange) => exchange.respond(problem(503, 'Maintenance', { 'retry-after': '1' })),
  },
  ...[500, 502, 503, 504].map(statusFault),
  {
    id: 'burst-5xx',
    group: 'server-error',
    title: 'three 503, then sound answers: an error for one attempt, a success for four',
    layer: 'http',
    expected: later,
    serve: (exchange) => exchange.respond(exchange.earlier < 3 ? problem(503, 'Not now') : exchange.good),
  },
  {
    id: 'brown-out',
    group: 'server-error',
    title: 'three requests out of ten fail, the first among them',
    layer: 'http',
    expected: later,
    serve: (exchange) =>
      exchange.respond([0, 4, 7].includes(exchange.earlier % 10) ? problem(500, 'Failed') : exchange.good),
  },
]

/** Refuses the first credential that it sees, and takes every other. */
function refuseFirst(exchange: Exchange): Promise<void> {
  const shown = exchange.request.headers.authorization ?? exchange.request.headers['x-api-key'] ?? ''
  if (!exchange.memory.has('refused')) exchange.memory.set('refused', shown)
  const refused = exchange.memory.get('refused') === shown
  return exchange.respond(refused ? unauthorized() : exchange.good)
}

const unauthorized = (): Reply =>
  problem(401, 'Unauthorized', { 'www-authenticate': 'Bearer error="invalid_token", error_description="expired"' })

const refusedCredential: ExpectedError = { kind: 'credential', retry: 'never' }

export const authFaults: readonly FaultCase[] = [
  {
    id: 'unauthorized',
    group: 'auth',
    title: '401 to every credential: one silent refresh, then an error',
    layer: 'http',
    expected: refusedCredential,
    wire: { mostRequests: 2 },
    serve: (exchange) => exchange.respond(unauthorized()),
  },
  {
    id: 'unauthorized-once',
    group: 'auth',
    title: '401 to the credential used so far, in mid-flight; a renewed one is taken',
    layer: 'http',
    expected: 'success',
    wire: { leastRequests: 2, mostRequests: 2 },
    client: { refreshes: true },
    serve: refuseFirst,
  },
  {
    id: 'forbidden',
    group: 'auth',
    title: '403',
    layer: 'http',
    expected: { kind: 'permission', retry: 'never' },
    wire: { mostRequests: 1 },
    serve: (exchange) => exchange.respond(problem(403, 'Forbidden')),
  },
]

export const conflictFaults: readonly FaultCase[] = [409, 412].map(
  (status): FaultCase => ({
    id: `conflict-${status}`,
    group: 'conflict',
    title: `status ${status}`,
    layer: 'http',
    expected: { kind: 'conflict', retry: 'never' },
    wire: { mostRequests: 1 },
    serve: (exchange) => exchange.respond(problem(status, status === 409 ? 'Conflict' : 'Precondition failed')),
  }),
)
