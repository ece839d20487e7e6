// The bulkhead: bounds what is in flight, and lets tenants take turns, so that one with a thousand calls does not starve the others.
import { connect, defineConnector, isPatchbayError } from '@patchbay/core'
import { none } from '@patchbay/core/credentials'
import { httpClient, httpOperation, path } from '@patchbay/core/http'
import { fakeClock, fakeTransport } from '@patchbay/core/testing'
import { z } from 'zod'

const vendor = defineConnector({
  contract: 1,
  manifest: { id: 'api/vendor', title: 'Vendor', summary: 'Takes a second for everything.', version: '1.0.0' },
  config: z.strictObject({ url: z.url() }),
  credentials: [none.scheme],
  operations: {
    'report.make': httpOperation(
      { name: 'report.make', effect: 'idempotent', input: z.strictObject({ name: z.string() }), output: z.unknown() },
      { request: ({ name }) => ({ method: 'PUT', path: path`/reports/${name}` }) },
    ),
  },
  open: async ({ url }, env) => httpClient({ ...env, baseUrl: url }),
})

const clock = fakeClock()
let inFlight = 0
let most = 0
const transport = fakeTransport({
  'PUT /reports/{name}': () =>
    new Promise((resolve) => {
      most = Math.max(most, ++inFlight)
      clock.timer(1_000, () => {
        inFlight--
        resolve({ json: {} })
      })
    }),
})
const connection = connect(vendor, {
  config: { url: 'https://vendor.example' },
  transport,
  clock,
  policies: {
    // `gold` gets three slots for each of the others' one. A tenant is named per call or per connection.
    bulkhead: { maxInFlight: 2, maxQueue: 30, weights: { gold: 3 } },
    deadline: { timeoutMs: 60_000 },
    attemptTimeout: false,
  },
})

const done: string[] = []
const make = (tenant: string, count: number) =>
  Array.from({ length: count }, (_, index) =>
    connection.report.make({ name: `${tenant}-${index}` }, { tenant }).then(
      () => void done.push(tenant),
      (error: unknown) => void done.push(isPatchbayError(error) ? `${tenant} refused (${error.code})` : 'a bug'),
    ),
  )
// The greedy tenant comes first with more than the queue holds; then two that want little.
const all = [...make('greedy', 34), ...make('small', 3), ...make('gold', 6)]
await clock.runUntil(Promise.all(all))

const refused = done.filter((line) => line.includes('refused'))
console.log(`refused at once, for the queue is bounded: ${refused.length} of greedy's calls: ${refused[0]}`)
console.log('most in flight:', most)
console.log(
  'order:',
  done
    .filter((line) => !line.includes('refused'))
    .slice(0, 16)
    .join(' '),
)
await connection.$close()
