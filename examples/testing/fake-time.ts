// Tests that wait for nothing: a clock that stands still until it is told, chance that repeats itself, and a vendor that is a script.
import assert from 'node:assert/strict'
import { connect, defineConnector, Runtime } from '@patchbay/core'
import { none } from '@patchbay/core/credentials'
import { httpClient, httpOperation, path } from '@patchbay/core/http'
import { explore, fakeClock, fakeTransport, seededRandom } from '@patchbay/core/testing'
import { z } from 'zod'

const vendor = defineConnector({
  contract: 1,
  manifest: { id: 'api/vendor', title: 'Vendor', summary: 'Asks for patience.', version: '1.0.0' },
  config: z.strictObject({ url: z.url() }),
  credentials: [none.scheme],
  operations: {
    'item.get': httpOperation(
      { name: 'item.get', effect: 'read', input: z.strictObject({ id: z.string() }), output: z.unknown() },
      { request: ({ id }) => ({ path: path`/items/${id}` }) },
    ),
  },
  open: async ({ url }, env) => httpClient({ ...env, baseUrl: url }),
})

// A list of answers is used up in order, a single one answers every time, a function sees the request.
const transport = fakeTransport({
  'GET /items/{id}': [{ status: 503, headers: { 'retry-after': '20' } }, ({ params }) => ({ json: { id: params.id } })],
})
const clock = fakeClock('2026-01-01T00:00:00Z')
// One runtime per test: budgets and limits are shared within one, so that tests cannot disturb each other.
const runtime = new Runtime({ clock, random: seededRandom(7) })
const connection = connect(vendor, { config: { url: 'https://vendor.example' }, transport, runtime })

// By hand: start, look, move time, look again.
const started = process.hrtime.bigint()
const call = connection.item.get({ id: '7' })
await clock.advance(19_999)
assert.equal(transport.requests.length, 1)
await clock.advance(1_000)
assert.deepEqual(await call, { id: '7' })
const realMs = Number((process.hrtime.bigint() - started) / 1_000_000n)
console.log(`waited ${clock.monotonic()} ms of fake time in ${realMs < 2_000 ? 'next to no' : 'too much'} real time`)

// Everything that was scripted was asked for, and nothing is left waiting.
transport.verify()
await connection.$close()
// A call's deadline is disarmed with the call; the wheel itself stops turning a moment later.
await clock.advance(100)
console.log('left behind:', clock.pending)

// A request that nobody scripted is a mistake of the test, and the message says which line is the closest.
const typo = connect(vendor, {
  config: { url: 'https://vendor.example' },
  transport: fakeTransport({ 'GET /item/{id}': {} }),
  runtime,
})
await typo.item.get({ id: '7' }).catch((error: unknown) => console.log(String(error)))
await typo.$close()

// Races: the same code under many orders of its steps. A failure names the seed to run again.
let balance = 0
await explore(
  async (scheduler) => {
    balance = 100
    const withdraw = async (amount: number): Promise<void> => {
      const before = balance
      await scheduler.step('between reading and writing')
      balance = before - amount
    }
    await scheduler.run({ first: () => withdraw(30), second: () => withdraw(50) })
    assert.equal(balance, 20, `${balance} is left of 100`)
  },
  { rounds: 20 },
).catch((error: Error) => console.log('found:', error.message.split('\n')[0]))
