import type { TypedDocumentNode } from '@graphql-typed-document-node/core'
import { type ConnectOptions, connect, isPatchbayError, type PatchbayError } from '@patchbay/core'
import { type ConnectorSubject, connectorChecks, runChecks } from '@patchbay/core/conformance'
import { bearer } from '@patchbay/core/credentials'
import { fakeTransport, leakCheck } from '@patchbay/core/testing'
import { parse } from 'graphql'
import { GraphQLClient } from 'graphql-request'
import { afterAll, beforeAll, describe, expect, expectTypeOf, it } from 'vitest'
import { type YogaServer, yogaServer } from './fixtures/yoga-server.ts'
import { type GraphqlConfigInput, graphql, graphqlConnector, persisted, upload } from './index.ts'

let server: YogaServer
beforeAll(async () => {
  server = await yogaServer()
})
afterAll(() => server.close())

const token = 'S3CR3T-zk9-QWv'
const allow = { network: { allow: [{ host: '127.0.0.1' }] } }

function open(config: Partial<GraphqlConfigInput> = {}, options: Partial<ConnectOptions<unknown>> = {}) {
  const settings = { url: server.url, ...config }
  return connect(graphql, { config: settings, credential: bearer({ token }), ...allow, ...(options as object) })
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

interface ItemData {
  readonly item: { readonly id: string; readonly name: string } | null
}
const ItemDocument = parse('query Item($id: ID!) { item(id: $id) { id name } }') as TypedDocumentNode<
  ItemData,
  { id: string }
>

describe('documents', () => {
  it('are typed: data and variables come out of the document', async () => {
    await using connection = open()
    const { data } = await connection.query.run({ document: ItemDocument, variables: { id: 'item-3' } })
    expectTypeOf(data).toEqualTypeOf<ItemData>()
    expect(data).toEqual({ item: { id: 'item-3', name: 'Item 3' } })
    // @ts-expect-error the document needs an id
    const missing = connection.query.run({ document: ItemDocument })
    expect(await failure(missing)).toMatchObject({ kind: 'invalid-input' })
    // @ts-expect-error a text and no number
    await connection.query.run({ document: ItemDocument, variables: { id: 3 } })
  })

  it('are text with types of their own, also as a String object', async () => {
    await using connection = open()
    const { data } = await connection.query.run<{ who: string }>({ document: '{ who }' })
    expectTypeOf(data).toEqualTypeOf<{ who: string }>()
    expect(data.who).toBe(`Bearer ${token}`)
    class Text extends String {
      readonly __apiType?: (variables: Record<string, never>) => { who: string }
    }
    const second = await connection.query.run({ document: new Text('{ who }') })
    expectTypeOf(second.data).toEqualTypeOf<{ who: string }>()
    expect(second).toEqual({ data: { who: `Bearer ${token}` }, errors: [], extensions: undefined })
  })

  it.each([
    ['mutation { add(name: "x") }', undefined, 'document'],
    ['subscription { messages { id } }', undefined, 'document'],
    ['query A { who } query B { who }', undefined, 'operationName'],
    ['query A { who }', 'B', 'operationName'],
    ['fragment F on Item { id }', undefined, 'document'],
    ['', undefined, 'document'],
    [7 as never, undefined, 'document'],
  ])('that are no query are not sent as one: %s', async (document, operationName, path) => {
    await using connection = open()
    const before = server.seen.length
    const error = await failure(connection.query.run({ document, operationName }))
    expect(error).toMatchObject({ kind: 'invalid-input', sent: 'none', issues: [{ path }] })
    expect(server.seen.length).toBe(before)
  })

  it('with several operations run the one that is named', async () => {
    await using connection = open()
    const document = 'query A { who } query B { item(id: "item-1") { id } }'
    expect((await connection.query.run({ document, operationName: 'B' })).data).toEqual({ item: { id: 'item-1' } })
  })
})

describe('errors in a 200', () => {
  it.each([
    ['UNAUTHENTICATED', 'credential', 'never'],
    ['FORBIDDEN', 'permission', 'never'],
    ['NOT_FOUND', 'not-found', 'never'],
    ['BAD_USER_INPUT', 'invalid-input', 'never'],
    ['RATE_LIMITED', 'rate-limited', 'later'],
    ['THROTTLED', 'rate-limited', 'later'],
    ['INTERNAL_SERVER_ERROR', 'unexpected', 'never'],
    ['OUT_OF_STOCK', 'conflict', 'never'],
    ['BUSY', 'unavailable', 'later'],
    [undefined, 'unexpected', 'never'],
  ])('%s is %s', async (code, kind, retry) => {
    const codes = { OUT_OF_STOCK: 'conflict', BUSY: { kind: 'unavailable', retry: 'later' } } as const
    await using connection = open({ errors: { codes } }, { policies: { retry: false, breaker: false } })
    const document = 'query Fails($code: String) { fails(code: $code) }'
    const error = await failure(connection.query.run({ document, variables: { code } }))
    expect(error).toMatchObject({
      kind,
      code,
      retry: retry === 'later' ? expect.stringMatching(/later|exhausted/) : 'never',
      status: 200,
      issues: [{ path: 'fails', message: 'it failed (line 1, column 30)' }],
    })
    expect(error.message).not.toContain(token)
  })

  it('are part of the result where partial data is wanted, by connection or call', async () => {
    const document = '{ item(id: "item-1") { id hidden } }'
    const expected = {
      data: { item: { id: 'item-1', hidden: null } },
      errors: [
        {
          message: 'not yours',
          path: ['item', 'hidden'],
          locations: [{ line: 1, column: 27 }],
          code: 'FORBIDDEN',
        },
      ],
    }
    await using strict = open()
    await using lenient = open({ errorPolicy: 'partial' })
    expect(await lenient.query.run({ document })).toMatchObject(expected)
    expect(await strict.query.run({ document, errorPolicy: 'partial' })).toMatchObject(expected)
    expect(await failure(strict.query.run({ document }))).toMatchObject({ kind: 'permission' })
    expect(await failure(lenient.query.run({ document, errorPolicy: 'none' }))).toMatchObject({ kind: 'permission' })
    // Without data there is nothing to be partial.
    expect(await failure(lenient.query.run({ document: '{ required }' }))).toMatchObject({ kind: 'unexpected' })
  })
})

it.each([200, 400])('texts of a server hold no value of a variable, with a status of %i', async (status) => {
  const secret = 'my "own" secret'
  const message = `Variable "$a" got invalid value ${JSON.stringify(secret)}; deep: inner-value`
  const headers = { 'content-type': 'application/graphql-response+json' }
  const transport = fakeTransport({ '*': { status, json: { errors: [{ message }] }, headers } })
  await using connection = open({}, { transport, network: undefined } as never)
  const variables = { a: secret, b: [{ c: 'inner-value' }], d: 7 }
  const error = await failure(connection.query.run({ document: '{ who }', variables }))
  expect(error.issues[0]?.message).toBe('Variable "$a" got invalid value "[variable]"; deep: [variable]')
  expect(`${error.stack} ${JSON.stringify(error)}`).not.toMatch(/own|inner-value/)
})

describe('GraphQL over HTTP', () => {
  const errors = [{ message: 'bad field', locations: [{ line: 2, column: 5 }], extensions: { code: 'ODD' } }]
  const run = async (reply: object, config: Partial<GraphqlConfigInput> = {}) => {
    const transport = fakeTransport({ '*': reply })
    const connection = connect(graphql, {
      config: { url: 'https://vendor.example/graphql/', ...config },
      transport,
      policies: { retry: false, breaker: false },
    })
    const settled = await connection.query.run({ document: '{ who }' }).catch((error: unknown) => error)
    return { settled: settled as PatchbayError, transport }
  }
  const own = 'application/graphql-response+json; charset=utf-8'

  it('asks for its own media type first, at the very URL of the config', async () => {
    const { transport } = await run({ json: { data: { who: 'x' } } }, { url: 'https://vendor.example/graphql/?v=2' })
    expect(transport.requests[0]).toMatchObject({ method: 'POST', url: 'https://vendor.example/graphql/?v=2' })
    expect(transport.requests[0]?.headers).toMatchObject({
      accept: 'application/graphql-response+json, application/json;q=0.9',
      'content-type': 'application/json',
    })
    expect(transport.requests[0]?.json()).toEqual({ query: '{ who }' })
  })

  it.each([
    [400, own, 'invalid-input', 'never'],
    [422, own, 'invalid-input', 'never'],
    [403, own, 'permission', 'never'],
    [429, own, 'rate-limited', 'later'],
    [500, own, 'unavailable', 'later'],
    [200, own, 'unexpected', 'never'],
    [203, own, 'unexpected', 'never'],
    [200, 'application/json', 'unexpected', 'never'],
  ])('reads the errors of a %i of %s: %s', async (status, type, kind, retry) => {
    const { settled } = await run({ status, json: { errors }, headers: { 'content-type': type } })
    expect(settled).toMatchObject({
      kind,
      status,
      code: 'ODD',
      issues: [{ path: '', message: 'bad field (line 2, column 5)' }],
    })
    expect(settled.retry === 'exhausted' ? 'later' : settled.retry).toBe(retry)
  })

  it('does not rely on the body of a 4xx that somebody between may have written', async () => {
    const { settled } = await run({ status: 400, json: { errors }, headers: { 'content-type': 'application/json' } })
    expect(settled).toMatchObject({ kind: 'invalid-input', status: 400, issues: [] })
    const body = { data: { who: 'x' }, errors: [] }
    for (const type of ['application/json', own]) {
      const other = await run({ status: 502, json: body, headers: { 'content-type': type } })
      expect(other.settled).toMatchObject({ kind: 'unavailable', status: 502 })
    }
  })

  it('gives the partial data of a status that is no success only under its own media type', async () => {
    const json = { data: { who: null }, errors }
    const partial = { errorPolicy: 'partial' } as const
    const good = await run({ status: 404, json, headers: { 'content-type': own } }, partial)
    expect(good.settled).toMatchObject({ data: { who: null }, errors: [{ code: 'ODD' }] })
    const bad = await run({ status: 404, json, headers: { 'content-type': 'application/json' } }, partial)
    expect(bad.settled).toMatchObject({ kind: 'not-found' })
  })

  it.each([
    { data: null },
    { data: [] },
    { data: 'x' },
    { errors: [] },
    { errors: {} },
    { data: { who: 1 }, errors: 'x' },
    [],
    null,
  ])('calls %j no GraphQL response', async (json) => {
    const { settled } = await run({ json })
    expect(settled).toMatchObject({ kind: 'protocol', code: 'not-graphql', retry: 'never' })
  })

  it('takes empty errors beside data for none', async () => {
    expect((await run({ json: { data: { who: 1 }, errors: [] } })).settled).toMatchObject({
      data: { who: 1 },
      errors: [],
    })
    expect((await run({ json: { data: { who: 1 }, errors: null } })).settled).toMatchObject({ data: { who: 1 } })
  })
})

describe('mutations', () => {
  const document = 'mutation Add($name: String!, $input: Addition) { add(name: $name, input: $input) }'

  it('are sent once, whatever happens', async () => {
    const transport = fakeTransport({ '*': { status: 503, json: {} } })
    await using connection = open({}, { transport, network: undefined } as never)
    expect(await failure(connection.mutation.run({ document, variables: { name: 'a' } }))).toMatchObject({
      kind: 'unavailable',
      retry: 'never',
      attempts: 1,
    })
    expect(transport.requests).toHaveLength(1)
  })

  it.each([
    ['header', { header: 'x-once' }],
    ['variable', { variable: 'input.clientMutationId' }],
  ])('are repeated under one key where the server takes it as a %s', async (_place, idempotency) => {
    let count = 0
    const transport = fakeTransport({
      '*': () => (++count < 3 ? { status: 503, json: {} } : { json: { data: { add: 1 } } }),
    })
    await using connection = open({ idempotency }, { transport, network: undefined } as never)
    const variables = { name: 'a', input: { name: 'b' } }
    const { data } = await connection.mutation.runOnce({ document, variables })
    expect(data).toEqual({ add: 1 })
    const keys = transport.requests.map((request) => {
      const body = request.json() as { variables: { input: { name: string; clientMutationId?: string } } }
      expect(body.variables.input.name).toBe('b')
      return request.headers['x-once'] ?? body.variables.input.clientMutationId
    })
    expect(new Set(keys).size).toBe(1)
    expect(keys).toHaveLength(3)
    expect(keys[0]).toMatch(/^[\w-]{36}$/)
  })

  it('under a key need to know how the server takes it', async () => {
    await using connection = open()
    const error = await failure(connection.mutation.runOnce({ document, variables: { name: 'a' } }))
    expect(error).toMatchObject({ kind: 'config', sent: 'none', issues: [{ path: 'idempotency' }] })
    await using keyed = open({ idempotency: { variable: 'name.key' } })
    expect(await failure(keyed.mutation.runOnce({ document, variables: { name: 'a' } }))).toMatchObject({
      kind: 'invalid-input',
      issues: [{ path: 'variables.name.key' }],
    })
  })

  it('do their work at a real server', async () => {
    await using connection = open()
    await connection.mutation.run({ document, variables: { name: 'real' } })
    expect(server.added).toContain('real')
  })
})

describe('a credential that has ended', () => {
  function renewing() {
    let value = 'old'
    const credential = {
      scheme: 'bearer',
      open: () => ({
        scheme: 'bearer',
        marks: { headers: ['authorization'], query: [] },
        apply(request: { headers: Record<string, unknown> }) {
          request.headers.authorization = `Bearer ${value}`
        },
        async refresh() {
          value = 'fresh'
          return 'credential-refreshed' as const
        },
      }),
    }
    return credential as never
  }
  const refused = (data: object) => ({
    json: { ...data, errors: [{ message: 'expired', extensions: { code: 'UNAUTHENTICATED' } }] },
  })

  it.each([
    ['query', '{ who }', { data: { who: null } }, 2],
    ['mutation', 'mutation { add(name: "x") }', {}, 2],
    ['mutation', 'mutation { add(name: "x") other }', { data: null }, 1],
  ] as const)('is renewed and a %s sent again: %s', async (kind, document, data, requests) => {
    const transport = fakeTransport({
      '*': ({ headers }) => (headers.authorization === 'Bearer fresh' ? { json: { data: { a: 1 } } } : refused(data)),
    })
    const config = { url: 'https://vendor.example/graphql' }
    const connection = connect(graphql, { config, transport, credential: renewing() })
    const run = kind === 'query' ? connection.query.run : connection.mutation.run
    const settled = await run({ document }).catch((error: unknown) => error)
    expect(settled).toMatchObject(requests === 2 ? { data: { a: 1 } } : { kind: 'credential' })
    expect(transport.requests).toHaveLength(requests)
  })
})

describe('persisted documents', () => {
  it('are taught to the server once, and then known by their hash', async () => {
    await using connection = open({ persisted: { mode: 'automatic', get: true } })
    const document = 'query Taught { item(id: "item-2") { name } }'
    const before = server.seen.length
    for (let time = 0; time < 2; time++) {
      expect((await connection.query.run({ document })).data).toEqual({ item: { name: 'Item 2' } })
    }
    const sent = server.seen.slice(before)
    expect(sent.map(({ method }) => method)).toEqual(['GET', 'POST', 'GET'])
    expect(sent.map(({ url, body }) => (url + body).includes('Taught'))).toEqual([false, true, false])
    expect(sent[2]?.url).toContain('sha256Hash')
  })

  it('are sent in full to a server that keeps none', async () => {
    const errors = [{ message: 'PersistedQueryNotSupported', extensions: { code: 'PERSISTED_QUERY_NOT_SUPPORTED' } }]
    const transport = fakeTransport({
      '*': (request) =>
        (request.json() as { query?: string }).query === undefined
          ? { status: 400, json: { errors } }
          : { json: { data: { who: 'x' } } },
    })
    await using connection = open({ persisted: { mode: 'automatic' } }, { transport, network: undefined } as never)
    for (let time = 0; time < 3; time++) await connection.query.run({ document: '{ who }' })
    const bodies = transport.requests.map((request) => Object.keys(request.json() as object))
    expect(bodies).toEqual([['extensions'], ['query'], ['query'], ['query']])
  })

  it('that are trusted go as an id alone', async () => {
    const transport = fakeTransport({ '*': { json: { data: { who: 'x' } } } })
    const send = async (persistedConfig: GraphqlConfigInput['persisted'], document: never) => {
      const connection = open({ persisted: persistedConfig }, { transport, network: undefined } as never)
      await connection.query.run({ document, variables: { a: 1 } })
      const last = transport.requests.at(-1)
      return last?.method === 'GET' ? Object.fromEntries(last.query) : last?.json()
    }
    const variables = { a: 1 }
    const known = persisted<{ who: string }>('doc-7') as never
    expect(await send({ mode: 'trusted' }, known)).toEqual({ documentId: 'doc-7', variables })
    expect(await send({ mode: 'trusted', field: 'doc_id' }, known)).toEqual({ doc_id: 'doc-7', variables })
    expect(await send({ mode: 'trusted', get: true }, known)).toEqual({ documentId: 'doc-7', variables: '{"a":1}' })
    const withHash = Object.assign(parse('{ who }'), { __meta__: { hash: 'abc' } }) as never
    expect(await send({ mode: 'trusted', field: 'extensions' }, withHash)).toEqual({
      variables,
      extensions: { persistedQuery: { version: 1, sha256Hash: 'abc' } },
    })
    await using plain = open()
    expect(await failure(plain.query.run({ document: persisted('doc-7') }))).toMatchObject({
      kind: 'invalid-input',
      sent: 'none',
      issues: [{ path: 'document' }],
    })
  })
})

describe('uploads', () => {
  const document = 'mutation Store($file: File!, $also: [File!]) { store(file: $file, also: $also) }'

  it('go as a request of several parts', async () => {
    await using connection = open()
    const file = upload('hällo', { name: 'a"b.txt', type: 'text/plain' })
    const also = [upload(Buffer.from('bytes')), upload(new Blob(['blob'], { type: 'image/png' }), { name: 'c.png' })]
    const { data } = await connection.mutation.run<{ store: string }>({ document, variables: { file, also } })
    expect(data.store.split(';')).toEqual([
      expect.stringMatching(/^a.*b\.txt\|text\/plain\|hällo$/),
      'file|application/octet-stream|bytes',
      'c.png|image/png|blob',
    ])
  })

  it('hold nothing of their content in what is printed', () => {
    expect(JSON.stringify({ file: upload('secret', { name: 'a' }) })).toBe('{"file":{"upload":"a"}}')
  })
})

describe('the way out', () => {
  it('is a ready graphql-request client, and axios, over the same transport', async () => {
    await using connection = open()
    const raw = await connection.$raw()
    const { client } = await raw.graphql<GraphQLClient>()
    expect(client).toBeInstanceOf(GraphQLClient)
    expect(await client.request('{ who }')).toEqual({ who: `Bearer ${token}` })
    const axios = await raw.axios()
    const { data } = await axios.post('/graphql', { query: '{ who }' })
    expect(data).toEqual({ data: { who: `Bearer ${token}` } })
  })

  it('takes over a client that was handed in', async () => {
    const own = new GraphQLClient('https://elsewhere.example/', { headers: { 'x-own': 'mine' } })
    await using connection = open({}, { drivers: { 'graphql-request': own } })
    const { client } = await (await connection.$raw()).graphql()
    await client.request('{ who }')
    expect(server.seen.at(-1)?.headers).toMatchObject({ 'x-own': 'mine', authorization: `Bearer ${token}` })
  })

  it('tells the description of the server', async () => {
    await using connection = open()
    const told = await graphql.api.describe?.(await connection.$raw())
    expect(told).toMatchObject({
      format: 'graphql',
      source: server.url,
      content: { __schema: { queryType: { name: 'Query' } } },
    })
  })
})

it('checks address and credential, and leaves nothing behind', async () => {
  const leaks = leakCheck({ withinMs: 1000 })
  const connection = open()
  await connection.$check()
  await connection.$close()
  await leaks.verify()
})

it('caches reads by document and variables', async () => {
  await using connection = open({}, {
    policies: { cache: { operations: { 'query.run': { ttlMs: 60_000 } } } },
  } as never)
  const before = server.seen.length
  for (const id of ['item-1', 'item-1', 'item-2'])
    await connection.query.run({ document: ItemDocument, variables: { id } })
  expect(server.seen.length - before).toBe(2)
})

describe('costs', () => {
  const answer = (available: number) => ({
    data: { who: 'x' },
    extensions: {
      cost: {
        requestedQueryCost: 100,
        throttleStatus: { maximumAvailable: 1000, currentlyAvailable: available, restoreRate: 50 },
      },
    },
  })
  const cost = {
    requested: 'extensions.cost.requestedQueryCost',
    remaining: 'extensions.cost.throttleStatus.currentlyAvailable',
    limit: 'extensions.cost.throttleStatus.maximumAvailable',
    restorePerSecond: 'extensions.cost.throttleStatus.restoreRate',
  }

  it('hold calls back before the server refuses', async () => {
    const transport = fakeTransport({ '*': { json: answer(20) } })
    await using connection = open({ cost }, { transport, network: undefined } as never)
    await connection.query.run({ document: '{ who }' }, { cost: 100 })
    const late = await failure(connection.query.run({ document: '{ who }' }, { cost: 100, timeoutMs: 1000 }))
    expect(late).toMatchObject({ kind: 'rate-limited', sent: 'none', code: 'past-deadline' })
    // 80 units at 50 a second.
    expect(late.retryAfterMs).toBeGreaterThan(1400)
    expect(late.retryAfterMs).toBeLessThanOrEqual(1600)
    expect(transport.requests).toHaveLength(1)
  })

  it('tell how long a refused request has to wait', async () => {
    const errors = [{ message: 'Throttled', extensions: { code: 'THROTTLED' } }]
    const transport = fakeTransport({ '*': { json: { ...answer(40), data: null, errors } } })
    await using connection = open({ cost }, { transport, network: undefined, policies: { retry: false } } as never)
    const error = await failure(connection.query.run({ document: '{ who }' }))
    expect(error).toMatchObject({ kind: 'rate-limited', code: 'THROTTLED', retryAfterMs: 1200 })
  })

  it('are read out of data too, with the time of the reset, or by a function', async () => {
    const soon = new Date(Date.now() + 3_600_000).toISOString()
    const reply = { json: { data: { rateLimit: { limit: 5000, remaining: 0, resetAt: soon } } } }
    const paths = {
      remaining: 'data.rateLimit.remaining',
      limit: 'data.rateLimit.limit',
      resetAt: 'data.rateLimit.resetAt',
    }
    const byPath = open({ cost: paths }, { transport: fakeTransport({ '*': reply }), network: undefined } as never)
    const byFunction = connect(graphqlConnector({ cost: () => ({ remaining: 0, resetMs: 3_600_000 }) }), {
      config: { url: server.url },
      transport: fakeTransport({ '*': reply }),
    })
    for (const connection of [byPath, byFunction]) {
      await connection.query.run({ document: '{ who }' })
      const error = await failure(connection.query.run({ document: '{ who }' }, { timeoutMs: 1000 }))
      expect(error).toMatchObject({ kind: 'rate-limited', sent: 'none' })
    }
  })
})

it('passes the checks of core', async () => {
  const config = { url: 'https://vendor.example/graphql', idempotency: { header: 'idempotency-key' } }
  const reply = { json: { data: { a: 1 } } }
  const output = { data: { a: 1 }, errors: [], extensions: undefined }
  const results = await runChecks(connectorChecks, {
    open: (): ConnectorSubject => ({
      connector: graphql,
      config,
      wrongConfigs: [
        { config: {}, path: 'url' },
        { config: { url: 'ftp://vendor.example' }, path: 'url' },
        { config: { url: 'https://user:word@vendor.example' }, path: 'url' },
        { config: { ...config, errorPolicy: 'all' }, path: 'errorPolicy' },
      ],
      credential: bearer({ token }),
      secrets: [token],
      operations: {
        'query.run': { input: { document: '{ a }' }, reply, output },
        'mutation.run': { input: { document: 'mutation { a }' }, reply, output },
        'mutation.runOnce': { input: { document: 'mutation { a }' }, reply, output },
        'subscription.open': {
          input: { document: 'subscription { a }' },
          reply: { text: 'event: complete\n\n', headers: { 'content-type': 'text/event-stream' } },
        },
      },
      failures: [
        {
          operation: 'query.run',
          reply: { json: { errors: [{ message: 'no', extensions: { code: 'FORBIDDEN' } }] } },
          kind: 'permission',
          retry: 'never',
          code: 'FORBIDDEN',
        },
      ],
    }),
    abilities: ['credential', 'failures'],
  })
  expect(results.filter(({ outcome }) => outcome !== 'passed')).toEqual([])
})
