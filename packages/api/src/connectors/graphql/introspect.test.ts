import { connect, isPatchbayError } from '@patchbay/core'
import { fakeTransport } from '@patchbay/core/testing'
import { buildSchema, lexicographicSortSchema, printSchema } from 'graphql'
import { expect, it } from 'vitest'
import { typeDefs } from './fixtures/schema.ts'
import { yogaServer } from './fixtures/yoga-server.ts'
import { graphql, readGraphql } from './index.ts'
import { introspect } from './introspect.ts'

it('reads the schema of a server, as text, as an object, and as operations that can be run', async () => {
  const server = await yogaServer()
  try {
    await using connection = connect(graphql, {
      config: { url: server.url },
      network: { allow: [{ host: '127.0.0.1' }] },
    })
    const told = await introspect(connection)
    expect(await told.sdl()).toBe(printSchema(lexicographicSortSchema(buildSchema(typeDefs))))
    expect((await told.schema()).getQueryType()?.name).toBe('Query')
    const { operations } = await readGraphql(told.result)
    const shop = operations.find(({ key }) => key === 'query shop.items')
    expect(shop?.binding?.relay).toEqual({ connection: 'shop.items', after: 'after', first: 'first' })
    const { data } = await connection.query.run<{ shop: { items: { nodes: unknown[] } } }>({
      document: String(shop?.binding?.document),
      variables: { first: 2 },
      errorPolicy: 'partial',
    })
    expect(data.shop.items.nodes).toHaveLength(2)
  } finally {
    await server.close()
  }
})

it.each([
  [{ status: 400, json: { errors: [{ message: 'introspection is not allowed' }] } }],
  [{ json: { errors: [{ message: 'no', extensions: { code: 'GRAPHQL_VALIDATION_FAILED' } }] } }],
  [{ json: { data: { __schema: null } } }],
])('says when the server keeps its schema to itself: %j', async (reply) => {
  await using connection = connect(graphql, {
    config: { url: 'https://vendor.example/graphql' },
    transport: fakeTransport({ '*': reply }),
  })
  const error = await introspect(connection).catch((reason: unknown) => reason)
  expect(isPatchbayError(error) && [error.kind, error.code]).toEqual(['unsupported', 'introspection-off'])
})
