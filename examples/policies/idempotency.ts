// Idempotency keys: one effect per key, through retries, double clicks, restarts, and a crash whose outcome nobody knows.
import { connect, defineConnector, isPatchbayError, Runtime, type Store } from '@patchbay/core'
import { none } from '@patchbay/core/credentials'
import { httpClient, httpOperation, path } from '@patchbay/core/http'
import { memoryStore } from '@patchbay/core/stores/memory'
import { type FakeScript, fakeClock, fakeTransport, seededRandom } from '@patchbay/core/testing'
import { z } from 'zod'

const receipt = z.object({ id: z.string(), amount: z.number() })
const bank = defineConnector({
  contract: 1,
  manifest: { id: 'api/bank', title: 'Bank', summary: 'Moves money.', version: '1.0.0' },
  config: z.strictObject({ url: z.url() }),
  credentials: [none.scheme],
  operations: {
    'payment.create': httpOperation(
      // This vendor honours no key of ours: without the store, a repetition would pay twice.
      { name: 'payment.create', effect: 'write', input: z.strictObject({ amount: z.number() }), output: receipt },
      { request: (json) => ({ method: 'POST', path: path`/payments`, json }), wire: receipt },
    ),
  },
  open: async ({ url }, env) => httpClient({ ...env, baseUrl: url }),
})

const clock = fakeClock()
// Stands for a file or a server that outlives the process; see examples/stores.
const store: Store = memoryStore({ clock })
const processWith = (script: FakeScript) => {
  const transport = fakeTransport(script)
  const runtime = new Runtime({ clock, random: seededRandom(1) })
  return {
    transport,
    connection: connect(bank, { config: { url: 'https://bank.example' }, transport, store, runtime }),
  }
}
const tell = async (what: string, payment: Promise<{ id: string }>): Promise<void> => {
  const outcome = await clock.runUntil(
    payment.then(
      ({ id }) => id,
      (error: unknown) => error,
    ),
  )
  console.log(`${what}:`, isPatchbayError(outcome) ? `${outcome.kind} (${outcome.code})` : outcome)
}

let paid = 0
const first = processWith({ 'POST /payments': ({ json }) => ({ json: { id: `p-${++paid}`, ...(json() as object) } }) })
const order = { idempotencyKey: 'order-1001' }
await tell(
  'two clicks',
  Promise.all([
    first.connection.payment.create({ amount: 5 }, order),
    first.connection.payment.create({ amount: 5 }, order),
  ]).then(([, second]) => second),
)
await tell('the same key with another amount', first.connection.payment.create({ amount: 50 }, order))
await first.connection.$close()

// After a restart the answer comes out of the store. The bank is not asked.
const second = processWith({})
await tell('after a restart', second.connection.payment.create({ amount: 5 }, order))
console.log('payments made:', paid, '- requests after the restart:', second.transport.requests.length)

// The connection breaks after the request left. Whether it was done is not known, so nobody guesses: the next call says so.
const broken = processWith({ 'POST /payments': { fault: { kind: 'network', sent: 'maybe', code: 'ECONNRESET' } } })
const unclear = { idempotencyKey: 'order-1002' }
await tell('a broken connection', broken.connection.payment.create({ amount: 7 }, unclear))
await tell('the same once more', broken.connection.payment.create({ amount: 7 }, unclear))
console.log('requests for order-1002:', broken.transport.requests.length)
await broken.connection.$close()
await second.connection.$close()
await store.close()
