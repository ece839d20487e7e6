// The breaker: stops calling a vendor that is down, probes it after a break, and can be opened by hand.
import { connect, defineConnector, isPatchbayError, Runtime } from '@patchbay/core'
import { none } from '@patchbay/core/credentials'
import { httpClient, httpOperation, path } from '@patchbay/core/http'
import { fakeClock, fakeTransport, seededRandom } from '@patchbay/core/testing'
import { z } from 'zod'

const vendor = defineConnector({
  contract: 1,
  manifest: { id: 'api/vendor', title: 'Vendor', summary: 'Is down for a while.', version: '1.0.0' },
  config: z.strictObject({ url: z.url() }),
  credentials: [none.scheme],
  operations: {
    'item.get': httpOperation(
      { name: 'item.get', effect: 'read', input: z.undefined(), output: z.string() },
      { request: () => ({ path: path`/item` }), wire: z.string() },
    ),
  },
  open: async ({ url }, env) => httpClient({ ...env, baseUrl: url }),
})

let down = true
const transport = fakeTransport({ 'GET /item': () => (down ? { status: 503, json: {} } : { json: 'fine' }) })
const clock = fakeClock()
const connection = connect(vendor, {
  config: { url: 'https://vendor.example' },
  transport,
  runtime: new Runtime({ clock, random: seededRandom(1) }),
  policies: {
    retry: false,
    // Judged by the last 10 calls once there are 5; a break of 5 s, doubled each time that the probes fail.
    breaker: { window: { calls: 10 }, minimumCalls: 5, failureRatio: 0.5, breakMs: 5_000, probes: 2, slowStart: 0 },
  },
})
connection.$events.on('decision', ({ decision, reason, numbers }) => {
  if (decision !== 'refuse') console.log(`   ${decision} (${reason})`, numbers)
})
const call = (): Promise<string> =>
  connection.item.get().catch((error: unknown) => (isPatchbayError(error) ? (error.code ?? error.kind) : 'a bug'))

for (let turn = 0; turn < 7; turn++) console.log('call', turn + 1, await call())
console.log('requests on the wire:', transport.requests.length, '- an open breaker sends nothing')

await clock.advance(5_000)
console.log('after the break, still down:', await call())
down = false
await clock.advance(10_000)
console.log('after the longer break:', await call(), await call())

// An operator's hand, for a vendor's announced maintenance. Every call is refused until it is reset.
connection.$breaker?.isolate()
console.log('isolated:', await call(), connection.$breaker?.snapshot())
connection.$breaker?.reset()
console.log('reset:', await call())
await connection.$close()
