// Hedging: a slow read gets a second copy, and the first answer wins. Never for writes, and paid for out of the retry budget.
import { connect, defineConnector } from '@patchbay/core'
import { none } from '@patchbay/core/credentials'
import { httpClient, httpOperation, path } from '@patchbay/core/http'
import { fakeTransport } from '@patchbay/core/testing'
import { z } from 'zod'

const vendor = defineConnector({
  contract: 1,
  manifest: { id: 'api/vendor', title: 'Vendor', summary: 'Has a slow machine.', version: '1.0.0' },
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

const after = (ms: number, json: string) => () =>
  new Promise<{ json: string }>((resolve) => {
    setTimeout(() => resolve({ json }), ms)
  })
const quick = after(10, 'the quick machine')
// The third request meets a machine that takes two seconds.
const transport = fakeTransport({ 'GET /item': [quick, quick, after(2_000, 'the slow machine'), quick, quick] })
const connection = connect(vendor, {
  config: { url: 'https://vendor.example' },
  transport,
  // Without `afterMs` it is the 95th percentile of recent attempts. `ratio`: at most one call in twenty is hedged in the long run.
  policies: { retry: { hedge: { afterMs: 200, ratio: 0.05 } } },
})
connection.$events.on('decision', ({ decision, reason, numbers }) => console.log('  ', decision, reason, numbers))

for (const call of ['first call', 'second call', 'a slow one', 'last call']) {
  const started = performance.now()
  const answer = await connection.item.get()
  const ms = Math.round((performance.now() - started) / 100) * 100
  console.log(`${call}: ${answer} after about ${ms} ms, ${transport.requests.length} requests so far`)
}
await connection.$close()
