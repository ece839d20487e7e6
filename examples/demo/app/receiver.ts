// The app's process that takes webhooks in: verified, stored, answered, and then handled. It may be killed at any moment.
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Events, type Store } from '@patchbay/core'
import { type InboxMessage, type MessageContext, type Processor, webhookInbox } from '@patchbay/core/webhooks'
import { githubWebhooks } from '../connectors/github/index.ts'
import { answerParent } from '../drill/link.ts'
import type { Breakage } from './breakage.ts'
import { carelessly } from './careless-receiver.ts'
import { openStorage } from './storage.ts'
import { type Ticket, ticketKey } from './ticket.ts'
import { subjectOfEvent, ticketOfEvent } from './ticket-of-event.ts'

export interface ReceiverStart {
  readonly file: string
  readonly masterKey: string
  /** 0 for the first start; later ones take the same again. */
  readonly port: number
  readonly secret: string
  /** Was the secret until it was rotated out. */
  readonly formerSecret: string
  readonly formerUntil: number
  readonly maxBodyBytes: number
  readonly breakage: Breakage | undefined
}

export interface ReceiverNews {
  readonly accepted: number
  readonly deduplicated: number
  readonly refused: Readonly<Record<string, number>>
  readonly handled: number
  readonly tickets: number
}

const counts = { accepted: 0, deduplicated: 0, refused: {} as Record<string, number>, handled: 0, tickets: 0 }
let store: Store
let processor: Processor

async function start(given: ReceiverStart): Promise<{ port: number }> {
  ;({ store } = openStorage(given.file, given.masterKey))
  const events = new Events()
  events.on('webhook-accept', ({ duplicate }) => {
    if (duplicate) counts.deduplicated++
    else counts.accepted++
  })
  events.on('webhook-refuse', ({ reason }) => {
    counts.refused[reason] = (counts.refused[reason] ?? 0) + 1
  })
  events.on('message-end', ({ outcome }) => {
    if (outcome === 'done') counts.handled++
  })
  const inbox = webhookInbox({
    store,
    events,
    sources: {
      github: {
        ...githubWebhooks,
        secrets: [given.secret, { secret: given.formerSecret, notAfter: given.formerUntil }],
        maxBodyBytes: given.maxBodyBytes,
      },
    },
  })
  // Webhooks about one ticket take effect in their order; a lease short enough that a successor does not wait long.
  const entityKey = (message: InboxMessage): string | undefined => subjectOfEvent(message.json())
  processor = inbox.process('github', handle, { entityKey, leaseMs: 1000, pollMs: 100 })

  const take = carelessly(given.breakage, inbox, given.secret) ?? inbox.nodeHandler('github')
  const server = createServer((request, response) => {
    if (request.url !== '/hooks/github') response.writeHead(404).end()
    else take(request, response)
  })
  server.listen(given.port, '127.0.0.1')
  await once(server, 'listening')
  setInterval(() => tell(counts), 50).unref()
  return { port: (server.address() as AddressInfo).port }
}

/** A ticket takes the newest state that any way has brought; what was handled is noted in the same step. */
async function handle(message: InboxMessage, { write }: MessageContext): Promise<void> {
  const sha256 = createHash('sha256').update(message.body).digest('hex')
  write({ kind: 'append', log: 'handled/github', value: JSON.stringify([message.id, sha256]) })
  const ticket = ticketOfEvent(message.json())
  if (ticket === undefined) return
  const key = ticketKey(ticket.id)
  const stored = await store.get(key)
  if (stored !== undefined && !isNewer(ticket, JSON.parse(stored.value) as Ticket)) return
  counts.tickets++
  write({ kind: 'put', key, value: JSON.stringify(ticket), ifVersion: stored?.version ?? 'absent' })
}

function isNewer(a: Ticket, b: Ticket): boolean {
  return Date.parse(a.updatedAt) > Date.parse(b.updatedAt)
}

const tell = answerParent({
  start,
  /** Resolves when everything that was taken in is handled. */
  async idle(): Promise<ReceiverNews> {
    await processor.idle()
    return counts
  },
  async stop(): Promise<ReceiverNews> {
    await processor.stop()
    await store.close()
    return counts
  },
})
