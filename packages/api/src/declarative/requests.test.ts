import { text } from 'node:stream/consumers'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { connectTo, failureOf, smallManifest } from './fixtures/small-manifest.ts'
import { startVendor, type Vendor } from './fixtures/vendor.ts'

let vendor: Vendor
const opened: { $close(): Promise<void> }[] = []
beforeAll(async () => {
  vendor = await startVendor()
})
afterAll(() => vendor.close())
afterEach(async () => {
  await Promise.all(opened.splice(0).map((connection) => connection.$close()))
  vendor.seen.length = 0
  vendor.answer = () => ({ json: {} })
})

function live(operation: object, parts: object = {}, config: object = {}) {
  const manifest = smallManifest({
    operations: { 'thing.get': { summary: 'A thing.', request: 'GET /thing', effect: 'read', ...operation } },
    ...parts,
  })
  const connection = connectTo(manifest, { url: vendor.url, ...config })
  opened.push(connection)
  return connection
}

async function sent(operation: object, input: object = {}, parts: object = {}, config: object = {}) {
  await live(operation, parts, config).thing?.get?.(input)
  const [request] = vendor.seen
  if (request === undefined) throw new Error('nothing was sent')
  return request
}

describe('paths', () => {
  test('hold inputs, each encoded as part of one segment', async () => {
    const operation = {
      request: 'GET /a/{id}/{name}:run',
      input: { id: { in: 'path', type: 'integer' }, label: { in: 'path', as: 'name', type: 'string' } },
    }
    const { target } = await sent(operation, { id: 7, label: 'ä/b c?d' })
    expect(target).toBe('/a/7/%C3%A4%2Fb%20c%3Fd:run')
  })

  test('hold lists with commas', async () => {
    const operation = {
      request: 'GET /a/{ids}',
      input: { ids: { in: 'path', type: 'array', items: { type: 'string' } } },
    }
    expect((await sent(operation, { ids: ['a,b', 'c'] })).target).toBe('/a/a%2Cb,c')
  })

  test.each(['..', '.', '../admin', 'a/../b', ''])('refuse %j', async (id) => {
    const connection = live({ request: 'GET /a/{id}', input: { id: { in: 'path', type: 'string' } } })
    expect(await failureOf(connection.thing?.get?.({ id }) as Promise<unknown>)).toMatchObject({
      kind: 'invalid-input',
      sent: 'none',
    })
    expect(vendor.seen).toEqual([])
  })

  test('need their inputs', async () => {
    const connection = live({ request: 'GET /a/{id}', input: { id: { in: 'path', type: 'string' } } })
    const error = await failureOf(connection.thing?.get?.({}) as Promise<unknown>)
    expect(error).toMatchObject({ kind: 'invalid-input', issues: [{ path: 'id' }] })
  })
})

describe('queries', () => {
  test('take fixed pairs from the path and from constants, and inputs go before them', async () => {
    const operation = {
      request: 'GET /a?view=full',
      constants: { query: { limit: 5, sort: 'id' } },
      input: { sort: { in: 'query', type: 'string' }, from: { in: 'query', as: '$from', type: 'string' } },
    }
    expect((await sent(operation, { sort: 'name', from: 'x' })).target).toBe('/a?view=full&limit=5&sort=name&$from=x')
  })

  test.each([
    ['repeat', '/a?t=1&t=2'],
    ['comma', '/a?t=1,2'],
    ['space', '/a?t=1%202'],
    ['pipe', '/a?t=1%7C2'],
    ['bracket', '/a?t[]=1&t[]=2'],
    ['index', '/a?t[0]=1&t[1]=2'],
  ])('write arrays in the style %s', async (style, target) => {
    const operation = {
      request: 'GET /a',
      input: { t: { in: 'query', type: 'array', items: { type: 'integer' }, style } },
    }
    expect((await sent(operation, { t: [1, 2] })).target).toBe(target)
  })

  test('write arrays in the style of the vendor, and one input in its own', async () => {
    const list = { in: 'query', type: 'array', items: { type: 'string' } }
    const operation = { request: 'GET /a', input: { a: list, b: { ...list, style: 'comma' } } }
    const { target } = await sent(operation, { a: ['1', '2'], b: ['3', '4'] }, { transport: { arrays: 'bracket' } })
    expect(target).toBe('/a?a[]=1&a[]=2&b=3,4')
  })

  test('write nested objects deep, and others as JSON', async () => {
    const any = { in: 'query', type: 'object', additionalProperties: true }
    const operation = { request: 'GET /a', input: { f: { ...any, style: 'deep' }, g: any } }
    const { target } = await sent(operation, { f: { s: { gt: 1 }, t: ['x', 'y'] }, g: { a: 1 } })
    expect(target).toBe('/a?f[s][gt]=1&f[t]=x&f[t]=y&g=%7B%22a%22%3A1%7D')
  })

  test.each([
    ['true-false', 'true', 'false'],
    ['1-0', '1', '0'],
    ['yes-no', 'yes', 'no'],
  ])('write booleans as %s', async (booleans, yes, no) => {
    const flag = { in: 'query', type: 'boolean' }
    const operation = { request: 'GET /a', input: { a: flag, b: flag } }
    expect((await sent(operation, { a: true, b: false }, { transport: { booleans } })).target).toBe(
      `/a?a=${yes}&b=${no}`,
    )
  })
})

describe('headers', () => {
  test('come from inputs, constants, the vendor and the configuration', async () => {
    const operation = {
      request: 'GET /a',
      accept: 'application/vnd.small+json',
      constants: { headers: { 'X-Fixed': 'f' } },
      input: { tag: { in: 'header', as: 'If-Match', type: 'string' } },
    }
    const parts = {
      transport: {
        headers: { 'X-Account': { config: 'account' }, 'X-All': 'a' },
        query: { tenant: { config: 'account' } },
      },
      config: { url: { type: 'string' }, account: { type: 'string' } },
    }
    const { headers, target } = await sent(operation, { tag: '"1"' }, parts, { account: 'acme' })
    expect(headers).toMatchObject({
      'if-match': '"1"',
      'x-fixed': 'f',
      'x-account': 'acme',
      'x-all': 'a',
      accept: 'application/vnd.small+json',
    })
    expect(target).toBe('/a?tenant=acme')
  })

  test('cannot carry a line break', async () => {
    const connection = live({ input: { tag: { in: 'header', as: 'x-tag', type: 'string' } } })
    const error = await failureOf(connection.thing?.get?.({ tag: 'a\r\nx-evil: 1' }) as Promise<unknown>)
    expect(error).toMatchObject({ kind: 'invalid-input', sent: 'none', issues: [{ path: 'tag' }] })
    expect(vendor.seen).toEqual([])
  })

  test.each(['Host', 'Content-Length', 'Transfer-Encoding', 'Connection', 'Proxy-Authorization'])(
    'of the transport are none of the manifest: %s',
    async (name) => {
      const connection = live({ input: { tag: { in: 'header', as: name, type: 'string' } } })
      expect(await failureOf(connection.thing?.get?.({ tag: 'x' }) as Promise<unknown>)).toMatchObject({
        kind: 'config',
        code: 'manifest',
      })
    },
  )
})

describe('bodies', () => {
  const post = { request: 'POST /a', effect: 'write' }

  test('JSON by dotted paths, with constants, without what was not given', async () => {
    const operation = {
      ...post,
      constants: { body: { 'ticket.channel': 'api' } },
      input: {
        subject: { in: 'body', as: 'ticket.subject', type: 'string' },
        text: { in: 'body', as: 'ticket.comment.body', type: 'string' },
        tags: { in: 'body', as: 'tags', type: 'array', items: { type: 'string' } },
      },
    }
    const request = await sent(operation, { subject: 's', tags: [] })
    expect(request.json()).toEqual({ ticket: { subject: 's', channel: 'api' }, tags: [] })
    expect(request.headers['content-type']).toBe('application/json')
  })

  test('JSON as a whole, and with a content type of the vendor', async () => {
    const operation = {
      ...post,
      contentType: 'application/merge-patch+json',
      input: { all: { in: 'body', as: '@', type: 'array', items: {} } },
    }
    const request = await sent(operation, { all: [1, { a: null }] })
    expect(request.text).toBe('[1,{"a":null}]')
    expect(request.headers['content-type']).toBe('application/merge-patch+json')
  })

  test('forms', async () => {
    const operation = {
      ...post,
      input: {
        a: { in: 'form', type: 'string' },
        b: { in: 'form', as: 'b[]', type: 'array', items: { type: 'integer' } },
      },
    }
    const request = await sent(operation, { a: 'x y&z', b: [1, 2] })
    expect(request.text).toBe('a=x%20y%26z&b[]=1&b[]=2')
    expect(request.headers['content-type']).toBe('application/x-www-form-urlencoded')
  })

  test('forms with booleans and lists in the style of the vendor and of an input', async () => {
    const list = { in: 'form', type: 'array', items: { type: 'string' } }
    const operation = {
      ...post,
      input: { on: { in: 'form', type: 'boolean' }, a: list, b: { ...list, style: 'comma' } },
    }
    const transport = { arrays: 'bracket', booleans: '1-0' }
    const request = await sent(operation, { on: true, a: ['1', '2'], b: ['3', '4'] }, { transport })
    expect(request.text).toBe('on=1&a[]=1&a[]=2&b=3,4')
  })

  test('multipart, from bytes and streams', async () => {
    const operation = {
      ...post,
      input: {
        note: { in: 'part', type: 'string' },
        file: { in: 'part', as: 'upload', type: 'string', format: 'binary' },
        more: { in: 'part', type: 'string', format: 'binary' },
      },
    }
    const stream = (async function* () {
      yield Buffer.from('stre')
      yield Buffer.from('amed')
    })()
    const { headers, bytes } = await sent(operation, { note: 'ü', file: Buffer.from([1, 2, 255]), more: stream })
    const form = await new Response(new Uint8Array(bytes), {
      headers: { 'content-type': String(headers['content-type']) },
    }).formData()
    expect(form.get('note')).toBe('ü')
    expect([...new Uint8Array(await (form.get('upload') as File).arrayBuffer())]).toEqual([1, 2, 255])
    expect(await (form.get('more') as File).text()).toBe('streamed')
  })

  test('bytes as they come, streamed, with the idempotency key', async () => {
    const operation = {
      ...post,
      body: 'bytes',
      contentType: 'image/png',
      idempotencyHeader: 'X-Key',
      input: { content: { in: 'body', as: '@', type: 'string', format: 'binary' } },
    }
    const connection = live(operation)
    const stream = async function* () {
      for (let part = 0; part < 50; part++) yield new Uint8Array(1000).fill(part)
    }
    await connection.thing?.get?.({ content: stream() }, { idempotencyKey: 'k-1' })
    const [request] = vendor.seen
    expect(request?.bytes.byteLength).toBe(50_000)
    expect(request?.headers).toMatchObject({ 'content-type': 'image/png', 'x-key': 'k-1' })
  })

  test('a stream that went out is not sent a second time', async () => {
    vendor.answer = () => ({ status: 503, json: {} })
    const operation = {
      ...post,
      effect: 'idempotent',
      body: 'bytes',
      input: { content: { in: 'body', as: '@', type: 'string', format: 'binary' } },
    }
    const manifest = smallManifest({ operations: { 'thing.get': { summary: 'A thing.', ...operation } } })
    const connection = connectTo(
      manifest,
      { url: vendor.url },
      { policies: { retry: { attempts: 3, baseMs: 1 }, breaker: false } },
    )
    opened.push(connection)
    const stream = (async function* () {
      yield new Uint8Array(10)
    })()
    expect(await failureOf(connection.thing?.get?.({ content: stream }) as Promise<unknown>)).toMatchObject({
      kind: 'unavailable',
    })
    expect(vendor.seen.length).toBe(1)
  })

  test('text and lines of JSON', async () => {
    const lines = { ...post, body: 'ndjson', input: { all: { in: 'body', as: '@', type: 'array', items: {} } } }
    const first = await sent(lines, { all: [{ a: 1 }, { b: 2 }] })
    expect([first.text, first.headers['content-type']]).toEqual(['{"a":1}\n{"b":2}\n', 'application/x-ndjson'])
    vendor.seen.length = 0
    const plain = { ...post, body: 'text', input: { query: { in: 'body', as: '@', type: 'string' } } }
    expect((await sent(plain, { query: 'FROM x' })).text).toBe('FROM x')
  })

  test('GraphQL, and data out of its answers', async () => {
    vendor.answer = () => ({ json: { data: { thing: { id: 'a' } } } })
    const operation = {
      request: 'POST /graphql',
      graphql: 'query One($id: ID!) { thing(id: $id) { id } }',
      input: { thing: { in: 'variable', as: 'id', type: 'string' } },
      output: { from: 'thing' },
    }
    expect(await live(operation).thing?.get?.({ thing: 'a' })).toEqual({ id: 'a' })
    expect(vendor.seen[0]?.json()).toEqual({ query: operation.graphql, variables: { id: 'a' } })
    vendor.answer = () => ({ json: { data: null, errors: [{ message: 'no', extensions: { code: 'FORBIDDEN' } }] } })
    expect(await failureOf(live(operation).thing?.get?.({ thing: 'a' }) as Promise<unknown>)).toMatchObject({
      kind: 'permission',
      code: 'FORBIDDEN',
      status: 200,
    })
    vendor.answer = () => ({ json: {} })
    expect(await failureOf(live(operation).thing?.get?.({ thing: 'a' }) as Promise<unknown>)).toMatchObject({
      kind: 'protocol',
    })
  })

  test('JSON-RPC with named and numbered parameters', async () => {
    vendor.answer = () => ({ json: { jsonrpc: '2.0', id: 1, result: [{ host: 'h' }] } })
    const named = {
      request: 'POST /rpc',
      rpc: 'host.get',
      input: { limit: { in: 'rpc', type: 'integer' } },
      output: { from: '[0].host' },
    }
    expect(await live(named).thing?.get?.({ limit: 1 })).toBe('h')
    expect(vendor.seen[0]?.json()).toEqual({ jsonrpc: '2.0', id: 1, method: 'host.get', params: { limit: 1 } })
    const numbered = {
      ...named,
      input: { b: { in: 'rpc', as: '1', type: 'integer' }, a: { in: 'rpc', as: '0', type: 'string' } },
    }
    await live(numbered).thing?.get?.({ a: 'x', b: 2 })
    expect(vendor.seen[1]?.json().params).toEqual(['x', 2])
    vendor.answer = () => ({
      json: { jsonrpc: '2.0', id: 1, error: { code: -32602, message: 'Invalid params.', data: 'No host.' } },
    })
    const error = await failureOf(live(named).thing?.get?.({ limit: 1 }) as Promise<unknown>)
    expect(error).toMatchObject({ kind: 'invalid-input', code: '-32602', detail: 'Invalid params. No host.' })
  })
})

describe('versions of the API', () => {
  const apiVersions = (send: object) => ({
    apiVersions: { default: '2', supported: [{ version: '1' }, { version: '2' }], send },
  })

  test('in a header, a query key or the path', async () => {
    const get = { request: 'GET /a' }
    expect((await sent(get, {}, apiVersions({ header: 'X-Version' }))).headers['x-version']).toBe('2')
    vendor.seen.length = 0
    expect((await sent(get, {}, apiVersions({ query: 'api-version' }), { apiVersion: '1' })).target).toBe(
      '/a?api-version=1',
    )
    vendor.seen.length = 0
    expect(
      (await sent({ request: 'GET /v{apiVersion}/a' }, {}, apiVersions({ path: true }), { apiVersion: '1' })).target,
    ).toBe('/v1/a')
  })
})

describe('answers', () => {
  const read = (output: object, reply: object, parts: object = {}) => {
    vendor.answer = () => reply
    return live({ output }, parts).thing?.get?.() as Promise<unknown>
  }

  test('JSON, as a whole or a part, with headers beside it', async () => {
    expect(await read({}, { json: { a: 1 } })).toEqual({ a: 1 })
    expect(await read({ from: 'a.b[0].c' }, { json: { a: { b: [{ c: 5 }] } } })).toBe(5)
    const headers = { headers: { etag: 'ETag', link: 'Link' } }
    expect(await read(headers, { json: 1, headers: { etag: '"x"' } })).toEqual({
      value: 1,
      headers: { etag: '"x"', link: undefined },
    })
  })

  test('text, bytes, streams and nothing', async () => {
    expect(await read({ as: 'text' }, { text: 'plain' })).toBe('plain')
    expect([...((await read({ as: 'bytes' }, { bytes: Buffer.from([1, 2]) })) as Uint8Array)]).toEqual([1, 2])
    expect(await text((await read({ as: 'stream' }, { text: 'streamed' })) as AsyncIterable<Uint8Array>)).toBe(
      'streamed',
    )
    expect(await read({ as: 'nothing' }, { text: '<html>' })).toBeUndefined()
  })

  test('CSV, lines of JSON and XML', async () => {
    expect(await read({ as: 'csv', from: '[1].b' }, { text: 'a,b\n1,x\n2,"y,z"\n' })).toBe('y,z')
    expect(await read({ as: 'ndjson' }, { text: '{"a":1}\n\n{"a":2}' })).toEqual([{ a: 1 }, { a: 2 }])
    const xml = '<r xmlns="urn:x"><host id="1">h<n>2</n></host><host>i</host></r>'
    expect(await read({ as: 'xml', from: 'r.host' }, { text: xml })).toEqual([
      { '@id': '1', '#text': 'h', n: '2' },
      'i',
    ])
    for (const [as, broken] of [
      ['ndjson', '{"a"'],
      ['xml', '<a><b></a>'],
      ['csv', 'a\n"x'],
    ])
      expect(await failureOf(read({ as }, { text: broken }))).toMatchObject({ kind: 'protocol' })
    const page = { text: '<html>', headers: { 'content-type': 'text/html' } }
    expect(await failureOf(read({ as: 'csv' }, page))).toMatchObject({ kind: 'protocol', code: 'content-type' })
  })

  test('are checked, tolerantly', async () => {
    const schema = { type: 'object', required: ['id'], properties: { id: { type: 'integer' }, state: { enum: ['a'] } } }
    expect(await read({ schema }, { json: { id: 1, state: 'new one', more: true } })).toEqual({
      id: 1,
      state: 'new one',
      more: true,
    })
    const error = await failureOf(read({ schema }, { json: { id: 'one' } }))
    expect(error).toMatchObject({ kind: 'protocol', issues: [{ path: 'id' }] })
    const named = { schemas: { Thing: schema } }
    expect(await failureOf(read({ schema: 'Thing' }, { json: {} }, named))).toMatchObject({ kind: 'protocol' })
  })

  test('with declared statuses are no errors, and prefixes of JSON are taken off', async () => {
    expect(await read({ accept: [404] }, { status: 404, json: { none: true } })).toEqual({ none: true })
    expect(
      await read(
        {},
        { text: ")]}'\n[1]", headers: { 'content-type': 'application/json' } },
        { transport: { jsonPrefix: ")]}'" } },
      ),
    ).toEqual([1])
  })
})
