// Webhooks out: durable when `publish` resolves, signed by Standard Webhooks, retried on a schedule, with endpoints that stay healthy.
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Events, isPatchbayError, type Secret, systemClock } from '@patchbay/core'
import { undiciTransport } from '@patchbay/core/http'
import { memoryStore } from '@patchbay/core/stores/memory'
import { envelopeVault, localKeyring, newMasterKey } from '@patchbay/core/vault'
import { compileVerifier, webhookSender } from '@patchbay/core/webhooks'

// The customer's server. It fails twice before it works, and then checks what it gets.
let secret: Secret | undefined
let failures = 2
const server = createServer(async (request, response) => {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part as Buffer)
  if (request.url === '/gone') return response.writeHead(410).end()
  if (failures-- > 0) return response.writeHead(500).end()
  const body = Buffer.concat(parts)
  const verifier = compileVerifier(
    { kind: 'standard-webhooks' },
    { clock: systemClock, secrets: secret === undefined ? [] : [secret] },
  )
  const verdict = verifier.verify({ method: 'POST', url, headers: request.headers, body })
  console.log(
    '   received',
    request.headers['webhook-id'],
    verdict.accepted ? 'signed' : verdict.reason,
    body.toString(),
  )
  return response.writeHead(verdict.accepted ? 204 : 401).end()
})
server.listen(0, '127.0.0.1')
await once(server, 'listening')
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

const events = new Events()
events.on('delivery-end', ({ endpoint, outcome, status }) => console.log(`   ${endpoint}: ${outcome} (${status})`))
/** Resolves when the endpoint has taken a message. `sender.idle()` would not wait for retries that are due later. */
const delivered = (id: string) =>
  new Promise<void>((resolve) => {
    const stop = events.on('delivery-end', ({ endpoint, outcome }) => {
      if (endpoint !== id || outcome !== 'delivered') return
      stop()
      resolve()
    })
  })
const store = memoryStore()
// Its address guard is what keeps customers from making you call your own inside. Loopback is allowed for this program only.
const transport = undiciTransport({ clock: systemClock, allow: [{ host: '127.0.0.1' }] })
const vault = envelopeVault({ keys: localKeyring({ current: 'key-1', keys: { 'key-1': newMasterKey() } }) })
const sender = webhookSender({
  store,
  transport,
  vault,
  events,
  // Default: ten tries over about three days. Shorter here, so that you need not wait.
  retry: { delaysMs: [20, 50, 100] },
  allowHttp: true,
})

// The secret is given back once, for the customer; in the store it is sealed.
const made = await sender.endpoints.create({ id: 'acme', url: `${url}/hooks`, types: ['invoice.*'], ordered: true })
secret = made.secret
await sender.endpoints.create({ id: 'left', url: `${url}/gone` })
const bad = sender.endpoints.create({ id: 'bad', url: 'ftp://acme.example' })
await bad.catch((error: unknown) => console.log(isPatchbayError(error) ? error.message : error))

const firstDelivery = delivered('acme')
sender.start()
const invoice = { type: 'invoice.paid', data: { invoice: 'A' }, key: 'A' }
const first = await sender.publish({ ...invoice, id: 'msg_1' })
console.log('published for', first.endpoints.join(', '))
// A known id is not published twice: say the same again after a crash, and nothing more is sent.
console.log('once more:', (await sender.publish({ ...invoice, id: 'msg_1' })).duplicate ? 'a duplicate' : 'new')
console.log(
  'not asked for:',
  (await sender.publish({ type: 'user.created', data: {}, endpoints: [] })).endpoints.length,
)
await firstDelivery

// 410 says that the endpoint is gone: it is disabled, and gets nothing of what is published from now on.
const { status, reason } = (await sender.endpoints.get('left')) ?? {}
console.log('the endpoint "left" is', status, `(${reason})`)

// Rotation: both secrets sign for a while, so that the customer can change over without losing a message.
secret = await sender.endpoints.rotateSecret('acme', { overlapMs: 60_000 })
const secondDelivery = delivered('acme')
await sender.publish({ type: 'invoice.sent', data: { invoice: 'B' } })
await secondDelivery
await sender.stop()
await transport.close()
await store.close()
server.close()
server.closeAllConnections()
