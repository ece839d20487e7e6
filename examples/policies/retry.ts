// Retries: what is repeated, how long it waits, and the budget that keeps retries from becoming a storm.
import { connect, defineConnector, Runtime } from '@patchbay/core'
import { none } from '@patchbay/core/credentials'
import { httpClient, httpOperation, path } from '@patchbay/core/http'
import { fakeClock, fakeTransport, seededRandom } from '@patchbay/core/testing'
import { z } from 'zod'

const input = z.strictObject({ id: z.string() })
const output = z.unknown()
const vendor = defineConnector({
  contract: 1,
  manifest: { id: 'api/vendor', title: 'Vendor', summary: 'Reads and writes.', version: '1.0.0' },
  config: z.strictObject({ url: z.url() }),
  credentials: [none.scheme],
  operations: {
    'item.get': httpOperation(
      { name: 'item.get', effect: 'read', input, output },
      { request: ({ id }) => ({ path: path`/items/${id}` }) },
    ),
    'item.create': httpOperation(
      { name: 'item.create', effect: 'write', input, output },
      { request: (json) => ({ method: 'POST', path: path`/items`, json }) },
    ),
    // The vendor promises to do a write with one key once, so this one may be repeated although it is a write.
    'payment.create': httpOperation(
      { name: 'payment.create', effect: 'write', idempotency: 'vendor-key', input, output },
      { request: (json) => ({ method: 'POST', path: path`/payments`, json, idempotencyHeader: 'idempotency-key' }) },
    ),
  },
  open: async ({ url }, env) => httpClient({ ...env, baseUrl: url }),
})

const busy = { status: 503, json: {} }
const transport = fakeTransport({
  'GET /items/flaky': [busy, { status: 429, headers: { 'retry-after': '7' } }, { json: { id: 'flaky' } }],
  'GET /items/down': busy,
  'POST /items': busy,
  'POST /payments': [busy, { json: { id: 'paid' } }],
})
const clock = fakeClock()
// Chance is seeded here, so that the jitter is the same in every run.
const runtime = new Runtime({ clock, random: seededRandom(1) })
const connection = connect(vendor, {
  config: { url: 'https://vendor.example' },
  transport,
  runtime,
  policies: { retry: { attempts: 3, baseMs: 200, budget: { ratio: 0.1, reserve: 3 } }, breaker: false },
})
connection.$events.on('decision', ({ policy, decision, reason, numbers }) =>
  console.log(`   ${policy}: ${decision} (${reason})`, numbers),
)
const run = async (what: string, call: Promise<unknown>): Promise<void> => {
  const started = clock.monotonic()
  const before = transport.requests.length
  const outcome = await clock.runUntil(call.then(() => 'ok', String))
  const ms = Math.round(clock.monotonic() - started)
  console.log(`${what}: ${transport.requests.length - before} requests in ${ms} ms: ${outcome}`)
}

await run('a read that gets through', connection.item.get({ id: 'flaky' }))
await run('a write without a key', connection.item.create({ id: 'x' }))
await run('a write with a key', connection.payment.create({ id: 'x' }))
const keys = transport.requests
  .filter(({ path }) => path === '/payments')
  .map(({ headers }) => headers['idempotency-key'])
console.log('the same key both times:', new Set(keys).size === 1)
// By now the reserve of the budget is spent, so the vendor's trouble is not made worse by us.
await run('a read of a vendor that is down', connection.item.get({ id: 'down' }))
await run('the next one', connection.item.get({ id: 'down' }))
await connection.$close()
