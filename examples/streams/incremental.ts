// Incremental reads: the cursor moves only after the records are yours, in one atomic step with your own writes.

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Connection, connect, defineConnector, type StreamSpec } from '@patchbay/core'
import { none } from '@patchbay/core/credentials'
import { cursor, httpClient, pagedHttpOperation, path } from '@patchbay/core/http'
import { sqliteStore } from '@patchbay/core/stores/sqlite'
import { readStream } from '@patchbay/core/streams'
import { faultServer } from '@patchbay/core/testing'
import { z } from 'zod'

const ticket = z.object({ id: z.string(), updated: z.iso.datetime() })
type Ticket = z.infer<typeof ticket>
const minute = (n: number): string => new Date(Date.UTC(2026, 0, 1, 8, n)).toISOString()
const tickets: Ticket[] = Array.from({ length: 10 }, (_, n) => ({ id: `T-${n}`, updated: minute(n) }))

await using vendor = await faultServer({
  answer: {
    'GET /tickets': ({ query }) => {
      const since = query.get('since') ?? ''
      const all = tickets.filter(({ updated }) => updated >= since)
      const from = Number(query.get('cursor') ?? 0)
      return { json: { items: all.slice(from, from + 4), next: from + 4 < all.length ? String(from + 4) : null } }
    },
  },
})
const connector = defineConnector({
  contract: 1,
  manifest: { id: 'api/desk', title: 'Desk', summary: 'Tickets.', version: '1.0.0' },
  config: z.strictObject({ url: z.url() }),
  credentials: [none.scheme],
  operations: {
    'ticket.list': pagedHttpOperation(
      { name: 'ticket.list', effect: 'read', input: z.strictObject({ since: z.string().optional() }), item: ticket },
      {
        request: ({ since }) => ({ path: path`/tickets`, query: { since } }),
        items: 'items',
        wire: ticket,
        paging: cursor({ path: 'next', send: { query: 'cursor' } }),
      },
    ),
  },
  open: async ({ url }, env) => httpClient({ ...env, baseUrl: url }),
})

const folder = await mkdtemp(join(tmpdir(), 'patchbay-example-'))
const store = sqliteStore({ file: join(folder, 'state.db') })
const options = { config: { url: vendor.origin }, store, network: { allow: [{ host: '127.0.0.1' }] } }
await using connection = connect(connector, options)

// What is true of the vendor's list, as data. Everything else (commit rule, dedupe at the boundary) follows from it.
const changes: StreamSpec<Connection<typeof connector>, Ticket> = {
  name: 'ticket-changes',
  order: 'ascending',
  boundary: 'inclusive', // since=T gives the records of T once more
  cursorKind: 'time',
  record: ticket,
  key: ({ id }) => id,
  position: ({ updated }) => updated,
  async *read({ ticket }, from) {
    const since = from.cursor === undefined ? {} : { since: from.cursor }
    yield* ticket.list(since).pages()
  },
}
const reader = readStream(connection, changes, { key: 'desk/acme/tickets' })

/** Reads what is new; dies after `most` batches, as processes do. */
async function sync(most = Number.POSITIVE_INFINITY): Promise<void> {
  const seen: string[] = []
  for await (const { records, index, ack } of reader) {
    if (index >= most) break
    seen.push(...records.map(({ id }) => id))
    // The records and the cursor become durable together: after a crash either both are there or neither is.
    await ack({ with: records.map((one) => ({ kind: 'put', key: `ticket/${one.id}`, value: JSON.stringify(one) })) })
  }
  console.log(`handed over: ${seen.join(' ') || 'nothing'}; the cursor is at ${await reader.cursor()}`)
}

await sync(1)
vendor.next('status-503', 'body-cut-length')
await sync()
await sync()
tickets.push({ id: 'T-10', updated: minute(9) }, { id: 'T-11', updated: minute(12) })
await sync()
console.log('stored:', (await store.list('ticket/', { limit: 1000 })).length, 'of', tickets.length)

// Starting over is a decision of yours, never something that happens: the next read hands everything over again.
await reader.forget()
let again = 0
for await (const { id } of reader.records()) again += id === '' ? 0 : 1
console.log('after forgetting:', again)
await store.close()
await rm(folder, { recursive: true })
