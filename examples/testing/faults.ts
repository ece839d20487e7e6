// A hostile network on loopback: every fault that is known, below HTTP where no mock can follow, with the error that it must become.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { connect, defineConnector, isPatchbayError } from '@patchbay/core'
import { none } from '@patchbay/core/credentials'
import { httpClient, httpOperation } from '@patchbay/core/http'
import { faultGroups, faultServer, faults, judge, outcomeOf, seededRandom, tcpProxy } from '@patchbay/core/testing'
import { z } from 'zod'

const record = z.object({ id: z.string(), name: z.string(), count: z.number() })
const vendor = defineConnector({
  contract: 1,
  manifest: { id: 'api/vendor', title: 'Vendor', summary: 'Goes wrong.', version: '1.0.0' },
  config: z.strictObject({ url: z.url() }),
  credentials: [none.scheme],
  operations: {
    'record.get': httpOperation(
      { name: 'record.get', effect: 'read', input: z.undefined(), output: record },
      { request: () => ({ path: '' }), wire: record },
    ),
  },
  open: async ({ url }, env) => httpClient({ ...env, baseUrl: url }),
})
const policies = { retry: false, breaker: false, throttle: false } as const

// 1. The list, as data for a loop over any client of yours: here the faults of a group, judged against what each must become.
await using server = await faultServer()
console.log(`${faults.length} faults in ${faultGroups.length} groups`)
for (const fault of faults.filter(({ group, layer }) => group === 'wire' && layer === 'transport').slice(0, 6)) {
  const target = await server.target(fault)
  const limits = { connectMs: target.connectMs, maxBodyBytes: target.maxBodyBytes }
  await using connection = connect(vendor, {
    config: { url: target.url },
    policies,
    network: { allow: [{ host: '127.0.0.1' }], limits },
  })
  const outcome = await outcomeOf(target, () => connection.record.get(undefined, { timeoutMs: target.timeoutMs }))
  const wrong = await judge(target, outcome, server)
  const { error } = outcome
  const became = isPatchbayError(error) ? `${error.kind}, sent ${error.sent}, retry ${error.retry}` : 'an answer'
  console.log(`${fault.id}: ${fault.title}: ${became}${wrong.length === 0 ? '' : ` WRONG: ${wrong.join('; ')}`}`)
}

// 2. Chaos with a seed: a third of the requests meet one of these, and the policies see to it.
server.sometimes(0.33, 'rst-before-reply', 'status-503', 'body-cut-length')
await using patient = connect(vendor, {
  config: { url: server.origin },
  network: { allow: [{ host: '127.0.0.1' }] },
  policies: { retry: { attempts: 8, baseMs: 1, budget: false }, breaker: false },
})
const before = server.ledger.requests.length
for (let turn = 0; turn < 20; turn++) await patient.record.get()
console.log(`20 calls got through with ${server.ledger.requests.length - before} requests`)

// 3. The line to a real server, disturbed while it is used.
const real = createServer((_, response) => {
  response.setHeader('content-type', 'application/json').end(JSON.stringify({ id: 'r-1', name: 'real', count: 1 }))
})
await new Promise<void>((resolve) => real.listen(0, '127.0.0.1', resolve))
await using line = await tcpProxy({ target: { port: (real.address() as AddressInfo).port }, random: seededRandom(1) })
await using remote = connect(vendor, {
  config: { url: `http://${line.host}:${line.port}` },
  network: { allow: [{ host: '127.0.0.1' }] },
  policies: { ...policies, attemptTimeout: { timeoutMs: 300 } },
})
const ask = () =>
  remote.record.get().then(
    ({ name }) => name,
    (error: unknown) => (isPatchbayError(error) ? `${error.kind} (${error.code})` : 'a bug'),
  )
console.log('a sound line:', await ask())
line.add('slow', { type: 'latency', ms: 1_000 })
console.log('a slow one:', await ask())
line.clear()
line.add('cut', { type: 'reset', afterBytes: 40 })
console.log('cut in the answer:', await ask())
line.clear()
await line.disable()
console.log('the host is down:', await ask())
await line.enable()
console.log('and up again:', await ask())
real.close()
real.closeAllConnections()
