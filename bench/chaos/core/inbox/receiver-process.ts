// A webhook inbox over node:http whose handler's effects share its SQLite file, until it is killed.
import { randomUUID } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type HmacScheme, webhookInbox } from '@patchbay/core/webhooks'
import { type LifeSettings, lifeBegins, openStore, tell } from '../mortal-process.ts'
import type { StormMessage } from './storm-message.ts'

export interface ReceiverSettings extends LifeSettings {
  readonly secret: string
}

const { secret, ...settings } = await lifeBegins<ReceiverSettings>()
const { life, sabotage } = settings
const store = openStore(settings)
const delivery = { from: 'header', name: 'x-delivery' } as const
const scheme: HmacScheme = {
  kind: 'hmac',
  algorithm: 'sha256',
  signed: [{ body: 'raw' }],
  signature: { from: 'header', name: 'x-signature' },
  encoding: 'hex',
  // Without its id, every repetition is a message of its own.
  ...(sabotage === 'no-dedupe' ? {} : { messageId: delivery }),
}
const inbox = webhookInbox({ store, sources: { storm: { scheme, secrets: [secret], messageId: () => randomUUID() } } })

inbox.process(
  'storm',
  async (message, { write, attempt }) => {
    const { fail } = message.json() as StormMessage
    const effect = {
      kind: 'append',
      log: 'effects',
      value: JSON.stringify({ id: contentOf(message.json()), life }),
    } as const
    if (sabotage === 'effects-apart') await store.write([[effect]])
    if (fail && attempt === 1) throw new Error('the first try of this one fails')
    if (sabotage !== 'effects-apart') write(effect)
  },
  {
    entityKey: (message) => (message.json() as StormMessage).key,
    retry: { delaysMs: [10, 20, 40] },
    leaseMs: 300,
    pollMs: 100,
  },
)

/** What the message is about, whatever id it came under. */
function contentOf(body: unknown): string {
  const { key, n } = body as StormMessage
  return `${key}/${n}`
}

const handle = inbox.nodeHandler('storm')

/** Says yes before anything is durable. */
async function answerFirst(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  response.writeHead(200, { 'content-length': '0' }).end()
  const headers = request.headers as Record<string, string>
  await inbox.receive('storm', { method: 'POST', url: 'https://localhost/', headers, body: Buffer.concat(chunks) })
}

const server = createServer({ keepAliveTimeout: 30_000 }, (request, response) => {
  if (sabotage === 'answer-first') return void answerFirst(request, response).catch(() => response.destroy())
  handle(request, response)
})
server.listen(0, '127.0.0.1', () => tell({ port: (server.address() as AddressInfo).port }))
