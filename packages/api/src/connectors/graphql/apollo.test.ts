import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { ApolloServer, HeaderMap } from '@apollo/server'
import { connect, isPatchbayError, type PatchbayError } from '@patchbay/core'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { type GraphqlConfigInput, graphql } from './index.ts'

const apollo = new ApolloServer({
  typeDefs: 'type Query { hello(name: String!): String! boom: String } type Mutation { add(n: Int!): Int! }',
  resolvers: {
    Query: {
      hello: (_root: unknown, { name }: { name: string }) => `hello ${name}`,
      boom: () => {
        throw new Error('inside')
      },
    },
    Mutation: { add: (_root: unknown, { n }: { n: number }) => n + 1 },
  },
})
let server: Server
let url: string
const seen: { method: string; length: number }[] = []

beforeAll(async () => {
  await apollo.start()
  server = createServer(async (request, response) => {
    let text = ''
    for await (const part of request) text += part
    seen.push({ method: request.method ?? '', length: text.length })
    const headers = new HeaderMap()
    for (const [name, value] of Object.entries(request.headers)) headers.set(name, String(value))
    const { search } = new URL(request.url ?? '', 'http://localhost')
    const answer = await apollo.executeHTTPGraphQLRequest({
      httpGraphQLRequest: {
        method: request.method ?? '',
        headers,
        search,
        body: text === '' ? undefined : JSON.parse(text),
      },
      context: async () => ({}),
    })
    for (const [name, value] of answer.headers) response.setHeader(name, value)
    response.statusCode = answer.status ?? 200
    response.end(answer.body.kind === 'complete' ? answer.body.string : '')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
})
afterAll(async () => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
  await apollo.stop()
})

const open = (config: Partial<GraphqlConfigInput> = {}) =>
  connect(graphql, { config: { url, ...config }, network: { allow: [{ host: '127.0.0.1' }] } })

async function failure(work: Promise<unknown>): Promise<PatchbayError> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (isPatchbayError(error)) return error
  throw error
}

const document = 'query Hello($name: String!) { hello(name: $name) }'

it('asks and is answered', async () => {
  await using connection = open()
  expect((await connection.query.run({ document, variables: { name: 'Ada' } })).data).toEqual({ hello: 'hello Ada' })
  expect((await connection.mutation.run({ document: 'mutation { add(n: 1) }' })).data).toEqual({ add: 2 })
})

it.each([
  ['{ nothing }', undefined, { kind: 'invalid-input', status: 400, code: 'GRAPHQL_VALIDATION_FAILED' }],
  ['{ hello(name: ', undefined, { kind: 'invalid-input', status: 400, code: 'GRAPHQL_PARSE_FAILED' }],
  [document, { name: 7 }, { kind: 'invalid-input', code: 'BAD_USER_INPUT' }],
  ['{ boom }', undefined, { kind: 'unexpected', status: 200, code: 'INTERNAL_SERVER_ERROR' }],
])('%s with %j is told with its place', async (text, variables, expected) => {
  await using connection = open()
  const error = await failure(connection.query.run({ document: text, variables } as never))
  expect(error).toMatchObject(expected)
  expect(error.issues[0]?.message).toMatch(/\(line 1, column \d+\)$/)
})

it('teaches documents to the server once, also by GET with the header that it wants against forged requests', async () => {
  await using connection = open({
    persisted: { mode: 'automatic', get: true },
    headers: { 'apollo-require-preflight': 'true' },
  })
  const before = seen.length
  for (const name of ['a', 'b', 'c']) {
    const { data } = await connection.query.run({ document: `${document} # persisted`, variables: { name } })
    expect(data).toEqual({ hello: `hello ${name}` })
  }
  expect(seen.slice(before).map(({ method }) => method)).toEqual(['GET', 'POST', 'GET', 'GET'])
})

it('is told apart from a server that keeps no documents', async () => {
  const plain = new ApolloServer({ typeDefs: 'type Query { a: Int }', persistedQueries: false })
  await plain.start()
  const before = apollo.executeHTTPGraphQLRequest
  apollo.executeHTTPGraphQLRequest = plain.executeHTTPGraphQLRequest.bind(plain) as never
  try {
    await using connection = open({ persisted: { mode: 'automatic' } })
    const from = seen.length
    for (let time = 0; time < 2; time++)
      expect((await connection.query.run({ document: '{ a }' })).data).toEqual({ a: null })
    expect(seen.length - from).toBe(3)
  } finally {
    apollo.executeHTTPGraphQLRequest = before
    await plain.stop()
  }
})
