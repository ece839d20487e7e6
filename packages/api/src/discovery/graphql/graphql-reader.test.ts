import { isPatchbayError, type PatchbayError } from '@patchbay/core'
import { buildSchema, getIntrospectionQuery, graphqlSync, parse, validate } from 'graphql'
import { describe, expect, it } from 'vitest'
import { typeDefs } from '../../connectors/graphql/fixtures/schema.ts'
import type { OperationModel } from '../model.ts'
import { readDescription } from '../read-description.ts'
import { graphqlReader, readGraphql } from './graphql-reader.ts'

const sdl = /* GraphQL */ `
  "What is at stake."
  enum Level { LOW HIGH }
  input Filter { level: Level = LOW, and: [Filter!], text: String! }
  interface Node { id: ID! }
  scalar DateTime
  type User implements Node { id: ID! name: String! boss: User teams: [Team!]! old: Int @deprecated secret(key: String!): String }
  type Team implements Node { id: ID! name: String lead: User members(first: Int, after: String): UserConnection }
  type PageInfo { hasNextPage: Boolean! endCursor: String }
  type UserEdge { node: User }
  type UserConnection { edges: [UserEdge] pageInfo: PageInfo! }
  union Found = User | Team | Level2
  type Level2 { id: Int! level: Level createdAt: DateTime }
  type Query {
    "One user. And more text."
    user(id: ID!): User
    users(first: Int = 10, after: String, filter: Filter): UserConnection!
    team(id: ID!, first: Int): Team
    search(text: String!, level: Level! = HIGH): [Found!]!
    node(id: ID!): Node
    count: Int!
    gone: Int @deprecated(reason: "no")
  }
  type Mutation { rename(id: ID!, names: [String!]!): User! }
  type Subscription { changed(since: DateTime): User }
`

async function failure(work: Promise<unknown>): Promise<PatchbayError> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (isPatchbayError(error)) return error
  throw error ?? new Error('nothing was thrown')
}

const byKey = (operations: readonly OperationModel[], key: string): OperationModel => {
  const found = operations.find((one) => one.key === key)
  if (found === undefined) throw new Error(`no ${key} among ${operations.map((one) => one.key).join(', ')}`)
  return found
}

describe('a schema', () => {
  it('gives an operation for each field of the roots, and for connections below', async () => {
    const { operations, protocol, format } = await readGraphql(sdl)
    expect([protocol, format]).toEqual(['graphql', 'graphql'])
    expect(operations.map(({ key }) => key)).toEqual([
      'query user',
      'query users',
      'query team',
      'query team.members',
      'query search',
      'query node',
      'query count',
      'query gone',
      'mutation rename',
      'subscription changed',
    ])
    expect(byKey(operations, 'query user')).toMatchObject({
      id: 'user',
      method: 'POST',
      path: '/graphql',
      summary: 'One user.',
      deprecated: false,
      binding: {
        kind: 'graphql',
        operation: 'query',
        field: 'user',
        operationName: 'User',
        document: 'query User($id: ID!) { user(id: $id) { id name teams { id name } } }',
      },
    })
    expect(byKey(operations, 'query gone').deprecated).toBe(true)
    expect(byKey(operations, 'query count').body).toBeUndefined()
  })

  it('finds connections by their shape, with the variables of paging', async () => {
    const { operations } = await readGraphql(sdl)
    const { binding } = byKey(operations, 'query users')
    expect(binding).toMatchObject({ relay: { connection: 'users', after: 'after', first: 'first' } })
    expect(binding?.document).toContain('pageInfo { hasNextPage endCursor } edges { node { id name')
    const below = byKey(operations, 'query team.members').binding
    expect(below).toMatchObject({
      relay: { connection: 'team.members', after: 'after', first: 'membersFirst' },
      document: expect.stringContaining(
        'query TeamMembers($id: ID!, $first: Int, $membersFirst: Int, $after: String) { team(id: $id, first: $first) { members(first: $membersFirst, after: $after) {',
      ),
    })
  })

  it('has its variables and answers as JSON Schema, also where input types are circles', async () => {
    const { operations, schemas } = await readGraphql(sdl)
    const body = byKey(operations, 'query users').body?.media[0]?.schema
    const variables = schemas.view(body as never)
    expect([...variables.properties.keys()]).toEqual(['first', 'after', 'filter'])
    expect([...variables.required]).toEqual([])
    const filter = schemas.view(variables.properties.get('filter') as never)
    expect(filter).toMatchObject({ name: 'Filter', types: ['object'] })
    expect([...filter.required]).toEqual(['text'])
    const and = schemas.view(filter.properties.get('and') as never)
    expect(schemas.view(and.items as never).name).toBe('Filter')
    const answer = schemas.view(byKey(operations, 'query count').responses[0]?.media[0]?.schema as never)
    const data = schemas.view(answer.properties.get('data') as never)
    expect(schemas.view(data.properties.get('count') as never).types).toEqual(['integer'])
  })

  it('is the same from an introspection, through readDescription too', async () => {
    const introspection = graphqlSync({ schema: buildSchema(sdl), source: getIntrospectionQuery() })
    const documents = async (work: ReturnType<typeof readGraphql>) => (await work).operations.map((one) => one.binding)
    const expected = await documents(readGraphql(sdl))
    expect(await documents(readGraphql(introspection))).toEqual(expected)
    expect(await documents(readGraphql(JSON.stringify(introspection.data)))).toEqual(expected)
    const readers = [graphqlReader]
    expect(await documents(readDescription({ text: sdl }, { readers }))).toEqual(expected)
    const read = await readDescription(
      { text: JSON.stringify(introspection), location: 'https://api.example.com/v1/graphql' },
      { readers },
    )
    expect(read.servers[0]?.url).toBe('https://api.example.com')
    expect(read.operations[0]?.path).toBe('/v1/graphql')
  })
})

it.each([
  ['its own', buildSchema(sdl)],
  ['the test server', buildSchema(typeDefs)],
])('every generated document is valid for %s schema', async (_, schema) => {
  const introspection = graphqlSync({ schema, source: getIntrospectionQuery() })
  for (const depth of [0, 1, 3, 6]) {
    for (const fields of [1, 5, 500]) {
      const { operations } = await readGraphql(introspection, { depth, fields })
      for (const { binding, key } of operations) {
        const errors = validate(schema, parse(String(binding?.document)))
        expect([key, binding?.document, ...errors.map(({ message }) => message)]).toHaveLength(2)
      }
    }
  }
})

describe('a hostile schema', () => {
  it.each([
    ['type Query {', 'description-malformed'],
    ['type Query { a: Missing }', 'description-malformed'],
    [`type Query { a: ${'['.repeat(100_000)}Int${']'.repeat(100_000)} }`, 'description-too-deep'],
    ['{ "__schema": 5 }', 'description-unknown-format'],
    ['{ "__schema": { "types": [] } }', 'description-malformed'],
    ['{"a": 1}', 'description-unknown-format'],
  ])('is refused: %.40s', async (text, code) => {
    expect(await failure(readGraphql(text))).toMatchObject({ code })
  })

  it('of 10,000 types that all lead to each other stays small and quick', async () => {
    const count = 10_000
    const types = Array.from({ length: count }, (_, index) => {
      const links = Array.from({ length: 10 }, (_link, step) => `f${step}: T${(index * 7 + step * 13) % count}`)
      return `type T${index} { id: ID! name: String ${links.join(' ')} }`
    })
    const fields = Array.from({ length: 1000 }, (_, index) => `q${index}(id: ID!): T${index}`)
    const text = `${types.join('\n')} type Query { ${fields.join(' ')} }`
    const started = performance.now()
    const { operations } = await readGraphql(text)
    expect(operations).toHaveLength(1000)
    const longest = Math.max(...operations.map(({ binding }) => String(binding?.document).length))
    expect(longest).toBeLessThan(4000)
    expect(performance.now() - started).toBeLessThan(15_000)
  })

  it('with names like those of objects is read as any other', async () => {
    const text =
      'type constructor { toString: Int hasOwnProperty: constructor } type Query { valueOf(__proto: Int): constructor }'
    const { operations } = await readGraphql(text)
    expect(operations[0]?.binding?.document).toBe(
      'query ValueOf($__proto: Int) { valueOf(__proto: $__proto) { toString } }',
    )
  })

  it('with more operations than wanted says so', async () => {
    const text = `type Query { ${Array.from({ length: 50 }, (_, index) => `f${index}: Int`).join(' ')} }`
    const { operations, findings } = await readGraphql(text, { operations: 20 })
    expect(operations).toHaveLength(20)
    expect(findings).toMatchObject([{ code: 'operations-left-out' }])
  })
})
