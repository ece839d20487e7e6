// Deadlines and cancellation: a call ends in time whatever it is doing, and a caller that gives up gets its own reason back.
import { connect, defineConnector, isPatchbayError } from '@patchbay/core'
import { none } from '@patchbay/core/credentials'
import { httpClient, httpOperation, path } from '@patchbay/core/http'
import { faultServer, leakCheck } from '@patchbay/core/testing'
import { z } from 'zod'

const leaks = leakCheck()
const vendor = await faultServer()
const connector = defineConnector({
  contract: 1,
  manifest: { id: 'api/vendor', title: 'Vendor', summary: 'Falls silent.', version: '1.0.0' },
  config: z.strictObject({ url: z.url() }),
  credentials: [none.scheme],
  operations: {
    'record.get': httpOperation(
      { name: 'record.get', effect: 'read', input: z.undefined(), output: z.object({ id: z.string() }) },
      { request: () => ({ path: path`/record` }), wire: z.object({ id: z.string() }) },
    ),
  },
  open: async ({ url }, env) => httpClient({ ...env, baseUrl: url }),
})
const connection = connect(connector, {
  config: { url: vendor.origin },
  network: { allow: [{ host: '127.0.0.1' }] },
  // The deadline is for the whole call with its waits and retries, the attempt's timeout for one request of it.
  policies: { deadline: { timeoutMs: 5_000 }, attemptTimeout: { timeoutMs: 150 }, retry: { baseMs: 10 } },
})
const timed = async (what: string, call: Promise<unknown>): Promise<void> => {
  const started = performance.now()
  const outcome = await call.then(
    () => 'ok',
    (error: unknown) =>
      isPatchbayError(error) ? `${error.kind} ${error.code}, attempts ${error.attempts}` : `${error}`,
  )
  console.log(`${what}: ${outcome} (about ${Math.round((performance.now() - started) / 50) * 50} ms)`)
}

vendor.next('silence')
await timed('the first attempt hangs, the second one answers', connection.record.get())

vendor.next('silence', 'silence', 'silence')
await timed('less time than an attempt takes', connection.record.get(undefined, { timeoutMs: 100 }))

// An absolute end, such as that of the request that this process is itself answering. The earlier of the two counts.
const deadline = new Date(Date.now() + 200)
vendor.next('silence', 'silence', 'silence')
await timed('an absolute deadline', connection.record.get(undefined, { deadline, timeoutMs: 60_000 }))
await timed('one that has passed: nothing is sent', connection.record.get(undefined, { deadline: new Date(0) }))

// The reason of the caller's own signal comes back as it is, not wrapped: `if (error === reason)` holds.
const controller = new AbortController()
const reason = new Error('the user closed the page')
setTimeout(() => controller.abort(reason), 50)
vendor.next('silence')
await timed('given up by the caller', connection.record.get(undefined, { signal: controller.signal }))

await connection.$close()
await vendor.close()
await leaks.verify()
console.log('no socket, no timer and no listener is left')
