// One error class, and what its fields are for: kind, retry advice, sent, and the decisions of the policies.
import { connect, defineConnector, type ErrorKind, isPatchbayError, type PatchbayError } from '@patchbay/core'
import { none } from '@patchbay/core/credentials'
import { httpClient, httpOperation, path } from '@patchbay/core/http'
import { fakeClock, fakeTransport } from '@patchbay/core/testing'
import { z } from 'zod'

const vendor = defineConnector({
  contract: 1,
  manifest: { id: 'api/vendor', title: 'Vendor', summary: 'Goes wrong in every way.', version: '1.0.0' },
  config: z.strictObject({ url: z.url() }),
  credentials: [none.scheme],
  operations: {
    'item.get': httpOperation(
      {
        name: 'item.get',
        effect: 'read',
        input: z.strictObject({ id: z.string() }),
        output: z.object({ id: z.string() }),
      },
      // The shape is checked, so that an answer of another shape is an error here and not a surprise later.
      { request: ({ id }) => ({ path: path`/items/${id}` }), wire: z.object({ id: z.string() }) },
    ),
  },
  open: async ({ url }, env) => httpClient({ ...env, baseUrl: url }),
})

const transport = fakeTransport({
  'GET /items/gone': { status: 404, json: { message: 'no such item' }, headers: { 'x-request-id': 'r-77' } },
  'GET /items/busy': { status: 429, json: { message: 'slow down' }, headers: { 'retry-after': '30' } },
  'GET /items/down': { status: 503, json: {} },
  'GET /items/mine': { status: 403, json: { message: 'needs the scope items:read' } },
  'GET /items/odd': { json: { identifier: 'odd' } },
  'GET /items/far': { fault: { kind: 'network', sent: 'none', code: 'ENOTFOUND' } },
})
// On a fake clock the waits between attempts take no time.
const clock = fakeClock()
const connection = connect(vendor, { config: { url: 'https://vendor.example' }, transport, clock })

async function failureOf(id: string): Promise<PatchbayError> {
  try {
    await clock.runUntil(connection.item.get({ id }))
  } catch (error) {
    // Not instanceof: an application may hold two copies of the package.
    if (isPatchbayError(error)) return error
  }
  throw new Error(`expected ${id} to fail`)
}

// `exhausted` says that attempts were made: an outer queue should wait, and not multiply them. The decisions tell how it came to that.
const { decisions } = await failureOf('down')
for (const { policy, decision, reason, numbers } of decisions)
  console.log(`${policy}: ${decision} (${reason})`, numbers)

for (const id of ['gone', 'mine', 'odd', 'down', 'far', '..', 'busy']) {
  const { message, retry, sent, retryAfterMs } = await failureOf(id)
  console.log(message)
  console.log('   retry', retry, '| sent', sent, '| retryAfterMs', retryAfterMs)
}

/** The kinds are a closed set: leave one out, and this does not compile. */
const advice: Record<ErrorKind, string> = {
  config: 'mend the configuration',
  'invalid-input': 'mend the call',
  unsupported: 'do without',
  'driver-missing': 'install it',
  credential: 'connect again',
  permission: 'ask for the scope',
  'not-found': 'take it off the list',
  conflict: 'read again',
  'rate-limited': 'wait',
  timeout: 'look whether it happened',
  network: 'wait',
  unavailable: 'wait',
  protocol: 'report it',
  cancelled: 'nothing',
  unexpected: 'report it',
}
console.log('gone:', advice[(await failureOf('gone')).kind])
await connection.$close()
