// One limit for many processes: each leases units ahead, so that most calls ask nobody. A refusal that one meets stops them all.
import { connect, defineConnector, Runtime, type SharedLimiter } from '@patchbay/core'
import { none } from '@patchbay/core/credentials'
import { httpClient, httpOperation, path } from '@patchbay/core/http'
import { fakeClock, fakeTransport, memoryLimiter, seededRandom } from '@patchbay/core/testing'
import { z } from 'zod'

const vendor = defineConnector({
  contract: 1,
  manifest: {
    id: 'api/vendor',
    title: 'Vendor',
    summary: 'Counts an account, however many processes use it.',
    version: '1.0.0',
    limits: [{ units: 200, perMs: 1_000 }],
  },
  config: z.strictObject({ url: z.url() }),
  credentials: [none.scheme],
  operations: {
    'item.get': httpOperation(
      { name: 'item.get', effect: 'read', input: z.undefined(), output: z.unknown() },
      { request: () => ({ path: path`/item` }) },
    ),
  },
  open: async ({ url }, env) => httpClient({ ...env, baseUrl: url }),
})

// In production this is one line, with a client that is yours to close:
//   const limiter = redisLimiter({ client: new Redis(url) })        from @patchbay/core/limits/redis and ioredis
//   const limiter = postgresLimiter({ client: new Pool({ ... }) })  from @patchbay/core/limits/postgres and pg
// Here the processes are two runtimes, which share nothing but the limiter; it counts how often it is asked.
const clock = fakeClock()
const inner = memoryLimiter(clock)
let asked = 0
const limiter: SharedLimiter = {
  lease: (request) => {
    asked++
    return inner.lease(request)
  },
  pause: (key, ms) => inner.pause(key, ms),
}

const sent: number[] = []
const process = (seed: number) =>
  connect(vendor, {
    config: { url: 'https://vendor.example' },
    transport: fakeTransport({
      'GET /item': () => {
        sent.push(clock.monotonic())
        return { json: 1 }
      },
    }),
    runtime: new Runtime({ clock, random: seededRandom(seed) }),
    // `processes` is what each assumes while the limiter cannot be reached: it then lives on its part of the limit.
    policies: {
      throttle: { shared: { limiter, key: 'vendor/account-1', processes: 2 } },
      deadline: { timeoutMs: 60_000 },
    },
  })
const processes = [process(1), process(2)]

const calls = processes.flatMap((connection) => Array.from({ length: 600 }, () => connection.item.get()))
await clock.runUntil(Promise.all(calls), { inputMs: 1 })
const busiest = Math.max(...sent.map((at) => sent.filter((other) => other >= at && other < at + 1_000).length))
console.log(`1200 calls of two processes in ${(clock.monotonic() / 1000).toFixed(1)} s, at 200 a second`)
console.log(`most calls within any second: ${busiest}; the limiter was asked ${asked} times for 1200 calls`)
await Promise.all(processes.map((connection) => connection.$close()))
