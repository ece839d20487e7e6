// Webhooks in: verified, stored before they are acknowledged, handled once and in order per entity; failures wait for a person.
import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Events } from '@patchbay/core'
import { sqliteStore } from '@patchbay/core/stores/sqlite'
import { compileSigner, newWebhookSecret, webhookInbox } from '@patchbay/core/webhooks'

const folder = await mkdtemp(join(tmpdir(), 'patchbay-example-'))
const store = sqliteStore({ file: join(folder, 'inbox.db') })
const [oldSecret, newSecret] = [newWebhookSecret(), newWebhookSecret()]
const events = new Events()
events.on('webhook-refuse', ({ source, reason }) => console.log(`   refused from ${source}: ${reason}`))
events.on('message-end', ({ messageId, outcome, attempts }) =>
  console.log(`   ${messageId}: ${outcome} (try ${attempts})`),
)

const inbox = webhookInbox({
  store,
  events,
  sources: {
    // Both secrets count while the sender changes over. Without any secret the inbox does not start.
    billing: { scheme: { kind: 'standard-webhooks' }, secrets: [newSecret, oldSecret] },
    // A vendor's own way, as data: what is signed, where the signature stands, what identifies the message, how it says hello.
    chat: {
      scheme: {
        kind: 'hmac',
        algorithm: 'sha256',
        signed: [{ from: 'header', name: 'x-time' }, { literal: ':' }, { body: 'raw' }],
        signature: { from: 'header', name: 'x-signature' },
        prefix: 'v1=',
        encoding: 'hex',
        timestamp: { field: { from: 'header', name: 'x-time' }, unit: 's' },
        messageId: { from: 'body', path: 'event_id' },
      },
      handshakes: [
        {
          method: 'POST',
          verified: true,
          when: [{ field: { from: 'body', path: 'type' }, equals: 'url_verification' }],
          answer: { kind: 'echo', field: { from: 'body', path: 'challenge' }, as: 'text' },
        },
      ],
      secrets: ['chat-secret'],
    },
  },
})

// Mounted in node:http here; `inbox.handler(source)` is the same for servers that speak Request and Response.
const [billing, chat] = [inbox.nodeHandler('billing'), inbox.nodeHandler('chat')]
const server = createServer((request, response) => (request.url === '/chat' ? chat : billing)(request, response))
server.listen(0, '127.0.0.1')
await once(server, 'listening')
const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`

/** What the sender does. */
async function send(id: string, data: object, secret = newSecret): Promise<number> {
  const body = JSON.stringify(data)
  const headers = compileSigner([secret])({ id, sentAt: Date.now(), body })
  return (await fetch(`${url}/billing`, { method: 'POST', headers: { ...headers }, body })).status
}
async function sendChat(data: object, secret: string): Promise<string> {
  const [time, body] = [String(Math.floor(Date.now() / 1000)), JSON.stringify(data)]
  const signature = `v1=${createHmac('sha256', secret).update(`${time}:${body}`).digest('hex')}`
  const headers = { 'x-time': time, 'x-signature': signature }
  const response = await fetch(`${url}/chat`, { method: 'POST', headers, body })
  return `${response.status} ${await response.text()}`
}

console.log('first delivery:', await send('msg_1', { invoice: 'A', step: 'created' }))
console.log('the same again:', await send('msg_1', { invoice: 'A', step: 'created' }))
console.log('with the old secret:', await send('msg_2', { invoice: 'A', step: 'paid' }, oldSecret))
console.log('forged:', await send('msg_3', { invoice: 'A', step: 'refunded' }, newWebhookSecret()))
console.log('about another invoice:', await send('msg_4', { invoice: 'B', step: 'created' }))
console.log('handshake:', await sendChat({ type: 'url_verification', challenge: 'c-42' }, 'chat-secret'))
console.log('handshake of a stranger:', await sendChat({ type: 'url_verification', challenge: 'c-42' }, 'guess'))

let accounting = 'down'
const processor = inbox.process(
  'billing',
  (message, context) => {
    const { invoice, step } = message.json() as { invoice: string; step: string }
    if (invoice === 'A' && accounting === 'down') throw new Error('accounting is down')
    // In one atomic step with the message's completion: whatever crashes when, this happens once.
    context.write({ kind: 'append', log: `invoice/${invoice}`, value: step })
  },
  // No try is left after the first here; by default there are nine, over about nine hours.
  { entityKey: (message) => (message.json() as { invoice: string }).invoice, retry: { delaysMs: [] } },
)
await processor.idle()
// B went on. A is parked: its later messages wait behind the one that failed, so that nothing is handled out of order.
const held = await inbox.held('billing')
console.log('held back:', held.map(({ id, reason }) => `${id} (${reason})`).join(', '))

accounting = 'up'
await inbox.release('billing', 'A')
await processor.idle()
// An operator has one handled once more, under its id.
console.log('replayed:', await inbox.replay('billing', { id: 'msg_4' }))
await processor.idle()
const steps = async (invoice: string) =>
  (await store.read(`invoice/${invoice}`, 0)).map(({ value }) => value).join(' > ')
console.log(
  'invoice A:',
  await steps('A'),
  '| invoice B:',
  await steps('B'),
  '| dead:',
  (await inbox.deadLetters('billing')).length,
)

await processor.stop()
server.close()
server.closeAllConnections()
await store.close()
await rm(folder, { recursive: true })
