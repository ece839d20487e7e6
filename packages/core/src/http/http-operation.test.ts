import { expect, expectTypeOf, it } from 'vitest'
import { z } from 'zod'
import type { CallOptions } from '../call-options.ts'
import { connect } from '../connection.ts'
import { defineConnector } from '../connector.ts'
import type { Operation } from '../operation.ts'
import type { Schema } from '../schema.ts'
import type { StreamSpec } from '../stream.ts'
import { fakeTransport } from '../testing/transports/fake-transport.ts'
import type { HttpClient } from './client-request.ts'
import { httpClient } from './http-client.ts'
import { httpOperation } from './http-operation.ts'
import { pagedHttpOperation } from './paged-http-operation.ts'
import { cursor } from './paging.ts'
import { path } from './path.ts'

const page = z.strictObject({ size: z.number().default(50), since: z.coerce.date().optional() })
const output = z.object({ id: z.string() })
const byType: Schema<{ id: string }> = output

/** Written where authors write them: in the call of `defineConnector`, whose expected type must not get into the operations' own. */
const connector = defineConnector({
  contract: 1,
  manifest: { id: 'test/types', title: 'Types', summary: 'Types of operations.', version: '1.0.0' },
  config: z.strictObject({ url: z.url().default('https://vendor.example') }),
  credentials: [],
  operations: {
    'item.get': httpOperation(
      { name: 'item.get', effect: 'read', input: page, output },
      { request: ({ size, since }) => ({ path: path`/items`, query: { size, since } }) },
    ),
    'item.typed': httpOperation(
      { name: 'item.typed', effect: 'read', input: byType, output: byType },
      { request: ({ id }) => ({ path: path`/items/${id}` }) },
    ),
    'item.delete': httpOperation(
      { name: 'item.delete', effect: 'idempotent', risk: 'destructive', input: output, output },
      { request: ({ id }) => ({ method: 'DELETE', path: path`/items/${id}` }) },
    ),
    'item.list': pagedHttpOperation(
      { name: 'item.list', effect: 'read', input: page, item: output },
      {
        request: ({ size }) => ({ path: path`/list`, query: { size } }),
        paging: cursor({ path: 'next', send: { query: 'c' } }),
      },
    ),
    'item.all': pagedHttpOperation(
      { name: 'item.all', effect: 'read', input: z.strictObject({}), item: output },
      { request: () => ({ path: path`/all` }), items: 'items', paging: cursor({ path: 'next', send: { query: 'c' } }) },
    ),
  },
  open: async ({ url }, env) => httpClient({ ...env, baseUrl: url }),
})

const connected = (script: Parameters<typeof fakeTransport>[0]) => {
  const transport = fakeTransport(script)
  return { transport, connection: connect(connector, { config: {}, transport }) }
}

it('lets callers leave out what the input schema has a default for', async () => {
  const { connection, transport } = connected({ 'GET /items': { json: { id: '1' } } })
  expectTypeOf(connection.item.get)
    .parameter(0)
    .toEqualTypeOf<{ size?: number | undefined; since?: unknown } | undefined>()
  await connection.item.get({})
  await connection.item.get({ since: '2026-01-02' })
  expect(transport.requests.map(({ url }) => url)).toEqual([
    'https://vendor.example/items?size=50',
    'https://vendor.example/items?size=50&since=2026-01-02T00%3A00%3A00.000Z',
  ])
})

it('takes what comes out of a schema that says nothing about what goes in', () => {
  const { connection } = connected({})
  expectTypeOf(connection.item.typed).parameter(0).toEqualTypeOf<{ id: string }>()
})

it('keeps the risk: options may be left out or be undefined, but for destructive calls', () => {
  expectTypeOf(connector.operations['item.typed']).toEqualTypeOf<
    Operation<{ id: string }, { id: string }, HttpClient, 'normal', unknown>
  >()
  const { connection } = connected({})
  expectTypeOf(connection.item.typed).parameter(1).toEqualTypeOf<CallOptions | undefined>()
  expectTypeOf(connection.item.delete).parameter(1).toExtend<Required<Pick<CallOptions, 'approval'>>>()
})

it('goes on from a kept page, also where the input is empty or has defaults', async () => {
  const { connection } = connected({
    'GET /all?c=b': { json: { items: [{ id: '3' }], next: null } },
    'GET /list?size=50&c=b': { json: [{ id: '4' }] },
  })
  expect(await connection.item.all({ $page: 'b' }).take(9)).toEqual([{ id: '3' }])
  expect(await connection.item.list({ $page: 'b' }).take(9)).toEqual([{ id: '4' }])
})

it('gives the idempotency key to vendors that want it in the body', async () => {
  const create = httpOperation(
    {
      name: 'item.create',
      effect: 'write',
      idempotency: 'vendor-key',
      input: z.object({ id: z.string() }),
      output: z.unknown(),
    },
    {
      request: ({ id }, { idempotencyKey }) => ({
        method: 'POST',
        path: '/items',
        json: { id, dedup_key: idempotencyKey },
      }),
    },
  )
  const transport = fakeTransport({ 'POST /items': { json: {} } })
  const keyed = defineConnector({ ...connector, operations: { 'item.create': create } })
  const connection = connect(keyed, { config: {}, transport })
  await connection.item.create({ id: '1' }, { idempotencyKey: 'mine' })
  await connection.item.create({ id: '2' })
  const keys = transport.requests.map((request) => (request.json() as { dedup_key: string }).dedup_key)
  expect(keys[0]).toBe('mine')
  expect(keys[1]).toMatch(/^[0-9a-f-]{36}$/)
})

it('keeps the types of the streams', () => {
  const stream: StreamSpec<unknown, { id: string }> = {
    name: 'items',
    order: 'ascending',
    boundary: 'inclusive',
    cursorKind: 'opaque',
    record: z.object({ id: z.string() }),
    key: ({ id }) => id,
    async *read() {
      yield { items: [] }
    },
  }
  const streaming = defineConnector({ ...connector, streams: { items: stream } })
  expectTypeOf(streaming.streams.items).toEqualTypeOf<typeof stream>()
  // @ts-expect-error there is no such stream
  expect(streaming.streams.others).toBeUndefined()
})
