import { connect, isPatchbayError, jsonSchemaOf, type PolicyOptions } from '@patchbay/core'
import { bearer } from '@patchbay/core/credentials'
import { path } from '@patchbay/core/http'
import { memoryStore } from '@patchbay/core/stores/memory'
import { readStream } from '@patchbay/core/streams'
import { leakCheck } from '@patchbay/core/testing'
import axios from 'axios'
import { afterEach, beforeEach, describe, expect, expectTypeOf, it } from 'vitest'
import { z } from 'zod'
import type { APIAnswer, APIPage } from '../../request/index.ts'
import { type ShopServer, shopServer } from './fixtures/shop-server.ts'
import { type RestConfig, rest, restConfig, restStream } from './index.ts'

const secret = 'rest-secret-token'
const product = z.object({ id: z.number(), name: z.string(), changed: z.string() })
let shop: ShopServer
beforeEach(async () => {
  shop = await shopServer()
})
afterEach(() => shop[Symbol.asyncDispose]())

const quick: PolicyOptions = { retry: { attempts: 3, baseMs: 1 } }

function open(config: Partial<RestConfig> = {}, policies: PolicyOptions = quick, drivers = {}) {
  return connect(rest, {
    config: { url: shop.url, ...config },
    credential: bearer({ token: secret }),
    network: { allow: [{ host: '127.0.0.1' }] },
    policies,
    drivers,
  })
}

const lines = (): readonly string[] => shop.requests.map(({ line }) => line)

describe('answers', () => {
  it('are typed by the schema of the call, and have ETag and status', async () => {
    await using connection = open()
    const answer = await connection.resource.get({ path: path`/products/${7}`, schema: product })
    expectTypeOf(answer.value).toEqualTypeOf<{ id: number; name: string; changed: string }>()
    expect(answer).toMatchObject({
      status: 200,
      value: { id: 7, name: 'Product 7' },
      etag: expect.stringMatching(/^"/),
    })
    expect(shop.requests[0]?.headers.get('authorization')).toBe(`Bearer ${secret}`)
  })

  it('are typed by what the caller says where nothing is checked', async () => {
    await using connection = open()
    const believed = await connection.resource.get<{ id: number }>({ path: '/products/1' })
    expectTypeOf(believed).toEqualTypeOf<APIAnswer<{ id: number }>>()
    const { value } = await connection.resource.get({ path: '/products/1', expect: 'text' })
    expectTypeOf(value).toEqualTypeOf<string>()
    expect(JSON.parse(value)).toMatchObject({ id: 1 })
  })

  it('of another shape are protocol errors that name the field', async () => {
    await using connection = open()
    const read = connection.resource.get({ path: '/products/1', schema: z.object({ price: z.number() }) })
    await expect(read).rejects.toMatchObject({ kind: 'protocol', issues: [{ path: 'price' }] })
    await expect(connection.resource.get({ path: '/login' })).rejects.toMatchObject({ kind: 'protocol' })
    for (const way of ['ndjson', 'csv', 'xml'] as const)
      await expect(connection.request.read({ path: '/login', expect: way })).rejects.toMatchObject({
        kind: 'protocol',
        code: 'content-type',
      })
  })

  it('can be lines, tables and XML', async () => {
    await using connection = open()
    const { value: rows } = await connection.request.read({ path: '/lines', expect: 'ndjson' })
    expect(await collect(rows.records())).toEqual([{ id: 1 }, { id: 2 }, { id: 'three' }])
    const checked = await connection.request.read({
      path: '/lines',
      expect: 'ndjson',
      schema: z.object({ id: z.number() }),
    })
    await expect(collect(checked.value.records())).rejects.toMatchObject({ kind: 'protocol', issues: [{ path: 'id' }] })
    const table = await connection.request.read({ path: '/table', expect: 'csv' })
    expect(await collect(table.value.records())).toEqual([
      { id: '1', name: 'a, b' },
      { id: '2', name: 'line\r\nbreak' },
    ])
    const broken = await connection.request.read({ path: '/broken-table', expect: 'csv' })
    await expect(collect(broken.value.records())).rejects.toMatchObject({ kind: 'protocol', code: 'bad-csv' })
    const { value: xml } = await connection.request.read({ path: '/xml', expect: 'xml' })
    expect(xml.local).toBe('items')
  })

  it('with status 200 are errors where the config says so', async () => {
    const codes = { channel_not_found: 'not-found', slow_down: { kind: 'rate-limited', retry: 'never' } } as const
    await using connection = open({ errors: { failed: { path: 'ok', is: false }, codes } })
    const read = (error: string) => connection.request.read({ path: '/slack', query: { error } })
    await expect(read('channel_not_found')).rejects.toMatchObject({ kind: 'not-found', code: 'channel_not_found' })
    await expect(read('slow_down')).rejects.toMatchObject({ kind: 'rate-limited', retry: 'never' })
    await expect(read('other')).rejects.toMatchObject({ kind: 'unexpected', code: 'other', status: 200 })
  })

  it('read JSON:API errors', async () => {
    await using connection = open()
    await expect(connection.resource.get({ path: '/products/999' })).rejects.toMatchObject({
      kind: 'not-found',
      code: 'E404',
      detail: 'there is no such product',
    })
  })
})

describe('lists', () => {
  it('go through all pages, lazily, by the Link header', async () => {
    await using connection = open()
    const list = connection.resource.list({ path: '/products', schema: product })
    expectTypeOf(list).toExtend<AsyncIterable<{ id: number }>>()
    const ids: number[] = []
    for await (const { id } of list) ids.push(id)
    expect(ids).toEqual(Array.from({ length: 25 }, (_, index) => index + 1))
    expect(lines()).toHaveLength(3)
    shop.requests.length = 0
    expect(await list.take(10)).toHaveLength(10)
    expect(lines()).toEqual(['GET /v1/products'])
  })

  it('take their paging from the call, as data or as core makes it, or from the config', async () => {
    await using connection = open({ paging: { kind: 'offset', size: 10, total: 'total' }, items: 'data' })
    expect(await connection.resource.list({ path: '/offsets' }).take(100)).toHaveLength(25)
    expect(lines()).toHaveLength(3)
    const paging = { kind: 'cursor', path: 'cursor', send: { query: 'after' }, alwaysHasNext: true } as const
    expect(await connection.request.list({ path: '/feed', paging }).take(100)).toHaveLength(25)
    expect(
      await connection.request.list({ path: '/products', items: '', paging: { kind: 'linkHeader' } }).take(99),
    ).toHaveLength(25)
  })

  it('go on from a page that was kept', async () => {
    await using connection = open()
    let first: APIPage<unknown> | undefined
    for await (const { output } of connection.resource.list({ path: '/products' }).pages()) {
      first = output
      break
    }
    const rest = await connection.resource.list<{ id: number }>({ path: '/products', $page: first?.next }).take(100)
    expect(rest[0]?.id).toBe(11)
    expect(rest).toHaveLength(15)
  })
})

describe('writes', () => {
  it('say by their operation what sending twice does, and not by their verb', async () => {
    const effect = (name: keyof typeof rest.operations): string => rest.operations[name].spec.effect
    expect(effect('resource.update')).toBe('write')
    expect(effect('resource.replace')).toBe('idempotent')
    await using connection = open({}, { ...quick, breaker: false })
    shop.created = 0
    await expect(
      connection.request.write({ path: '/products', json: { name: 'x' }, headers: { 'idempotency-key': 'own' } }),
    ).rejects.toMatchObject({ kind: 'unavailable' })
    expect(shop.created).toBe(1)
  })

  it('are repeated under one key, and done once', async () => {
    await using connection = open()
    const before = shop.products.size
    const answer = await connection.resource.createOnce({ path: '/products', json: { name: 'New', changed: '' } })
    expect(answer).toMatchObject({ status: 201, location: `/v1/products/${before + 1}` })
    expect(shop.products.size).toBe(before + 1)
    const keys = shop.requests.map(({ headers }) => headers.get('idempotency-key'))
    expect(keys).toHaveLength(2)
    expect(new Set(keys).size).toBe(1)
    shop.products.delete(before + 1)
  })

  it('hold only under their conditions', async () => {
    await using connection = open()
    const { etag, value } = await connection.resource.get({ path: '/products/3', schema: product })
    const same = await connection.resource.get({ path: '/products/3', schema: product, ifNoneMatch: etag as string })
    expectTypeOf(same.value).toEqualTypeOf<{ id: number; name: string; changed: string } | undefined>()
    expect([same.status, same.value]).toEqual([304, undefined])
    const replaced = await connection.resource.replace({
      path: '/products/3',
      json: { ...value, name: 'N' },
      ifMatch: etag,
    })
    expect(replaced.status).toBe(200)
    await expect(
      connection.resource.replace({ path: '/products/3', json: value, ifMatch: etag }),
    ).rejects.toMatchObject({ kind: 'conflict', status: 412 })
    await expect(
      connection.resource.replace({ path: '/products/3', json: value, ifNoneMatch: '*' }),
    ).rejects.toMatchObject({ kind: 'conflict' })
    await connection.resource.replace({ path: '/products/3', json: value })
  })

  it('that destroy need an approval, to compile and to run', async () => {
    await using connection = open()
    // @ts-expect-error no approval
    await expect(connection.resource.delete({ path: '/products/25' })).rejects.toMatchObject({ kind: 'permission' })
    expect(lines()).toEqual([])
    const approval = { by: 'test', reason: 'clean up' }
    const kept = shop.products.get(25)
    expect(await connection.resource.delete({ path: '/products/25' }, { approval })).toMatchObject({ status: 204 })
    if (kept !== undefined) shop.products.set(25, kept)
  })
})

describe('bodies', () => {
  it('of several parts stream with a known length', async () => {
    await using connection = open()
    const chunks = async function* () {
      yield Buffer.from('chunk 1,')
      yield Buffer.from('chunk 2')
    }
    const multipart = [
      { name: 'title', value: 'Grüße' },
      { name: 'file', value: { open: chunks, size: 15 }, fileName: 'a"b.txt', type: 'text/plain' },
      { name: 'blob', value: new File(['blob'], 'c.bin') },
    ]
    await connection.request.write({ path: '/uploads', multipart })
    expect(shop.upload?.parts).toEqual([
      ['title', 'Grüße'],
      ['file', expect.stringMatching(/^a.*b\.txt text\/plain.* chunk 1,chunk 2$/)],
      ['blob', 'c.bin application/octet-stream blob'],
    ])
    expect(Number(shop.upload?.length)).toBeGreaterThan(100)
    await connection.request.write({ path: '/uploads', multipart: [{ name: 'file', value: { open: chunks } }] })
    expect(shop.upload?.length).toBeUndefined()
  })

  it('that are streams are sent once; sources are opened anew', async () => {
    await using connection = open()
    const source = async function* () {
      yield Buffer.alloc(1000)
    }
    const stream = source()
    const sent = await connection.request.apply({ path: '/raw', method: 'POST', body: stream })
    expect(sent.value).toEqual({ size: 1000, length: null })
    const spent = connection.request.apply({ path: '/raw', method: 'POST', body: stream })
    await expect(spent).rejects.toMatchObject({ kind: 'invalid-input', code: 'body-used' })
    const known = await connection.request.apply({ path: '/raw', method: 'POST', body: { open: source, size: 1000 } })
    expect(known.value).toEqual({ size: 1000, length: '1000' })
    shop.requests.length = 0
    const failing = connection.request.apply({ path: '/busy', method: 'POST', body: source() })
    await expect(failing).rejects.toMatchObject({ retry: 'never' })
    expect(lines()).toHaveLength(1)
    const again = connection.request.apply({ path: '/busy', method: 'POST', body: { open: source } })
    await expect(again).rejects.toMatchObject({ kind: 'unavailable' })
    expect(lines()).toHaveLength(4)
  })
})

describe('input', () => {
  it.each([
    [{}, 'path'],
    [{ path: '/a', link: 'https://x' }, 'path'],
    [{ path: '/a', json: 1, body: 'x' }, 'body'],
    [{ path: '/a', method: 'get' }, 'method'],
    [{ path: '/a', typo: 1 }, 'typo'],
    [{ path: '/a', expect: 'yaml' }, 'expect'],
    [{ path: '/a', range: { from: -1 } }, 'range'],
  ])('%j is refused with the field to blame', async (input, field) => {
    await using connection = open()
    const failure = await connection.request.read(input as never).catch((error: unknown) => error)
    expect(failure).toMatchObject({ kind: 'invalid-input', issues: [{ path: field }] })
    expect(lines()).toEqual([])
  })

  it('of a list is one that each page can be asked with', async () => {
    await using connection = open()
    const stream = (async function* () {
      yield Buffer.from('x')
    })()
    for (const input of [
      { path: '/products', $page: 5 as never },
      { path: '/products', body: stream },
    ])
      await expect(connection.request.list(input).take(1)).rejects.toMatchObject({ kind: 'invalid-input' })
    expect(lines()).toEqual([])
  })

  it('has a config that forms can show', () => {
    const properties = jsonSchemaOf(restConfig)?.properties as Readonly<Record<string, unknown>>
    expect(Object.keys(properties)).toContain('paging')
  })

  it('leads nowhere but under the base URL', async () => {
    await using connection = open()
    for (const input of [{ path: '/../admin' }, { path: '//evil.example/' }, { link: 'https://evil.example/v1/x' }])
      await expect(connection.request.read(input)).rejects.toSatisfy(isPatchbayError)
    expect(lines()).toEqual([])
  })

  it('that is a wrong config is refused with the field', () => {
    for (const [config, field] of [
      [{ url: 'nowhere' }, 'url'],
      [{ url: shop.url, paging: { kind: 'guess' } }, 'paging.kind'],
    ] as const)
      expect(() => connect(rest, { config: config as never })).toThrow(field)
  })
})

describe('streams', () => {
  it('by time read what is new, each record once', async () => {
    await using connection = open()
    const spec = restStream({
      name: 'products',
      path: '/products',
      since: 'since',
      position: 'changed',
      order: 'ascending',
      boundary: 'inclusive',
      record: product,
    })
    const store = memoryStore()
    const reader = readStream(connection, spec, { store, key: 'products' })
    expect(await collect(reader.records())).toHaveLength(25)
    expect(await collect(reader.records())).toEqual([])
    const added = { id: 26, name: 'Late', changed: '2026-02-01T00:00:00.000Z' }
    shop.products.set(26, added)
    expect(await collect(reader.records())).toEqual([added])
    shop.products.delete(26)
    await store.close()
  })

  it('by token go on from the last page', async () => {
    await using connection = open()
    const place = { path: 'cursor', send: { query: 'after' } } as const
    const spec = restStream({ name: 'feed', path: '/feed', items: 'data', cursor: place, record: product })
    const store = memoryStore()
    const reader = readStream(connection, spec, { store, key: 'feed' })
    expect(await collect(reader.records())).toHaveLength(25)
    expect(await reader.cursor()).toBe('25')
    expect(await collect(reader.records())).toEqual([])
    shop.products.set(26, { id: 26, name: 'Late', changed: '' })
    expect(await collect(reader.records())).toMatchObject([{ id: 26 }])
    shop.products.delete(26)
    await store.close()
  })
})

describe('axios', () => {
  it('comes out of a connection with its transport, credential and errors', async () => {
    await using connection = open()
    const client = await connection.$raw()
    const instance = await client.axios()
    expect(await client.axios()).toBe(instance)
    expect((await instance.get('products/4')).data).toMatchObject({ id: 4 })
    expect(shop.requests[0]?.headers.get('authorization')).toBe(`Bearer ${secret}`)
    await expect(instance.get('products/999')).rejects.toMatchObject({ kind: 'not-found', isAxiosError: true })
    const other = await client.axios({ headers: { 'x-own': 'yes' } })
    await other.get('products/4')
    expect(shop.requests.at(-1)?.headers.get('x-own')).toBe('yes')
  })

  it('goes in with its defaults and interceptors, and rides on the transport', async () => {
    const own = axios.create({
      headers: { 'x-own': 'default' },
      adapter: () => Promise.reject(new Error('own adapter')),
    })
    own.interceptors.request.use((config) => {
      config.headers.set('x-seen', 'request')
      return config
    })
    own.interceptors.response.use((response) => ({ ...response, data: { seen: response.data } }))
    await using connection = open({}, quick, { axios: own })
    const client = await connection.$raw()
    expect(await client.axios()).toBe(own)
    expect((await own.get('products/5')).data).toMatchObject({ seen: { id: 5 } })
    const headers = shop.requests[0]?.headers
    expect([headers?.get('x-own'), headers?.get('x-seen')]).toEqual(['default', 'request'])
    await expect(own.get('login')).rejects.toMatchObject({ kind: 'protocol' })
    await expect(own.get('https://evil.example/')).rejects.toMatchObject({ code: 'link' })
  })
})

it('leaves nothing behind', async () => {
  const leaks = leakCheck({ withinMs: 2000 })
  const connection = open()
  await connection.resource.list({ path: '/products' }).take(5)
  const { value } = await connection.request.read({ path: '/lines', expect: 'ndjson' })
  for await (const _batch of value) break
  await connection.$close()
  await leaks.verify()
})

async function collect<T>(source: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = []
  for await (const one of source) all.push(one)
  return all
}
