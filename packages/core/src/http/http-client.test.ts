import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { systemClock } from '../clock.ts'
import { type Connection, connect } from '../connection.ts'
import { defineConnector } from '../connector.ts'
import type { Credential, CredentialSource } from '../credential.ts'
import { basic } from '../credentials/basic.ts'
import { bearer } from '../credentials/bearer.ts'
import { type FreeRetry, isPatchbayError, type PatchbayError } from '../errors.ts'
import { Events } from '../events.ts'
import { operation } from '../operation.ts'
import { unchecked } from '../schema.ts'
import { jsonRecords } from '../streams/json-records.ts'
import type { ClientRequest, HttpClient } from './client-request.ts'
import { type HttpClientOptions, httpClient } from './http-client.ts'
import { httpOperation } from './http-operation.ts'
import { undiciTransport } from './undici-transport.ts'

type Handler = (request: IncomingMessage, response: ServerResponse, body: string) => void

let handler: Handler
const requests: { method: string; url: string; headers: IncomingMessage['headers']; body: string }[] = []
const server = createServer(async (request, response) => {
  const parts: Buffer[] = []
  for await (const part of request) parts.push(part as Buffer)
  const body = Buffer.concat(parts).toString()
  requests.push({ method: request.method ?? '', url: request.url ?? '', headers: request.headers, body })
  handler(request, response, body)
})
let origin = ''
beforeAll(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(async () => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

const transport = undiciTransport({ clock: systemClock, allow: [{ cidr: '127.0.0.0/8' }] })
afterAll(() => transport.close())

const send = operation(
  {
    name: 'request.send',
    effect: 'read',
    input: unchecked<ClientRequest>(),
    output: unchecked<Awaited<ReturnType<HttpClient['send']>>>(),
  },
  (client: HttpClient, input, call) => client.send(input, call),
)
const write = operation(
  { ...send.spec, name: 'request.write', effect: 'write', idempotency: 'vendor-key' },
  (client: HttpClient, input: ClientRequest, call) =>
    client.send({ ...input, idempotencyHeader: 'Idempotency-Key' }, call),
)

function connector(options: Partial<HttpClientOptions> = {}) {
  return defineConnector({
    contract: 1,
    manifest: { id: 'test/http', title: 'Test', summary: 'A test.', version: '1.0.0' },
    config: z.object({ url: z.string() }),
    credentials: [
      { id: 'none', title: 'None', fields: {} },
      { id: 'test', title: 'Test', fields: {} },
      bearer.scheme,
      basic.scheme,
    ],
    operations: { 'request.send': send, 'request.write': write },
    open: async (config, env) => httpClient({ ...env, ...options, baseUrl: config.url }),
  })
}

const open: Connection<ReturnType<typeof connector>>[] = []
afterEach(async () => {
  await Promise.all(open.splice(0).map((connection) => connection.$close()))
  requests.length = 0
})

function live(options: Partial<HttpClientOptions> = {}, credential?: CredentialSource, events = new Events()) {
  const connection = connect(connector(options), {
    config: { url: `${origin}/base/` },
    transport,
    events,
    ...(credential === undefined ? {} : { credential }),
    policies: { retry: { baseMs: 1, baseMsByKind: { 'rate-limited': 1 } } },
  })
  open.push(connection)
  return connection
}

async function failure(work: Promise<unknown>): Promise<PatchbayError> {
  try {
    await work
  } catch (error) {
    if (isPatchbayError(error)) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

const json = (response: ServerResponse, value: unknown, status = 200, headers = {}): void => {
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(value))
}
const ok: Handler = (_, response) => json(response, { ok: true })

describe('requests', () => {
  it('carry the fixed query before their own, links not', async () => {
    handler = ok
    const { request } = live({ query: { version: 3, fields: 'all' } })
    await request.send({ path: '/a', query: { fields: 'id', tag: ['x', 'y'] }, arrays: 'comma' })
    await request.send({ path: '/a' })
    await request.send({ link: '/base/a?after=1', linkPath: (path) => path === '/a' })
    const urls = requests.map(({ url }) => url)
    expect(urls).toEqual(['/base/a?version=3&fields=id&tag=x,y', '/base/a?version=3&fields=all', '/base/a?after=1'])
    const error = await failure(request.send({ link: '/base/b', linkPath: (path) => path === '/a' }))
    expect(error).toMatchObject({ kind: 'protocol', code: 'link', sent: 'none' })
    expect(requests.length).toBe(3)
  })

  it('go under the base URL with query, headers and credential', async () => {
    handler = ok
    const connection = live({ headers: { 'X-Version': '3' } }, bearer({ token: 'abc-token' }))
    const reply = await connection.request.send({ path: '/items', query: { q: 'a b', none: undefined } })
    expect(reply).toMatchObject({ status: 200, value: { ok: true }, url: `${origin}/base/items?q=a%20b` })
    expect(requests[0]).toMatchObject({ method: 'GET', url: '/base/items?q=a%20b', body: '' })
    expect(requests[0]?.headers).toMatchObject({
      accept: 'application/json',
      authorization: 'Bearer abc-token',
      'user-agent': 'patchbay',
      'x-version': '3',
    })
  })

  it('carry JSON, forms and bytes', async () => {
    handler = ok
    const { request } = live()
    await request.send({ method: 'POST', path: '/a', json: { é: 1 } })
    await request.send({ method: 'POST', path: '/a', form: { a: 'b c', d: ['1', '2'] } })
    await request.send({
      method: 'PUT',
      path: '/a',
      body: new Uint8Array([104, 105]),
      headers: { 'Content-Type': 'text/x' },
    })
    expect(requests.map(({ headers, body }) => [headers['content-type'], body])).toEqual([
      ['application/json', '{"é":1}'],
      ['application/x-www-form-urlencoded', 'a=b%20c&d=1&d=2'],
      ['text/x', 'hi'],
    ])
  })

  it('never leave the base, and then nothing is sent', async () => {
    handler = ok
    const { request } = live()
    for (const path of ['/../other', '//evil.example', '/a/%2e%2e/b', '@evil.example/']) {
      expect(await failure(request.send({ path }))).toMatchObject({ kind: 'invalid-input', sent: 'none' })
    }
    for (const link of ['http://127.0.0.1:1/base/x', `${origin}/other`, 'https://evil.example/base']) {
      expect(await failure(request.send({ link }))).toMatchObject({ kind: 'protocol', sent: 'none' })
    }
    expect(requests).toEqual([])
    await request.send({ link: `${origin}/base/items?page=2` })
    expect(requests[0]?.url).toBe('/base/items?page=2')
  })

  it('are not sent when they cannot be written or signed, and the error says so', async () => {
    handler = ok
    const source: CredentialSource = {
      scheme: 'test',
      open: () => ({
        scheme: 'test',
        marks: { headers: [], query: [] },
        apply: () => Promise.reject(new Error('the signer broke')),
      }),
    }
    const signed = await failure(live({}, source).request.write({ method: 'POST', path: '/pay', json: {} }))
    expect(signed).toMatchObject({ kind: 'unexpected', sent: 'none' })
    const query = { at: Number.NaN }
    expect(await failure(live().request.send({ path: '/x', query }))).toMatchObject({ code: 'query', sent: 'none' })
    expect(requests).toEqual([])
  })

  it('keep one idempotency key over all attempts', async () => {
    handler = (_, response) => (requests.length < 3 ? json(response, {}, 503) : json(response, { ok: true }))
    await live().request.write({ method: 'POST', path: '/pay', json: {} })
    const keys = requests.map(({ headers }) => headers['idempotency-key'])
    expect(keys.length).toBe(3)
    expect(new Set(keys).size).toBe(1)
    expect(keys[0]).toMatch(/^[0-9a-f-]{36}$/)
  })

  it('wait when the first attempt under a key is still at work', async () => {
    handler = (_, response) => json(response, {}, [503, 409, 200][requests.length - 1])
    await live().request.write({ method: 'POST', path: '/pay', json: {} })
    expect(requests.length).toBe(3)
    requests.length = 0
    handler = (_, response) => json(response, {}, 409)
    expect(await failure(live().request.write({ method: 'POST', path: '/pay' }))).toMatchObject({
      kind: 'conflict',
      attempts: 1,
    })
  })
})

describe('answers', () => {
  it('come as JSON, text, bytes, stream or nothing', async () => {
    handler = (_, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<p>ö</p>')
    const { request } = live()
    expect((await request.send({ expect: 'text' })).value).toBe('<p>ö</p>')
    expect(requests[0]?.headers.accept).toBe('*/*')
    expect((await request.send({ expect: 'bytes' })).value).toEqual(Buffer.from('<p>ö</p>'))
    expect((await request.send({ expect: 'nothing' })).value).toBeUndefined()
    const chunks: Uint8Array[] = []
    const { value } = await request.send({ expect: 'stream' })
    for await (const chunk of value as AsyncIterable<Uint8Array>) chunks.push(chunk)
    expect(Buffer.concat(chunks).toString()).toBe('<p>ö</p>')
  })

  it('are refused when they are not what was asked for', async () => {
    const { request } = live()
    handler = (_, response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<p>log in</p>')
    const login = await failure(request.send({ path: '/a' }))
    expect(login).toMatchObject({ kind: 'protocol', code: 'content-type', attempts: 1, retry: 'never', sent: 'all' })
    expect(login.message).toContain('text/html')
    handler = (_, response) => response.writeHead(200, { 'content-type': 'application/json' }).end('{"a":')
    expect(await failure(request.send({ path: '/a' }))).toMatchObject({ kind: 'protocol', code: 'bad-json' })
  })

  it('of declared statuses are no errors', async () => {
    handler = (_, response) => json(response, { none: true }, 404)
    expect((await live().request.send({ accept: [404] })).status).toBe(404)
  })

  it('of errors give facts, without the secret that the vendor repeats', async () => {
    handler = ({ headers }, response) =>
      json(response, { title: 'No', detail: `not with ${headers.authorization}`, code: 'E_NO' }, 422, {
        'content-type': 'application/problem+json',
        'x-request-id': 'req-1',
      })
    for (const credential of [
      bearer({ token: 'very-secret-token' }),
      basic({ username: 'someone', password: 'very-secret-token' }),
    ]) {
      const error = await failure(live({}, credential).request.send({ path: '/a' }))
      expect(error).toMatchObject({ kind: 'invalid-input', status: 422, code: 'E_NO', requestId: 'req-1', attempts: 1 })
      expect(error.message).toContain('No: not with')
      expect(JSON.stringify(error)).not.toMatch(/very-secret|c29tZW9uZTp2ZXJ5/)
    }
  })

  it('of errors are read from a stream under caps', async () => {
    handler = (_, response) => {
      response.writeHead(400, { 'content-type': 'application/json' })
      response.end(JSON.stringify({ message: 'short', filler: 'x'.repeat(10_000) }))
    }
    expect((await failure(live().request.send({ expect: 'stream' }))).message).toContain('short')
  })

  it('that arrive late are retried by what the vendor says', async () => {
    handler = (_, response) =>
      requests.length === 1 ? json(response, {}, 429, { 'retry-after-ms': '5' }) : json(response, { ok: true })
    await live().request.send({ path: '/a' })
    expect(requests.length).toBe(2)
  })
})

describe('a streamed body', () => {
  const block = Buffer.from(`${Array.from({ length: 500 }, (_, id) => JSON.stringify({ id })).join(',')},`)
  let written = 0
  let closed: Promise<void>
  const endless: Handler = (_, response) => {
    written = 0
    closed = new Promise((resolve) => response.on('close', () => resolve()))
    response.writeHead(200, { 'content-type': 'application/json' }).write('{"rows":[')
    const fill = (): void => {
      while (!response.destroyed && response.write(block)) written += block.length
    }
    response.on('drain', fill)
    fill()
  }

  it('is closed when its reader leaves, and holds the sender while its reader is slow', async () => {
    handler = endless
    const { value } = await live().request.send({ expect: 'stream' })
    let records = 0
    for await (const _ of jsonRecords(value as AsyncIterable<Uint8Array>, { path: 'rows' }).records()) {
      if (++records === 10) {
        // The sender has long filled every buffer on the way; it is the socket's buffers that bound it, not ours.
        await new Promise((resolve) => setTimeout(resolve, 100))
        expect(written).toBeLessThan(16 * 1024 * 1024)
        break
      }
    }
    await closed
  })

  it('fails with the error that users know', async () => {
    handler = (_, response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': 1000 })
      response.write('{"rows":[1,2,', () => setTimeout(() => response.destroy(), 20))
    }
    const { value } = await live().request.send({ expect: 'stream' })
    const seen: unknown[] = []
    const error = await failure(
      (async () => {
        for await (const chunk of value as AsyncIterable<Uint8Array>) seen.push(String(chunk))
      })(),
    )
    expect(error.kind).toBe('network')
    expect(seen.length).toBe(1)
  })
})

describe('limits', () => {
  it('go to the throttle with every answer', async () => {
    const feedback: unknown[] = []
    handler = (_, response) => json(response, {}, 200, { 'x-ratelimit-remaining': '7', 'x-ratelimit-reset': '60' })
    const connection = live()
    const watched = Object.create(connection.$scope, {
      feedback: { value: (_: unknown, told: unknown) => feedback.push(told) },
    })
    const client = (await connection.$raw()) as HttpClient
    const { Call } = await import('../call.ts')
    await client.send({ path: '/a' }, new Call(watched, send.spec, {}, {}, 0))
    expect(feedback).toMatchObject([{ remaining: 7, resetMs: 60_000 }])
  })

  it('in a 403 with evidence make it rate-limited, and it is tried again', async () => {
    handler = (_, response) =>
      requests.length === 1
        ? json(response, {}, 403, { 'x-ratelimit-remaining': '0', 'retry-after': '0' })
        : json(response, { ok: true })
    await live().request.send({ path: '/a' })
    expect(requests.length).toBe(2)
  })
})

describe('a refused credential', () => {
  function refreshing(answer: () => FreeRetry | undefined) {
    const state = { generation: 1, refreshes: 0 }
    const credential: Credential = {
      scheme: 'test',
      marks: { headers: ['authorization'], query: [] },
      apply(request) {
        request.headers.authorization = `Bearer token-${state.generation}`
      },
      async refresh(request) {
        expect(request.headers.authorization).toBe(`Bearer token-${state.generation}`)
        state.refreshes++
        state.generation++
        return answer()
      },
    }
    return { state, source: { scheme: 'test', open: () => credential } }
  }

  it('is refreshed once and the call goes on, also a write', async () => {
    handler = ({ headers }, response) => json(response, {}, headers.authorization === 'Bearer token-2' ? 200 : 401)
    const { state, source } = refreshing(() => 'credential-refreshed')
    await live({}, source).request.write({ method: 'POST', path: '/a' })
    expect(state.refreshes).toBe(1)
    expect(requests.map(({ headers }) => headers.authorization)).toEqual(['Bearer token-1', 'Bearer token-2'])
  })

  it('is refreshed when a rule says that a good answer means its end, and not when a rule says otherwise', async () => {
    const { state, source } = refreshing(() => 'credential-refreshed')
    handler = ({ headers, url }, response) => {
      if (url === '/base/other') json(response, { error: 'quota' }, 401)
      else json(response, headers.authorization === 'Bearer token-2' ? { ok: true } : { error: 'expired' })
    }
    const errors: HttpClientOptions['errors'] = {
      judgesSuccess: true,
      judge({ status, value }) {
        const { error } = value() as { error?: string }
        if (error === 'expired') return { kind: 'credential', expired: true }
        return status === 401 ? { kind: 'conflict', expired: false, retryAfterMs: 70 } : undefined
      },
    }
    const connection = live({ errors }, source)
    expect((await connection.request.send({ path: '/' })).value).toEqual({ ok: true })
    expect(state.refreshes).toBe(1)
    const other = await failure(connection.request.send({ path: '/other' }))
    expect(other).toMatchObject({ kind: 'conflict', status: 401, retryAfterMs: 70, retry: 'never' })
    expect(state.refreshes).toBe(1)
  })

  it('that is refused again is a credential error, after one refresh', async () => {
    handler = (_, response) => json(response, {}, 401)
    const { state, source } = refreshing(() => 'credential-refreshed')
    const error = await failure(live({}, source).request.send({ path: '/a' }))
    expect(error).toMatchObject({ kind: 'credential', retry: 'never', status: 401, attempts: 2 })
    expect(state.refreshes).toBe(1)
  })

  it('that cannot be refreshed is a credential error at once', async () => {
    handler = (_, response) => json(response, {}, 401)
    const { source } = refreshing(() => undefined)
    expect(await failure(live({}, source).request.send({ path: '/a' }))).toMatchObject({
      kind: 'credential',
      attempts: 1,
    })
  })

  it('is known by the codes that a manifest declares, whatever the status', async () => {
    handler = ({ headers }, response) =>
      headers.authorization === 'Bearer token-2'
        ? json(response, {})
        : json(response, { error: { code: 'token_expired' } }, 403)
    const { state, source } = refreshing(() => 'credential-refreshed')
    await live({ errors: { expired: ['token_expired'] } }, source).request.send({ path: '/a' })
    expect(state.refreshes).toBe(1)
  })
})

describe('httpOperation', () => {
  const issue = httpOperation(
    { name: 'issue.get', effect: 'read', input: z.object({ id: z.string() }), output: z.object({ title: z.string() }) },
    {
      request: ({ id }) => ({ path: `/issues/${id}` }),
      wire: z.object({ attributes: z.object({ title: z.string(), votes: z.number().nullable() }) }),
      output: ({ attributes }) => ({ title: attributes.title }),
    },
  )
  function tracker() {
    return connect(
      defineConnector({
        contract: 1,
        manifest: { id: 'test/tracker', title: 'Tracker', summary: 'A test.', version: '1.0.0' },
        config: unchecked<undefined>(),
        credentials: [],
        operations: { 'issue.get': issue },
        open: async (_config, env) => httpClient({ ...env, baseUrl: origin }),
      }),
      { config: undefined, transport },
    )
  }

  it('normalises the vendor’s answer', async () => {
    handler = (_, response) => json(response, { attributes: { title: 'x', votes: null, more: 1 } })
    expect(await tracker().issue.get({ id: '1' })).toEqual({ title: 'x' })
  })

  it.each([
    [{ attributes: { votes: 1 } }, 'attributes.title'],
    [{ attributes: { title: 'x', votes: 'many' } }, 'attributes.votes'],
    [[], ''],
    [null, ''],
  ])('takes %j for drift and names the field', async (body, field) => {
    handler = (_, response) => json(response, body)
    const error = await failure(tracker().issue.get({ id: '1' }))
    expect(error).toMatchObject({ kind: 'protocol', retry: 'never', attempts: 1 })
    expect(error.issues.map((one) => one.path)).toContain(field)
  })

  it('takes an empty answer for drift too', async () => {
    handler = (_, response) => response.writeHead(204).end()
    expect(await failure(tracker().issue.get({ id: '1' }))).toMatchObject({ kind: 'protocol' })
  })
})
