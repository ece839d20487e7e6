// The throttle: keeps to the published limit, learns from the vendor's headers, and refuses what cannot be done in time.
import { connect, defineConnector, isPatchbayError } from '@patchbay/core'
import { none } from '@patchbay/core/credentials'
import { httpClient, httpOperation, path } from '@patchbay/core/http'
import { fakeClock, fakeTransport } from '@patchbay/core/testing'
import { z } from 'zod'

const output = z.unknown()
const vendor = defineConnector({
  contract: 1,
  manifest: {
    id: 'api/vendor',
    title: 'Vendor',
    summary: 'Counts its callers.',
    version: '1.0.0',
    // What the vendor publishes. The throttle starts from it; what answers say goes before it.
    limits: [{ units: 10, perMs: 1_000 }],
  },
  config: z.strictObject({ url: z.url() }),
  credentials: [none.scheme],
  operations: {
    'item.get': httpOperation(
      { name: 'item.get', effect: 'read', input: z.undefined(), output },
      { request: () => ({ path: path`/item` }) },
    ),
    // An export costs as much as five other calls, and is counted so.
    'item.export': httpOperation(
      { name: 'item.export', effect: 'read', cost: 5, input: z.undefined(), output },
      { request: () => ({ path: path`/export` }) },
    ),
  },
  open: async ({ url }, env) => httpClient({ ...env, baseUrl: url }),
})

let told: Record<string, string> = {}
const transport = fakeTransport({ 'GET /item': () => ({ json: 1, headers: told }), 'GET /export': { json: 5 } })
const clock = fakeClock()
const connection = connect(vendor, { config: { url: 'https://vendor.example' }, transport, clock })

const timed = async (what: string, calls: readonly Promise<unknown>[]): Promise<void> => {
  const started = clock.monotonic()
  await clock.runUntil(Promise.all(calls))
  console.log(`${what}: ${Math.round(clock.monotonic() - started)} ms`)
}
const calls = (count: number) => Array.from({ length: count }, () => connection.item.get())

await timed('10 calls, which the limit allows at once', calls(10))
await timed('20 more, at 10 a second', calls(20))
await clock.advance(5_000)
await timed('an export and 5 calls fill the window', [connection.item.export(), ...calls(5)])

// The vendor says that only 2 calls are left for 8 seconds: other processes use the account too. So nobody runs into a 429.
await clock.advance(5_000)
told = { ratelimit: '"default";r=2;t=8', 'ratelimit-policy': '"default";q=100;w=60' }
await timed('a call whose answer says that 2 are left', calls(1))
told = {}
await timed('2 calls', calls(2))

// Waiting would take longer than this call has: it is refused at once, and nothing was sent.
const error = await clock.runUntil(
  connection.item.get(undefined, { timeoutMs: 500 }).catch((thrown: unknown) => thrown),
)
if (isPatchbayError(error)) console.log(error.message, '| sent:', error.sent, '| ms to wait:', error.retryAfterMs)
await timed('one more, with time to wait', calls(1))
await connection.$close()
