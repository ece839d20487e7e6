import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import {
  type AnyConnection,
  type AnyIntegration,
  connectTo,
  failureOf,
  smallManifest,
} from './fixtures/small-manifest.ts'
import { type SeenRequest, startVendor, type Vendor, type VendorReply } from './fixtures/vendor.ts'
import { integration } from './integration.ts'

let vendor: Vendor
const opened: { $close(): Promise<void> }[] = []
beforeAll(async () => {
  vendor = await startVendor()
})
afterAll(() => vendor.close())
afterEach(async () => {
  await Promise.all(opened.splice(0).map((connection) => connection.$close()))
  vendor.seen.length = 0
})

interface Kind {
  readonly name: string
  readonly operation?: object
  readonly items?: string
  readonly pagination: object
  readonly input?: object
  /** The vendor's answer, when it has `total` records. */
  answer(request: SeenRequest, total: number): VendorReply
  /** Requests for 0, 1, 2 and 7 records, three per page. */
  readonly requests: readonly [number, number, number, number]
}

const size = 3
const records = (from: number, total: number, count = size) =>
  Array.from({ length: Math.max(0, Math.min(count, total - from)) }, (_, at) => ({ id: from + at }))
const number = (request: SeenRequest, key: string, otherwise = 0) =>
  Number(request.url.searchParams.get(key) ?? otherwise)
const query = { request: 'GET /base/things' }
const search = { request: 'POST /base/search', input: { text: { in: 'body', type: 'string' } } }
const graphql = {
  request: 'POST /graphql',
  graphql:
    'query All($after: String, $n: Int) { team { issues(after: $after, first: $n) { nodes { id } pageInfo { endCursor hasNextPage } } } }',
}
const day = 86_400_000
const time = { in: 'query', type: 'string' }

const kinds: readonly Kind[] = [
  {
    name: 'none',
    pagination: { kind: 'none', reason: 'it is short' },
    answer: (_, total) => ({ json: records(0, total, total) }),
    requests: [1, 1, 1, 1],
  },
  {
    name: 'link-header',
    pagination: { kind: 'link-header', sizeKey: 'per_page', size },
    answer(request, total) {
      const page = number(request, 'page', 1)
      const more = page * size < total
      const link = `<${vendor.url}/base/things?page=${page + 1}&per_page=3>; rel="next"`
      return { json: records((page - 1) * size, total), headers: more ? { link } : {} }
    },
    requests: [1, 1, 1, 3],
  },
  {
    name: 'next-url',
    items: 'data',
    pagination: { kind: 'next-url', path: 'links.next' },
    answer(request, total) {
      const at = number(request, 'at')
      return {
        json: { data: records(at, total), links: { next: at + size < total ? `/base/things?at=${at + size}` : null } },
      }
    },
    requests: [1, 1, 1, 3],
  },
  {
    name: 'next-url to a path that the manifest names',
    items: 'data',
    pagination: { kind: 'next-url', path: 'next', paths: ['/base/more/{}/things'] },
    answer(request, total) {
      const at = number(request, 'at')
      return {
        json: {
          data: records(at, total),
          next: at + size < total ? `${vendor.url}/base/more/7/things?at=${at + size}` : '',
        },
      }
    },
    requests: [1, 1, 1, 3],
  },
  {
    name: 'link-header whose links say whether anything is there',
    pagination: { kind: 'link-header', only: { name: 'results', equals: 'true' } },
    answer(request, total) {
      const at = number(request, 'at')
      const link = `<?at=${at - size}>; rel="previous"; results="true", <?at=${at + size}>; rel="next"; results="${at + size < total}"`
      return { json: records(at, total), headers: { link } }
    },
    requests: [1, 1, 1, 3],
  },
  {
    name: 'next-url that always comes',
    items: 'data',
    pagination: { kind: 'next-url', path: 'next', alwaysHasNext: true },
    answer(request, total) {
      const at = Math.min(number(request, 'at'), total)
      return { json: { data: records(at, total), next: `?at=${Math.min(at + size, total)}` } }
    },
    requests: [1, 2, 2, 4],
  },
  {
    name: 'cursor-body in the query',
    items: 'items',
    pagination: {
      kind: 'cursor-body',
      path: 'meta.after',
      more: 'meta.more',
      send: { query: 'page[after]' },
      sizeKey: 'page[size]',
      size,
    },
    answer(request, total) {
      expect(request.url.searchParams.get('page[size]')).toBe('3')
      const at = number(request, 'page[after]')
      return { json: { items: records(at, total), meta: { after: String(at + size), more: at + size < total } } }
    },
    requests: [1, 1, 1, 3],
  },
  {
    name: 'cursor-body in the body',
    operation: search,
    items: 'hits',
    input: { text: 'x' },
    pagination: { kind: 'cursor-body', path: 'next', send: { body: 'paging.after' }, sizeKey: 'paging.size', size },
    answer(request, total) {
      const { paging, text } = request.json() as { paging: { after?: string; size: number }; text: string }
      expect([paging.size, text]).toEqual([3, 'x'])
      const at = Number(paging.after ?? 0)
      return { json: { hits: records(at, total), next: at + size < total ? at + size : undefined } }
    },
    requests: [1, 1, 1, 3],
  },
  {
    name: 'cursor-header',
    pagination: { kind: 'cursor-header', header: 'X-Next', send: { header: 'X-From' } },
    answer(request, total) {
      const at = Number(request.headers['x-from'] ?? 0)
      return { json: records(at, total), headers: at + size < total ? { 'x-next': String(at + size) } : {} }
    },
    requests: [1, 1, 1, 3],
  },
  {
    name: 'page with a total, of a vendor that gives less than was asked for',
    items: 'items',
    pagination: { kind: 'page', page: 'page', sizeKey: 'limit', size: 100, total: 'total' },
    answer: (request, total) => ({ json: { items: records((number(request, 'page') - 1) * size, total), total } }),
    requests: [1, 1, 1, 3],
  },
  {
    name: 'page from 0 with the number of pages',
    items: 'items',
    pagination: { kind: 'page', page: 'p', first: 0, pages: 'pages' },
    answer: (request, total) => ({
      json: { items: records(number(request, 'p') * size, total), pages: Math.ceil(total / size) },
    }),
    requests: [1, 1, 1, 3],
  },
  {
    name: 'offset until an empty page',
    pagination: { kind: 'offset', offset: 'skip', sizeKey: 'take', size },
    answer: (request, total) => ({ json: records(number(request, 'skip'), total, number(request, 'take')) }),
    requests: [1, 2, 2, 4],
  },
  {
    name: 'offset in the body, a short page is the last',
    operation: search,
    input: { text: 'x' },
    pagination: { kind: 'offset', offset: 'range.from', sizeKey: 'range.count', size, shortIsLast: true, in: 'body' },
    answer(request, total) {
      const { range } = request.json() as { range: { from: number; count: number } }
      return { json: records(range.from, total, range.count) }
    },
    requests: [1, 1, 1, 3],
  },
  {
    name: 'range-header with Content-Range',
    pagination: { kind: 'range-header', unit: 'items', size },
    answer(request, total) {
      const from = Number(/^items=(\d+)-/.exec(String(request.headers.range))?.[1])
      if (from > 0 && from >= total) return { status: 416, json: { error: 'range' } }
      const page = records(from, total)
      return { status: 206, json: page, headers: { 'content-range': `items ${from}-${from + page.length - 1}/*` } }
    },
    requests: [1, 2, 2, 4],
  },
  {
    name: 'range-header with the next range in a header',
    pagination: { kind: 'range-header', unit: 'id', nextHeader: 'Next-Range', size },
    answer(request, total) {
      const from = Number(/^id \](\d+)\.\./.exec(String(request.headers.range))?.[1] ?? 0)
      const more = from + size < total
      return {
        status: more ? 206 : 200,
        json: records(from, total),
        headers: more ? { 'next-range': `id ]${from + size}..; max=3` } : {},
      }
    },
    requests: [1, 1, 1, 3],
  },
  {
    name: 'keyset',
    items: 'items',
    pagination: { kind: 'keyset', field: 'id', send: { query: 'after' } },
    answer: (request, total) => ({ json: { items: records(number(request, 'after', -1) + 1, total) } }),
    requests: [1, 2, 2, 4],
  },
  {
    name: 'keyset in the body, where a number stays one',
    operation: search,
    input: { text: 'x' },
    items: 'items',
    pagination: { kind: 'keyset', field: 'id', send: { body: 'after' } },
    answer(request, total) {
      const { after = -1 } = request.json()
      expect(typeof after).toBe('number')
      return { json: { items: records((after as number) + 1, total) } }
    },
    requests: [1, 2, 2, 4],
  },
  {
    name: 'time-window',
    operation: { request: 'GET /base/events', input: { since: { ...time, as: 'from' } } },
    input: { since: new Date(Date.now() - 2.5 * day).toISOString() },
    pagination: { kind: 'time-window', from: 'from', to: 'to', format: 'unix-s', windowMs: day },
    answer(request, total) {
      const [from, to] = [number(request, 'from'), number(request, 'to')]
      expect(to - from).toBeLessThanOrEqual(86_401)
      const before = vendor.seen.slice(0, -1).at(-1)
      if (before !== undefined) expect(number(before, 'to')).toBe(from)
      return { json: records((vendor.seen.length - 1) * size, total) }
    },
    requests: [3, 3, 3, 3],
  },
  {
    name: 'odata',
    pagination: { kind: 'odata', size },
    answer(request, total) {
      expect(request.url.searchParams.get('$top')).toBe('3')
      const at = number(request, '$skiptoken')
      const next = `${vendor.url}/base/things?$top=3&$skiptoken=${at + size}`
      return { json: { value: records(at, total), ...(at + size < total ? { '@odata.nextLink': next } : {}) } }
    },
    requests: [1, 1, 1, 3],
  },
  {
    name: 'graphql-relay',
    operation: graphql,
    pagination: { kind: 'graphql-relay', connection: 'team.issues', after: 'after', first: 'n', size },
    answer(request, total) {
      const { after, n } = request.json().variables as { after?: string; n: number }
      expect(n).toBe(3)
      const at = Number(after ?? 0)
      const pageInfo = { endCursor: String(at + size), hasNextPage: at + size < total }
      return { json: { data: { team: { issues: { nodes: records(at, total), pageInfo } } } } }
    },
    requests: [1, 1, 1, 3],
  },
  {
    name: 'scroll with one id for all pages',
    operation: { request: 'POST /base/search?scroll=1m' },
    items: 'hits',
    pagination: {
      kind: 'scroll',
      id: 'scroll',
      continue: { request: 'POST /base/scroll?keep=1m', send: { body: 'scroll' } },
    },
    answer(request, total) {
      if (request.url.pathname === '/base/scroll')
        expect([request.target, request.json()]).toEqual(['/base/scroll?keep=1m', { scroll: 's/1' }])
      return { json: { hits: records((vendor.seen.length - 1) * size, total), scroll: 's/1' } }
    },
    requests: [1, 2, 2, 4],
  },
  {
    name: 'export-job',
    operation: { request: 'POST /base/exports' },
    pagination: {
      kind: 'export-job',
      job: 'export.id',
      poll: {
        request: 'GET /base/exports/{job}/status',
        everyMs: 100,
        done: "state == 'done'",
        failed: "state == 'failed'",
      },
      chunks: 'chunks',
      download: { request: 'GET /base/exports/{job}/chunks/{chunk}', format: 'ndjson' },
    },
    answer({ method, url }, total) {
      if (method === 'POST') return { json: { export: { id: 'a/b' } } }
      if (url.pathname === '/base/exports/a%2Fb/status') {
        const done = vendor.seen.length > 2
        return {
          json: {
            state: done ? 'done' : 'working',
            chunks: Array.from({ length: Math.ceil(total / size) }, (_, at) => at),
          },
        }
      }
      const chunk = Number(/^\/base\/exports\/a%2Fb\/chunks\/(\d+)$/.exec(url.pathname)?.[1])
      return {
        text: records(chunk * size, total)
          .map((one) => `${JSON.stringify(one)}\n`)
          .join(''),
      }
    },
    requests: [3, 4, 4, 6],
  },
]

function list({ operation, items, pagination }: Pick<Kind, 'operation' | 'items' | 'pagination'>): AnyConnection {
  const schema = { type: 'object', required: ['id'], properties: { id: { type: 'integer' } } }
  const list = { schema, pagination, ...(items === undefined ? {} : { items }) }
  const manifest = smallManifest({
    operations: { 'thing.list': { summary: 'Things.', effect: 'read', ...query, ...operation, list } },
  })
  const connection = connectTo(manifest, { url: vendor.url })
  opened.push(connection)
  return connection
}

interface Listing extends AsyncIterable<{ id: number }> {
  pages(): AsyncIterable<{ readonly output: { readonly next: string | undefined } }>
}
const listing = (connection: AnyConnection, input: object = {}): Listing => connection.thing?.list?.(input) as never

async function idsOf(found: Listing): Promise<number[]> {
  const ids: number[] = []
  for await (const { id } of found) ids.push(id)
  return ids
}

async function positionsOf(found: Listing): Promise<string[]> {
  const positions: string[] = []
  for await (const { output } of found.pages()) if (output.next !== undefined) positions.push(output.next)
  return positions
}

describe.each(kinds)('$name', (kind) => {
  test.each([
    [0, 0],
    [1, 1],
    [2, 2],
    [7, 3],
  ])('reads %i records', async (total, at) => {
    vendor.answer = (request) => kind.answer(request, total)
    expect(await idsOf(listing(list(kind), kind.input))).toEqual(Array.from({ length: total }, (_, id) => id))
    expect(vendor.seen.length).toBe(kind.requests[at])
  })

  test('goes on from any of its positions', async () => {
    if (kind.name === 'time-window' || kind.name.startsWith('scroll'))
      return expect(kind.requests[3]).toBeGreaterThan(2)
    vendor.answer = (request) => kind.answer(request, 7)
    const connection = list(kind)
    const positions = await positionsOf(listing(connection, kind.input))
    const last = positions.at(-1)
    if (last !== undefined)
      expect((await idsOf(listing(connection, { ...kind.input, $page: last }))).length).toBeLessThan(7)
  })

  test('a hostile position reaches no other host and no other path', async () => {
    vendor.answer = (request) => kind.answer(request, 7)
    const connection = list(kind)
    await idsOf(listing(connection, kind.input))
    const allowed = new Set(vendor.seen.map(({ url }) => url.pathname))
    const other = await startVendor(() => ({ json: [] }))
    const hostile = [
      ...[
        '/base/admin',
        '//127.0.0.1/x',
        '../admin',
        '?x=1#/admin',
        'x\r\nHost: evil',
        '%2e%2e/admin',
        '@evil.example/',
        '["poll","1","../admin"]',
      ],
      ...[
        `${other.url}/base/things`,
        `${vendor.url}/base/admin?page=2`,
        '["chunk","..","x"]',
        '["poll","1","x/../../admin"]',
        '["chunk","a/b","?x"]',
      ],
      ...['{"__proto__":1}', '["1"]', '[1,2]', 'NaN', '-1', '1e309', 'a'.repeat(5000)],
    ]
    vendor.seen.length = 0
    vendor.answer = () => ({ json: {} })
    for (const $page of hostile) await idsOf(listing(connection, { ...kind.input, $page })).catch(() => undefined)
    const reached = vendor.seen.map(({ url }) => url.pathname)
    const strange = reached.filter(
      (path) => !allowed.has(path) && !/^\/base\/(?:exports\/[^/]+\/(?:status|chunks\/[^/]+)|scroll)$/.test(path),
    )
    expect(strange).toEqual([])
    expect(other.seen).toEqual([])
    await other.close()
  })
})

describe('lists', () => {
  test('of a vendor that links to another host or path end with an error, and nothing is sent there', async () => {
    const other = await startVendor(() => ({ json: { data: [] } }))
    for (const next of [`${other.url}/base/things`, `${vendor.url}/base/admin`, `${vendor.url}/admin?at=3`]) {
      vendor.answer = () => ({ json: { data: [{ id: 1 }], next } })
      const found = listing(list({ items: 'data', pagination: { kind: 'next-url', path: 'next' } }))
      expect(await failureOf(idsOf(found))).toMatchObject({ kind: 'protocol', code: 'link', sent: 'none' })
    }
    expect(other.seen).toEqual([])
    expect(new Set(vendor.seen.map(({ url }) => url.pathname))).toEqual(new Set(['/base/things']))
    await other.close()
  })

  test('end with an error where the vendor gives the same page for ever', async () => {
    vendor.answer = () => ({ json: { data: [{ id: 1 }], next: '/base/things?at=3' } })
    const found = listing(list({ items: 'data', pagination: { kind: 'next-url', path: 'next' } }))
    expect(await failureOf(idsOf(found))).toMatchObject({ kind: 'protocol' })
    expect(vendor.seen.length).toBe(2)
  })

  test('ask for as many records as the caller wants, up to what the vendor gives', async () => {
    vendor.answer = () => ({ json: [] })
    const operation = { request: 'GET /base/things', input: { count: { in: 'query', as: 'limit', type: 'integer' } } }
    const connection = list({ operation, pagination: { kind: 'link-header', sizeKey: 'limit', size: 50, max: 100 } })
    for (const count of [undefined, 7, 1000]) await idsOf(listing(connection, { count }))
    expect(vendor.seen.map(({ target }) => target)).toEqual(
      ['?limit=50', '?limit=7', '?limit=100'].map((end) => `/base/things${end}`),
    )
  })

  test('take what is wanted of each record', async () => {
    vendor.answer = () => ({ json: { d: [{ wrapped: { id: 4 } }] } })
    const operation = {
      list: {
        items: 'd',
        each: 'wrapped',
        schema: { type: 'object', required: ['id'] },
        pagination: { kind: 'none', reason: 'x' },
      },
    }
    const manifest = smallManifest({
      operations: { 'thing.list': { summary: 'x', effect: 'read', ...query, ...operation } },
    })
    const connection = connectTo(manifest, { url: vendor.url })
    opened.push(connection)
    expect(await idsOf(listing(connection))).toEqual([4])
  })

  test('in XML, also of one record', async () => {
    const operation = {
      request: 'GET /hosts',
      output: { as: 'xml' },
      list: { items: 'r.h', schema: { type: 'object' }, pagination: { kind: 'none', reason: 'x' } },
    }
    const manifest = smallManifest({ operations: { 'thing.list': { summary: 'x', effect: 'read', ...operation } } })
    for (const [text, count] of [
      ['<r/>', 0],
      ['<r><h id="1"/></r>', 1],
      ['<r><h id="1"/><h id="2"/></r>', 2],
    ] as const) {
      vendor.answer = () => ({ text })
      const connection = connectTo(manifest, { url: vendor.url })
      opened.push(connection)
      expect((await idsOf(listing(connection))).length).toBe(count)
    }
  })

  test('of exports in CSV', async () => {
    const export_ = { kind: 'export-job', job: 'id', poll: { request: 'GET /e/{job}', everyMs: 100, done: 'done' } }
    const pagination = { ...export_, download: { request: 'GET /e/{job}/file', format: 'csv' } }
    vendor.answer = ({ target }) =>
      target === '/e/1/file' ? { text: 'id,name\n7,a\n8,b\n' } : { json: { id: 1, done: true } }
    const list = { schema: { type: 'object', required: ['id'] }, pagination }
    const manifest = smallManifest({
      operations: { 'thing.list': { summary: 'x', request: 'POST /e', effect: 'read', list } },
    })
    const connection = connectTo(manifest, { url: vendor.url })
    opened.push(connection)
    expect(await idsOf(listing(connection))).toEqual(['7', '8'])
  })

  test('of errors beside data in GraphQL fail', async () => {
    vendor.answer = () => ({ json: { data: { team: { issues: { nodes: [] } } }, errors: [{ message: 'half' }] } })
    const found = listing(
      list({ operation: graphql, pagination: { kind: 'graphql-relay', connection: 'team.issues', after: 'after' } }),
    )
    expect(await failureOf(idsOf(found))).toMatchObject({ kind: 'unexpected', status: 200 })
  })

  test('of windows of time go on through any number of empty ones', async () => {
    vendor.answer = (request) => ({ json: number(request, 'to') > (Date.now() - 2 * day) / 1000 ? [{ id: 5 }] : [] })
    const operation = { request: 'GET /base/events', input: { since: { ...time, as: 'from' } } }
    const pagination = { kind: 'time-window', from: 'from', to: 'to', format: 'unix-s', windowMs: day }
    const connection = list({ operation, pagination })
    const ids = await idsOf(listing(connection, { since: new Date(Date.now() - 1100.5 * day).toISOString() }))
    expect(ids).toEqual([5, 5, 5])
    expect(vendor.seen.length).toBe(1101)
  })

  test('of GraphQL do not repeat the credential in their errors', async () => {
    const secret = 'list-secret-value-1'
    const entry = {
      schema: { type: 'object' },
      pagination: { kind: 'graphql-relay', connection: 'team.issues', after: 'after' },
    }
    const manifest = smallManifest({
      credentials: [{ id: 'key', scheme: 'api-key', settle: { in: 'header', name: 'x-key' } }],
      operations: { 'thing.list': { summary: 'x', effect: 'read', ...graphql, list: entry } },
    })
    vendor.answer = () => ({ json: { errors: [{ message: `bad ${secret}` }] } })
    const make = (integration(manifest) as AnyIntegration).credential.key as unknown as (fields: object) => never
    const connection = connectTo(manifest, { url: vendor.url }, { credential: make({ key: secret }) })
    opened.push(connection)
    const error = await failureOf(idsOf(listing(connection)))
    expect(String(error) + JSON.stringify(error)).not.toContain(secret)
    expect(error.issues).toMatchObject([{ message: 'bad [secret]' }])
  })

  test('whose export fails, or never ends before the deadline, end', async () => {
    const kind = kinds.find(({ name }) => name === 'export-job') as Kind
    vendor.answer = ({ method }) => ({ json: method === 'POST' ? { export: { id: 1 } } : { state: 'failed' } })
    expect(await failureOf(idsOf(listing(list(kind))))).toMatchObject({ code: 'export-failed', retry: 'never' })
    vendor.answer = ({ method }) => ({ json: method === 'POST' ? { export: { id: 1 } } : { state: 'working' } })
    const connection = list(kind)
    const pages = connection.thing?.list?.({}, { timeoutMs: 50 }) as never as Listing
    const begun = performance.now()
    expect(await failureOf(idsOf(pages))).toMatchObject({ kind: 'timeout' })
    expect(performance.now() - begun).toBeLessThan(1000)
    const controller = new AbortController()
    setTimeout(() => controller.abort(new Error('given up')), 30)
    const aborted = connection.thing?.list?.({}, { signal: controller.signal }) as never as Listing
    expect(await failureOf(idsOf(aborted))).toMatchObject({ message: 'given up' })
  })
})
