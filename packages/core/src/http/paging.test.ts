import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { systemClock } from '../clock.ts'
import { connect } from '../connection.ts'
import { defineConnector } from '../connector.ts'
import { isPatchbayError, type PatchbayError } from '../errors.ts'
import { httpClient } from './http-client.ts'
import { linkTarget } from './link-header.ts'
import { pagedHttpOperation } from './paged-http-operation.ts'
import { cursor, linkHeader, nextLink, offset, type Paging, pageNumber } from './paging.ts'
import { undiciTransport } from './undici-transport.ts'

interface Seen {
  readonly url: URL
  readonly headers: Record<string, unknown>
  readonly body: Record<string, unknown>
}
type Vendor = (seen: Seen) => { body: unknown; headers?: Record<string, string> }

const servers: Server[] = []
const transport = undiciTransport({ clock: systemClock, allow: [{ cidr: '127.0.0.0/8' }] })
afterAll(() => transport.close())
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  }
})

async function lists(vendor: Vendor, paging: Paging, options: { items?: string; json?: boolean } = {}) {
  const seen: string[] = []
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = []
    for await (const part of request) parts.push(part as Buffer)
    const url = new URL(request.url ?? '', `http://${request.headers.host}`)
    seen.push(url.pathname + url.search)
    const text = Buffer.concat(parts).toString()
    const { body, headers } = vendor({ url, headers: request.headers, body: text === '' ? {} : JSON.parse(text) })
    response.writeHead(200, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body))
  })
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const list = pagedHttpOperation(
    {
      name: 'item.list',
      effect: 'read',
      input: z.strictObject({ since: z.string().optional() }),
      item: z.object({ id: z.number() }),
    },
    {
      request: ({ since }) =>
        options.json === true
          ? { method: 'POST', path: '/items', json: { since } }
          : { path: '/items', query: { since } },
      items: options.items,
      wire: z.object({ number: z.number() }),
      output: ({ number }) => ({ id: number }),
      paging,
    },
  )
  const connection = connect(
    defineConnector({
      contract: 1,
      manifest: { id: 'test/list', title: 'List', summary: 'A test.', version: '1.0.0' },
      config: z.object({}),
      credentials: [],
      operations: { 'item.list': list },
      open: async (_config, env) =>
        httpClient({ ...env, baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }),
    }),
    { config: {}, transport },
  )
  return { connection, seen }
}

const records = (from: number, to: number) =>
  Array.from({ length: Math.max(0, to - from) }, (_, at) => ({ number: from + at }))
const total = 7

async function failure(work: Promise<unknown>): Promise<PatchbayError> {
  try {
    await work
  } catch (error) {
    if (isPatchbayError(error)) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

describe('pagedHttpOperation', () => {
  const kinds: readonly (readonly [string, Vendor, Paging, { items?: string; json?: boolean }, number])[] = [
    [
      'Link headers',
      ({ url }) => {
        const at = Number(url.searchParams.get('page') ?? 0)
        const link = `<${url.origin}/items?page=${at + 3}&since=x>; rel="next", <${url.origin}/items>; rel="first"`
        return { body: records(at, Math.min(at + 3, total)), ...(at + 3 < total ? { headers: { link } } : {}) }
      },
      linkHeader(),
      {},
      3,
    ],
    [
      'relative links in the body',
      ({ url }) => {
        const at = Number(url.searchParams.get('skip') ?? 0)
        const next = at + 3 < total ? `/items?skip=${at + 3}` : null
        return { body: { value: records(at, Math.min(at + 3, total)), '@next': next } }
      },
      nextLink('@next'),
      { items: 'value' },
      3,
    ],
    [
      'a cursor in the body, sent as query',
      ({ url }) => {
        const at = Number(url.searchParams.get('after')?.slice(1) ?? 0)
        return {
          body: {
            data: { rows: records(at, Math.min(at + 3, total)) },
            meta: { after: `c${at + 3}`, more: at + 3 < total },
          },
        }
      },
      cursor({ path: 'meta.after', send: { query: 'after' }, more: 'meta.more' }),
      { items: 'data.rows' },
      3,
    ],
    [
      'a token in the body, sent in the JSON body',
      ({ body }) => {
        const at = Number(body.token ?? 0)
        return { body: { rows: records(at, Math.min(at + 3, total)), next: at + 3 < total ? at + 3 : '' } }
      },
      cursor({ path: 'next', send: { json: 'token' } }),
      { items: 'rows', json: true },
      3,
    ],
    [
      'a cursor in headers, given with every page',
      ({ headers }) => {
        const at = Number(headers['x-from'] ?? 0)
        const end = Math.min(at + 3, total)
        return { body: records(at, end), headers: { 'X-Next': `${end + (at === end ? 1 : 0)}` } }
      },
      cursor({ header: 'X-Next', send: { header: 'X-From' }, alwaysHasNext: true }),
      {},
      4,
    ],
    [
      'offset and limit without a total, from a vendor that gives less than asked',
      ({ url }) => {
        const at = Number(url.searchParams.get('offset'))
        expect(url.searchParams.get('limit')).toBe('5')
        return { body: records(at, Math.min(at + 3, total)) }
      },
      offset({ size: 5 }),
      {},
      4,
    ],
    [
      'offset from 1 with a total',
      ({ url }) => {
        const at = Number(url.searchParams.get('startIndex')) - 1
        return { body: { totalResults: total, Resources: records(at, Math.min(at + 4, total)) } }
      },
      offset({ offset: 'startIndex', limit: 'count', size: 4, first: 1, total: 'totalResults' }),
      { items: 'Resources' },
      2,
    ],
    [
      'offset and limit with a flag for more',
      ({ url }) => {
        const at = Number(url.searchParams.get('offset'))
        return { body: { more: at + 4 < total, rows: records(at, Math.min(at + 4, total)) } }
      },
      offset({ size: 4, more: 'more' }),
      { items: 'rows' },
      2,
    ],
    [
      'numbered pages with their number',
      ({ url }) => {
        const at = (Number(url.searchParams.get('page')) - 1) * 3
        return { body: { pages: 3, rows: records(at, Math.min(at + 3, total)) } }
      },
      pageNumber({ pages: 'pages' }),
      { items: 'rows' },
      3,
    ],
    [
      'numbered pages whose short page is the last',
      ({ url }) => {
        const at = Number(url.searchParams.get('p')) * 3
        return { body: records(at, Math.min(at + 3, total)) }
      },
      pageNumber({ page: 'p', limit: 'size', size: 3, first: 0, shortIsLast: true }),
      {},
      3,
    ],
    [
      'numbered pages in the body, counted up to a total by a vendor that caps the page size',
      ({ body }) => {
        const at = (Number((body.paging as { page?: number }).page) - 1) * 3
        return { body: { items: records(at, Math.min(at + 3, total)), total } }
      },
      pageNumber({ in: 'json', page: 'paging.page', limit: 'paging.size', size: 500, total: 'total' }),
      { items: 'items', json: true },
      3,
    ],
    [
      'offsets in the body',
      ({ body }) => {
        const { from = 0, count = 0 } = body.range as { from?: number; count?: number }
        return { body: records(from, Math.min(from + count, total)) }
      },
      offset({ in: 'json', offset: 'range.from', limit: 'range.count', size: 3, shortIsLast: true }),
      { json: true },
      3,
    ],
    [
      'a list that the vendor first prepares, after the pauses that it wants',
      ({ url }) => ({ body: url.searchParams.get('job') === '2' ? { made: records(0, total) } : { state: 'working' } }),
      {
        request: (base, position) => (position === undefined ? base : { ...base, query: { job: position } }),
        waitMs: (position) => (position === undefined ? 0 : 5),
        items: ({ value }) => (value as { made?: readonly unknown[] }).made ?? [],
        next: ({ count, position }) => (count > 0 ? undefined : String(Number(position ?? 0) + 1)),
      },
      {},
      3,
    ],
  ]

  it.each(kinds)('reads %s', async (_, vendor, paging, options, requests) => {
    const { connection, seen } = await lists(vendor, paging, options)
    const ids: number[] = []
    for await (const item of connection.item.list({ since: 'x' })) ids.push(item.id)
    expect(ids).toEqual([0, 1, 2, 3, 4, 5, 6])
    expect(seen.length).toBe(requests)
    await connection.$close()
  })

  it('goes on from the position of a page', async () => {
    const [, vendor, paging, options] = kinds[2] as (typeof kinds)[number]
    const { connection, seen } = await lists(vendor, paging, options)
    let position: string | undefined
    for await (const page of connection.item.list({}).pages()) {
      position = page.output.next
      break
    }
    const ids: number[] = []
    for await (const item of connection.item.list({ $page: position })) ids.push(item.id)
    expect(ids).toEqual([3, 4, 5, 6])
    expect(seen[1]).toBe('/items?after=c3')
  })

  it('keeps the author’s input strict beside $page', async () => {
    const { connection, seen } = await lists(() => ({ body: [] }), linkHeader())
    for (const input of [{ other: 1 }, { $page: 5 }, { $page: '' }, { other: 1, $page: 'x' }]) {
      expect(await failure(connection.item.list(input as never).take(1))).toMatchObject({ kind: 'invalid-input' })
    }
    expect(seen).toEqual([])
  })

  it('names the record and field that drifted', async () => {
    const body = { rows: [{ number: 1 }, { number: 'two' }] }
    const { connection } = await lists(() => ({ body }), linkHeader(), { items: 'rows' })
    const error = await failure(connection.item.list({}).take(5))
    expect(error).toMatchObject({ kind: 'protocol', attempts: 1 })
    expect(error.issues[0]?.path).toBe('rows.1.number')
  })

  it.each([
    [{}, 'missing'],
    [{ rows: null }, 'null'],
    [{ rows: { a: 1 } }, 'object'],
    ['rows', 'missing'],
  ])('refuses %j, which has no array of records', async (body, what) => {
    const { connection } = await lists(() => ({ body }), linkHeader(), { items: 'rows' })
    const error = await failure(connection.item.list({}).take(5))
    expect(error).toMatchObject({ kind: 'protocol', code: 'no-records' })
    expect(error.message).toContain(what)
  })

  it('stops with an error when the vendor gives the same position again', async () => {
    const { connection, seen } = await lists(
      () => ({ body: { rows: [{ number: 1 }], next: 'same' } }),
      cursor({ path: 'next', send: { query: 'after' } }),
      { items: 'rows' },
    )
    expect(await failure(connection.item.list({}).take(50))).toMatchObject({
      kind: 'protocol',
      code: 'cursor-repeated',
    })
    expect(seen.length).toBe(2)
  })

  it('follows no link to another origin, and sends nothing there', async () => {
    const { connection, seen } = await lists(
      () => ({ body: [{ number: 1 }], headers: { link: '<http://evil.example/items>; rel=next' } }),
      linkHeader(),
    )
    expect(await failure(connection.item.list({}).take(50))).toMatchObject({ kind: 'protocol', sent: 'none' })
    expect(seen.length).toBe(1)
  })

  it('goes on over an empty page that has a next one', async () => {
    const pages: Record<string, unknown> = {
      '': { rows: [{ number: 0 }], next: 'a' },
      a: { rows: [], next: 'b' },
      b: { rows: [{ number: 1 }], next: null },
    }
    const { connection } = await lists(
      ({ url }) => ({ body: pages[url.searchParams.get('after') ?? ''] }),
      cursor({ path: 'next', send: { query: 'after' } }),
      { items: 'rows' },
    )
    expect(await connection.item.list({}).take(9)).toEqual([{ id: 0 }, { id: 1 }])
  })
})

describe('linkTarget', () => {
  it.each([
    ['</x?c=1>; rel="previous"; results="false", </x?c=2>; rel="next"; results="true"', '/x?c=2'],
    ['</x?c=1>; rel="previous"; results="true", </x?c=2>; rel="next"; results="false"', undefined],
    ['</x>; Results=true; rel=next', '/x'],
    ['</x>; rel=next', undefined],
  ])('takes only links with a parameter: %s', (header, expected) => {
    expect(linkTarget(header, 'next', { name: 'results', equals: 'true' })).toBe(expected)
  })

  it.each([
    ['<https://a/b?c=1,2>; rel="next"', 'https://a/b?c=1,2'],
    ['</first>; rel=first, </n>; title="a, b; rel=\\"x\\""; rel="prev NEXT"', '/n'],
    ['</a>;rel="last",</b>;rel="next"', '/b'],
    ['  </b> ; rel = next ', '/b'],
    ['</a>; rel="nextish"', undefined],
    ['</a>', undefined],
    ['garbage', undefined],
    ['', undefined],
  ])('reads %j', (header, expected) => {
    expect(linkTarget(header, 'next')).toBe(expected)
    expect(linkTarget(['</x>; rel=first', header], 'next')).toBe(expected)
  })

  it('does not hang on hostile text', () => {
    const before = performance.now()
    linkTarget(`<a>${'; a'.repeat(20_000)}<`, 'next')
    linkTarget(`<a>${' '.repeat(50_000)}x`, 'next')
    linkTarget(`<a>;a="${'\\'.repeat(50_000)}`, 'next')
    expect(performance.now() - before).toBeLessThan(1000)
  })
})
