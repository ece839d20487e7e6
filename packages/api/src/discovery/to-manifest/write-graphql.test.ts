import { type AnyConnector, connect } from '@patchbay/core'
import { expect, it } from 'vitest'
import { typeDefs } from '../../connectors/graphql/fixtures/schema.ts'
import { yogaServer } from '../../connectors/graphql/fixtures/yoga-server.ts'
import { integration } from '../../declarative/index.ts'
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

it('names them, and they run against the server that they were read from', async () => {
  // Without the field that always fails: half an answer is none.
  const { manifest } = manifestOf(await readGraphql(typeDefs.replace('hidden: String', '')))
  expect(Object.fromEntries(Object.entries(manifest.operations).map(([name, { source }]) => [source, name]))).toEqual({
    item: 'item.get',
    shop: 'shop.get',
    'shop.items': 'item.list',
    fails: 'fails.get',
    required: 'required.get',
    who: 'who.get',
    add: 'add.call',
    store: 'store.call',
  })
  const server = await yogaServer()
  try {
    await using connection = connect(integration(manifest) as unknown as AnyConnector, {
      config: { baseUrl: new URL(server.url).origin },
      network: { allow: [{ host: '127.0.0.1' }] },
    })
    const { item, who } = connection as unknown as {
      readonly item: { list(input: object): AsyncIterable<{ readonly id: string }> }
      readonly who: { get(input: object): Promise<unknown> }
    }
    expect(await who.get({})).toBeNull()
    const ids: string[] = []
    for await (const { id } of item.list({ first: 3 })) ids.push(id)
    expect(ids).toEqual(Array.from({ length: 7 }, (_, index) => `item-${index + 1}`))
    expect(server.seen).toHaveLength(4)
  } finally {
    await server.close()
  }
})
