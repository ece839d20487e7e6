import { expect, test } from 'vitest'
import type { Manifest } from '../declarative/manifest-parts.ts'
import { graphqlFactsOf } from './graphql-facts.ts'
import { verify } from './verify.ts'

const schema = `
"""Prose that no index may hold."""
type Query { lamps(after: String, first: Int, filter: LampFilter): LampConnection! rooms: [Room!]! node(id: ID!): Node }
type Mutation { paint(input: PaintInput!): Lamp }
type LampConnection { nodes: [Lamp!]! pageInfo: PageInfo! totalCount: Int! }
type PageInfo { hasNextPage: Boolean! endCursor: String }
interface Node { id: ID! }
type Lamp implements Node { id: ID! watts: Int state: State! thing: Thing }
type Room { id: ID! name: String }
union Thing = Room | Lamp
enum State { ON OFF }
input LampFilter { state: State, room: RoomFilter }
input RoomFilter { id: ID, and: [RoomFilter!] }
input PaintInput { id: ID! colour: String! gloss: Boolean }
`
const ref = 'npm:lamps@1.0.0#schema.graphql'
const manifest = {
  id: 'lamps',
  sources: [{ id: 'schema', kind: 'graphql', ref }],
  deployments: [{ id: 'cloud', kind: 'saas', url: 'https://lamps.example', hosts: ['lamps.example'] }],
  credentials: [{ id: 'none', scheme: 'none' }],
  operations: {
    'lamp.list': {
      summary: 'Lamps.',
      source: 'lamps',
      request: 'POST /graphql',
      effect: 'read',
      graphql:
        'query Lamps($after: String, $first: Int, $state: State) { lamps(after: $after, first: $first, filter: { state: $state }) { nodes { id watts state thing { ... on Room { name } ...lamp } } pageInfo { hasNextPage endCursor } } } fragment lamp on Lamp { watts }',
      input: { state: { in: 'variable', enum: ['ON', 'OFF'] } },
      list: {
        schema: {
          type: 'object',
          required: ['id', 'state'],
          properties: { id: { type: 'string' }, watts: { type: ['integer', 'null'] }, state: { type: 'string' } },
        },
        pagination: { kind: 'graphql-relay', connection: 'lamps', after: 'after', first: 'first', size: 10 },
      },
    },
    'lamp.paint': {
      summary: 'Paints.',
      request: 'POST /graphql',
      effect: 'write',
      graphql: 'mutation Paint($input: PaintInput!) { paint(input: $input) { id } }',
      input: {
        id: { in: 'variable', as: 'input.id', type: 'string', required: true },
        colour: { in: 'variable', as: 'input.colour', type: 'string', required: true },
      },
      output: { from: 'paint', schema: { type: ['object', 'null'], properties: { id: { type: 'string' } } } },
    },
  },
} as unknown as Manifest

// biome-ignore lint/suspicious/noExplicitAny: what is changed is wrong on purpose
function problemsOf(change: (operations: Record<string, any>) => void): string {
  const copy = structuredClone(manifest)
  change(copy.operations)
  return verify(copy, [graphqlFactsOf(schema, { ref, manifests: [manifest] })]).problems.join('\n')
}

test('a document that agrees is E1; the facts hold what it uses, without prose', () => {
  const facts = graphqlFactsOf(schema, { ref, manifests: [manifest] })
  expect(facts.schema).not.toMatch(/Prose|totalCount|RoomFilter|Node/)
  expect(facts.others).toEqual(['Query.node', 'Query.rooms'])
  const { level, problems, operations } = verify(manifest, [JSON.parse(JSON.stringify(facts))])
  expect({ level, problems }).toEqual({ level: 'E1', problems: [] })
  expect(operations.map(({ found }) => found)).toEqual(['query lamps', 'mutation paint'])
})

test.each([
  ['field', 'nodes { id', 'nodes { key', /Cannot query field "key" on type "Lamp"/],
  ['argument', 'first: $first', 'count: $first', /Unknown argument "count"/],
  [
    'variable',
    '$state: State',
    '$state: String',
    /Variable "\$state" of type "String" used in position expecting type "State"/,
  ],
  ['input field', 'filter: { state', 'filter: { status', /Field "status" is not defined by type "LampFilter"/],
  ['syntax', 'query Lamps', 'query Lamps {', /is not of GraphQL/],
])('a wrong %s is told', (_name, right, wrong, message) => {
  expect(problemsOf((one) => (one['lamp.list'].graphql = one['lamp.list'].graphql.replace(right, wrong)))).toMatch(
    message,
  )
})

test('wrong variables and answers are told', () => {
  expect(problemsOf((one) => (one['lamp.list'].input.state.enum = ['DIM']))).toMatch(
    /ours lists values that theirs refuses/,
  )
  expect(problemsOf((one) => (one['lamp.list'].input.state.as = 'status'))).toMatch(
    /variable status: the document does not declare it/,
  )
  expect(problemsOf((one) => delete one['lamp.paint'].input.colour)).toMatch(
    /variable input.colour: theirs requires a field/,
  )
  expect(problemsOf((one) => (one['lamp.paint'].input.colour.as = 'input.color'))).toMatch(/input.color/)
  expect(problemsOf((one) => (one['lamp.paint'].output.schema.type = 'object'))).toMatch(
    /answer paint: their values may be of a type that ours refuses/,
  )
  expect(problemsOf((one) => (one['lamp.list'].list.schema.properties.watts = { type: 'string' }))).toMatch(
    /answer lamps\.nodes\.\*\.watts/,
  )
  expect(problemsOf((one) => (one['lamp.list'].source = 'rooms'))).toMatch(
    /names rooms, which its document does not ask for/,
  )
})

test('an introspection gives the facts of its schema', async () => {
  const { buildSchema, introspectionFromSchema } = await import('graphql')
  const text = JSON.stringify({ data: introspectionFromSchema(buildSchema(schema)) })
  const [one, other] = [schema, text].map((from) => graphqlFactsOf(from, { ref, manifests: [manifest] }).schema)
  expect(other).toBe(one)
})
