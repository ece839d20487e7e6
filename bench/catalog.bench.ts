import { integration } from '@patchbay/api/declarative'
import { type Connection, connect, defineConnector, type Transport, unchecked } from '@patchbay/core'
import { apiKey } from '@patchbay/core/credentials'
import { cursor, type HttpPage, httpClient, httpOperation, pagedHttpOperation, path } from '@patchbay/core/http'
import { schemaOf } from '../packages/api/src/json-schema/compile-schema.ts'
import type { Bench } from './bench.ts'
import { loadingRows } from './catalog-loading.ts'
import { typeRows } from './catalog-types.ts'
import { inFlight, interleave, median, type Subject } from './measure.ts'
import { deskManifest } from './programs/desk-manifest.ts'
import { type Row, row } from './report.ts'

const width = 20
const calls = 20_000
const lists = 1000

export const bench: Bench = {
  description:
    'Integrations out of manifests: loading them, type-checking all of them, and calls against the same written by hand, without a network',
  async run({ rounds = 7, log }) {
    const transport = answering()
    const config = { url: 'https://desk.example' }
    const declared = integration(deskManifest())
    const key = (declared.credential as Record<string, (fields: object) => never>).token?.({ key: 'k' }) as never
    const byManifest = connect(declared, { config, credential: key, transport }) as unknown as Desk
    const byHand = connect(handWritten(), {
      config,
      credential: apiKey({ key: 'k', in: 'header', name: 'x-key' }),
      transport,
    }) as unknown as Desk
    try {
      const rows: Row[] = [...(await loadingRows(rounds, log)), loading(), ...(await typeRows(log))]
      const subject = (name: string, operations: number, operation: () => Promise<unknown>): Subject => ({
        name,
        operations,
        run: (total) => inFlight(width, total, operation),
      })
      const input = { id: 4711, expand: ['requester', 'tags'] }
      const made = { subject: 'Printer', text: 'It burns', priority: 2 }
      for (const [what, operations, one] of [
        ['get', calls, (desk: Desk) => desk.ticket.get(input)],
        ['create', calls, (desk: Desk) => desk.ticket.create(made)],
        ['page of 100', lists, (desk: Desk) => desk.ticket.list({}).take(100)],
      ] as const) {
        const [, mine] = await interleave(
          [
            subject(`${what}, by hand`, operations, () => one(byHand)),
            subject(what, operations, () => one(byManifest)),
          ],
          rounds,
          log,
        )
        if (mine !== undefined)
          rows.push(
            row({
              name: `${what}, CPU`,
              value: mine.cpuRatio,
              unit: 'x',
              against: { name: 'by hand', value: 1 },
              atMost: 1.3,
            }),
          )
      }
      return rows
    } finally {
      await byManifest.$close()
      await byHand.$close()
    }
  },
}

type Desk = Connection<ReturnType<typeof handWritten>>

/** Milliseconds to make a connector of a parsed manifest and to connect with it. */
function loading(): Row {
  const manifests = Array.from({ length: 200 }, deskManifest)
  const times = manifests.map((manifest) => {
    const begun = performance.now()
    void connect(integration(manifest), {
      config: { url: 'https://desk.example' },
      credential: undefined as never,
      transport: answering(),
    })
    return performance.now() - begun
  })
  return row({ name: 'engine warm: integration() and connect(), median', value: median(times), unit: 'ms', atMost: 1 })
}

const ticket = {
  id: 4711,
  subject: 'Printer',
  status: 'open',
  requester: { id: 7, name: 'Ann' },
  updated_at: '2026-01-01T00:00:00Z',
  tags: ['a', 'b'],
}
const bodies = {
  GET: Buffer.from(JSON.stringify({ ticket })),
  POST: Buffer.from(JSON.stringify({ ticket })),
  list: Buffer.from(
    JSON.stringify({ tickets: Array.from({ length: 100 }, () => ticket), meta: { after: 'x', has_more: false } }),
  ),
}

/** Answers at once, so that nothing but our own work is measured. */
function answering(): Transport {
  const headers = { 'content-type': 'application/json', 'x-limit': '700', 'x-remaining': '650' }
  return {
    send: async ({ method, url }) => {
      const body = method === 'POST' ? bodies.POST : url.includes('/tickets/') ? bodies.GET : bodies.list
      return { status: 200, statusText: 'OK', headers, url, body, stream: undefined }
    },
    close: async () => undefined,
  }
}

/** What the manifest says, written by hand with the same checks of inputs and answers. */
function handWritten() {
  const { schemas = {} } = deskManifest() as never as { schemas: Record<string, object> }
  const answer = schemaOf<typeof ticket>({ $ref: '#/schemas/Ticket' }, schemas, 'tolerant')
  const given = <T>(properties: object, required: readonly string[] = []) =>
    schemaOf<T, T>(
      { type: 'object', properties: properties as never, required, additionalProperties: false },
      schemas,
      'strict',
    )
  const text = { type: 'string' }
  return defineConnector({
    contract: 1,
    manifest: {
      id: 'bench/desk',
      title: 'Desk',
      summary: 'A desk.',
      version: '1.0.0',
      limits: [{ units: 1e9, perMs: 60_000 }],
    },
    config: unchecked<{ url: string }>(),
    credentials: [apiKey.scheme],
    operations: {
      'ticket.get': httpOperation(
        {
          name: 'ticket.get',
          effect: 'read',
          input: given<{ id: number; expand?: readonly string[] }>(
            { id: { type: 'integer' }, expand: { type: 'array', items: text } },
            ['id'],
          ),
          output: answer,
        },
        {
          request: ({ id, expand }) => ({ path: path`/v2/tickets/${id}`, query: { expand } }),
          output: (wire) => (wire as { ticket: unknown }).ticket,
        },
      ),
      'ticket.create': httpOperation(
        {
          name: 'ticket.create',
          effect: 'write',
          input: given<{ subject: string; text: string; priority?: number }>(
            { subject: text, text, priority: { type: 'integer' } },
            ['subject', 'text'],
          ),
          output: answer,
        },
        {
          request: ({ subject, text: body, priority }) => ({
            method: 'POST',
            path: '/v2/tickets',
            json: { ticket: { subject, comment: { body }, priority, channel: 'api' } },
          }),
          output: (wire) => (wire as { ticket: unknown }).ticket,
        },
      ),
      'ticket.list': pagedHttpOperation(
        { name: 'ticket.list', effect: 'read', input: given<{ status?: string }>({ status: text }), item: answer },
        {
          request: ({ status }) => ({ path: '/v2/tickets', query: { status, 'page[size]': 100 } }),
          items: 'tickets',
          paging: cursor({ path: 'meta.after', more: 'meta.has_more', send: { query: 'page[after]' } }),
        },
      ),
    },
    open: async (config, env) => httpClient({ ...env, baseUrl: config.url }),
  })
}

export type { HttpPage }
