import { expect, it } from 'vitest'
import { typeDefs } from '../../connectors/graphql/fixtures/schema.ts'
import { readGraphql } from '../graphql/graphql-reader.ts'
import { manifestOf } from './manifest-of.ts'
import { writeGraphql } from './write-graphql.ts'

it('writes fields as operations with their documents, and leaves subscriptions out', async () => {
  const { manifest, report } = manifestOf(await readGraphql(typeDefs))
  expect(report.leftOut).toEqual([
    { key: 'subscription messages', reason: 'manifests have no subscriptions' },
    { key: 'subscription broken', reason: 'manifests have no subscriptions' },
    { key: 'subscription late', reason: 'manifests have no subscriptions' },
  ])
  const operations = Object.values(manifest.operations)
  const bySource = (source: string) => operations.find((one) => one.source === source)
  expect(bySource('item')).toMatchObject({
    request: 'POST /graphql',
    effect: 'read',
    graphql: 'query Item($id: ID!) { item(id: $id) { id name hidden } }',
    input: { id: { in: 'variable', type: 'string', required: true } },
    output: { from: 'item' },
  })
  expect(bySource('add')).toMatchObject({ effect: 'write', input: { name: { in: 'variable' } } })
  expect(bySource('shop.items')).toMatchObject({
    list: {
      items: 'shop.items.nodes',
      pagination: { kind: 'graphql-relay', connection: 'shop.items', after: 'after', first: 'first', size: 50 },
    },
  })
  expect(Object.keys(bySource('shop.items')?.input ?? {})).not.toContain('after')
  expect(() => writeGraphql({ operation: { key: 'x' } } as never, '')).toThrow(TypeError)
})
