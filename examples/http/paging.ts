// Lists in pages: records, whole pages, a bounded array, going on later from a page that was kept, and the ways vendors page.
import { connect, defineConnector } from '@patchbay/core'
import { bearer } from '@patchbay/core/credentials'
import { cursor, httpClient, linkHeader, offset, pagedHttpOperation, path } from '@patchbay/core/http'
import { faultServer } from '@patchbay/core/testing'
import { z } from 'zod'

const numbers = Array.from({ length: 25 }, (_, index) => ({ id: index + 1 }))
const size = 10
await using vendor = await faultServer({
  answer: {
    'GET /by-link': ({ query, url }) => {
      const page = Number(query.get('page') ?? 1)
      const next = new URL(url)
      next.searchParams.set('page', String(page + 1))
      const more = page * size < numbers.length
      return {
        json: numbers.slice((page - 1) * size, page * size),
        headers: more ? { link: `<${next.pathname}${next.search}>; rel="next"` } : {},
      }
    },
    'GET /by-cursor': ({ query }) => {
      const from = Number(query.get('after') ?? 0)
      const next = from + size < numbers.length ? String(from + size) : null
      return { json: { data: { items: numbers.slice(from, from + size), next } } }
    },
    'GET /by-offset': ({ query }) => {
      const from = Number(query.get('offset') ?? 0)
      return { json: { items: numbers.slice(from, from + Number(query.get('limit'))), total: numbers.length } }
    },
  },
})

const item = z.object({ id: z.number() })
const input = z.strictObject({})
const connector = defineConnector({
  contract: 1,
  manifest: { id: 'api/lists', title: 'Lists', summary: 'Three ways of paging.', version: '1.0.0' },
  config: z.strictObject({ url: z.url() }),
  credentials: [bearer.scheme],
  operations: {
    'link.list': pagedHttpOperation(
      { name: 'link.list', effect: 'read', input, item },
      { request: () => ({ path: path`/by-link` }), paging: linkHeader() },
    ),
    'cursor.list': pagedHttpOperation(
      { name: 'cursor.list', effect: 'read', input, item },
      {
        request: () => ({ path: path`/by-cursor` }),
        items: 'data.items',
        paging: cursor({ path: 'data.next', send: { query: 'after' } }),
      },
    ),
    'offset.list': pagedHttpOperation(
      { name: 'offset.list', effect: 'read', input, item },
      { request: () => ({ path: path`/by-offset` }), items: 'items', paging: offset({ size, total: 'total' }) },
    ),
  },
  open: async ({ url }, env) => httpClient({ ...env, baseUrl: url }),
})
await using connection = connect(connector, {
  config: { url: vendor.origin },
  credential: bearer({ token: 'a-token' }),
  network: { allow: [{ host: '127.0.0.1' }] },
})

// A page that fails is retried alone: nothing before it is read again.
vendor.next('status-503')
let seen = 0
for await (const { id } of connection.link.list({})) seen += id > 0 ? 1 : 0
console.log(`by link: ${seen} records in ${vendor.ledger.requests.length} requests, one of them a 503`)

for await (const { items, index, last } of connection.cursor.list({}).pages({ prefetch: true }))
  console.log(`by cursor: page ${index} has ${items.length} records${last ? ', the last' : ''}`)

// Leaving the loop fetches nothing more, and `take` never collects without a bound.
console.log('by offset, the first three:', await connection.offset.list({}).take(3))

// A position is text that can be kept: a later process goes on from it.
let kept: string | undefined
for await (const { output } of connection.cursor.list({}).pages()) {
  kept = output.next
  break
}
const rest = await connection.cursor.list({ $page: kept }).take(100)
console.log(`from the kept position ${kept}: ${rest.length} records, from ${rest[0]?.id} on`)
