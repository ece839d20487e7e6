import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { systemClock } from '@patchbay/core'
import { httpClient, undiciTransport } from '@patchbay/core/http'
import { buildSchema, GraphQLError, graphql } from 'graphql'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type GraphqlFace, graphqlFor } from './graphql-for.ts'

const graph = buildSchema(`
  type Item { id: ID! name: String! secret: String }
  type Query { item(id: ID!): Item  limited: String  broken: String }
  type Mutation { rename(id: ID!, name: String!): Item! }
`)

const fails = (message: string, code?: string) => () => {
  throw new GraphQLError(message, code === undefined ? {} : { extensions: { code } })
}
const root = {
  item: ({ id }: { id: string }) => ({ id, name: `Item ${id}`, secret: fails('not yours', 'FORBIDDEN') }),
  limited: fails('too many', 'THROTTLED'),
  broken: fails('boom'),
  rename: (input: { id: string; name: string }) => input,
}

const transport = undiciTransport({ clock: systemClock, allow: [{ cidr: '127.0.0.0/8' }] })
const none = { scheme: 'none', marks: { headers: [], query: [] }, apply: () => undefined }
let server: Server
let face: GraphqlFace
let lenient: GraphqlFace
let origin: string

/** A real GraphQL executor behind HTTP; requests that do not parse get 400 under the media type of GraphQL over HTTP. */
beforeAll(async () => {
  server = createServer(async (request, response) => {
    let text = ''
    for await (const chunk of request) text += chunk
    const run = ({ query, variables }: { query: string; variables?: Record<string, unknown> }) =>
      graphql({ schema: graph, source: query, rootValue: root, variableValues: variables ?? null })
    const body = JSON.parse(text)
    const results = Array.isArray(body) ? await Promise.all(body.map(run)) : await run(body)
    const refused = !Array.isArray(results) && results.data === undefined
    const type = 'application/graphql-response+json; charset=utf-8'
    if (request.url === '/nonsense') response.writeHead(200, { 'content-type': 'application/json' }).end('[1]')
    else if (request.url === '/slow') setTimeout(() => response.end('{}'), 5000).unref()
    else response.writeHead(refused ? 400 : 200, { 'content-type': type }).end(JSON.stringify(results))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const client = httpClient({ baseUrl: origin, credential: none, transport, clock: systemClock })
  face = graphqlFor(client, { url: `${origin}/graphql` })
  lenient = graphqlFor(client, { url: `${origin}/graphql`, errorPolicy: 'all' })
})

afterAll(async () => {
  await transport.close()
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

const failure = async (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'success',
    (error: unknown) => error,
  )

it('queries and mutates with variables', async () => {
  const query = 'query Item($id: ID!) { item(id: $id) { id name } }'
  expect(await face.client.request(query, { id: '7' })).toEqual({ item: { id: '7', name: 'Item 7' } })
  const mutation = 'mutation Rename($id: ID!, $name: String!) { rename(id: $id, name: $name) { name } }'
  expect(await face.client.request(mutation, { id: '7', name: 'ä' })).toEqual({ rename: { name: 'ä' } })
})

it('gives raw answers and batches', async () => {
  const raw = await face.client.rawRequest('{ item(id: "1") { name } }')
  expect([raw.status, raw.data]).toEqual([200, { item: { name: 'Item 1' } }])
  const document = '{ item(id: "2") { name } }'
  expect(await face.client.batchRequests([{ document }, { document }])).toHaveLength(2)
})

it.each([
  ['{ limited }', { kind: 'rate-limited', code: 'THROTTLED', retry: 'later', status: 200 }],
  [
    '{ broken }',
    { kind: 'unexpected', retry: 'never', issues: [{ path: 'broken', message: 'boom (line 1, column 3)' }] },
  ],
  [
    '{ item(id: "1") { id secret } }',
    {
      kind: 'permission',
      code: 'FORBIDDEN',
      issues: [{ path: 'item.secret', message: 'not yours (line 1, column 22)' }],
    },
  ],
  ['{ nothing }', { kind: 'unexpected', status: 400 }],
])('makes the errors of %s typed ones', async (query, expected) => {
  expect(await failure(face.client.request(query))).toMatchObject(expected)
  expect(await failure(face.client.rawRequest(query))).toMatchObject(expected)
})

it('gives partial data only to those who asked for it', async () => {
  const { data, errors } = await lenient.client.rawRequest('{ item(id: "1") { id secret } }')
  expect(data).toEqual({ item: { id: '1', secret: null } })
  expect(errors).toHaveLength(1)
})

it('calls an answer that is no GraphQL response a protocol error', async () => {
  const client = httpClient({ baseUrl: origin, credential: none, transport, clock: systemClock })
  const { client: nonsense } = graphqlFor(client, { url: `${origin}/nonsense` })
  expect(await failure(nonsense.request('{ broken }'))).toMatchObject({ kind: 'protocol', retry: 'never' })
})

it('rejects with the reason of the caller who gives up', async () => {
  const client = httpClient({ baseUrl: origin, credential: none, transport, clock: systemClock })
  const { client: slow } = graphqlFor(client, { url: `${origin}/slow` })
  const controller = new AbortController()
  const reason = new Error('left')
  const running = failure(slow.request({ document: '{ broken }', signal: controller.signal } as never))
  controller.abort(reason)
  expect(await running).toBe(reason)
})

it("texts of the server's errors are one line and without the credential that it repeats, whatever their shape", async () => {
  const secret = 'S3CR3T/zk9+QW=v'
  const answers = [
    [{ message: `bad key ${secret}\r\nFORGED LINE`, path: ['a\nb', 0, { c: 1 }], extensions: { code: 'FORBIDDEN' } }],
    [null, 7, { message: { a: 1 }, path: 'x', extensions: 'y' }],
  ]
  const client = httpClient({
    baseUrl: 'https://vendor.example',
    clock: systemClock,
    credential: {
      scheme: 'api-key',
      marks: { headers: ['x-key'], query: [] },
      apply(request) {
        request.headers['x-key'] = secret
      },
    },
    transport: {
      async send({ url }) {
        const body = Buffer.from(JSON.stringify({ errors: answers.shift() }))
        const headers = { 'content-type': 'application/json' }
        return { status: 200, statusText: '', headers, url, body, stream: undefined }
      },
      async close() {},
    },
  })
  const { client: over } = graphqlFor(client, { url: 'https://vendor.example/graphql' })
  const first = await failure(over.request('{ a }'))
  expect(first).toMatchObject({
    kind: 'permission',
    issues: [{ path: 'a b.0', message: 'bad key [secret] FORGED LINE' }],
  })
  expect(await failure(over.request('{ a }'))).toMatchObject({
    kind: 'unexpected',
    issues: [{ path: '', message: 'no message' }],
  })
})
