import { connect, isPatchbayError, type PatchbayError } from '@patchbay/core'
import { memoryStore } from '@patchbay/core/stores/memory'
import { readStream } from '@patchbay/core/streams'
import { fakeTransport } from '@patchbay/core/testing'
import { afterAll, beforeAll, describe, expect, expectTypeOf, it } from 'vitest'
import { z } from 'zod'
import type { DocumentTypes } from './document.ts'
import { type YogaServer, yogaServer } from './fixtures/yoga-server.ts'
import { graphql } from './index.ts'
import { type ConnectionNode, pages } from './relay-pages.ts'
import { connectionStream } from './relay-stream.ts'

let server: YogaServer
beforeAll(async () => {
  server = await yogaServer()
})
afterAll(() => server.close())

const open = () => connect(graphql, { config: { url: server.url }, network: { allow: [{ host: '127.0.0.1' }] } })

interface Data {
  readonly shop: {
    readonly items: {
      readonly nodes: readonly ({ readonly id: string } | null)[]
      readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null }
    }
  } | null
}
interface Variables {
  readonly first?: number
  readonly after?: string
}
/** A typed document, as generators write them with `documentMode: 'string'`. */
const typed = <D, V>(text: string) => new String(text) as string & DocumentTypes<D, V>
const forward = (fields: string) => `query Items($first: Int, $after: String, $id: ID) {
  shop(id: $id) { items(first: $first, after: $after) { ${fields} } }
}`
const Items = typed<Data, Variables>(forward('nodes { id } pageInfo { hasNextPage endCursor }'))
const all = Array.from({ length: 7 }, (_, index) => `item-${index + 1}`)

async function failure(work: Promise<unknown>): Promise<PatchbayError> {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  if (isPatchbayError(error)) return error
  throw error
}

describe('pages', () => {
  it('reads forward, typed by the document and the path', async () => {
    await using connection = open()
    const before = server.seen.length
    const ids: string[] = []
    for await (const item of pages(connection, Items, { first: 3 }, { at: 'shop.items' })) {
      expectTypeOf(item).toEqualTypeOf<{ readonly id: string }>()
      ids.push(item.id)
    }
    expect(ids).toEqual(all)
    expect(server.seen.length - before).toBe(3)
    expectTypeOf<ConnectionNode<Data, 'shop'>>().toBeUnknown()
    // @ts-expect-error first is a number
    pages(connection, Items, { first: '3' }, { at: 'shop.items' })
  })

  it('reads backward from the end, over edges, without the null among them', async () => {
    await using connection = open()
    const document = `query Items($last: Int, $before: String) {
      shop { items(last: $last, before: $before) { edges { node { id } } pageInfo { hasPreviousPage startCursor } } }
    }`
    const found = await pages(connection, document, { last: 3 }, { at: 'shop.items', direction: 'backward' }).take(100)
    expect(found).toEqual(all.toReversed().map((id) => ({ id })))
  })

  it('takes another name for the cursor, whole pages, and leaves early without a further request', async () => {
    await using connection = open()
    const document = forward('nodes { id } pageInfo { hasNextPage endCursor }').replaceAll('$after', '$cursor')
    const before = server.seen.length
    for await (const page of pages(
      connection,
      document,
      { first: 2 },
      {
        at: 'shop.items',
        cursorVariable: 'cursor',
      },
    ).pages()) {
      expect(page.items).toHaveLength(2)
      expect(page.output.data).toHaveProperty('shop')
      if (page.index === 1) break
    }
    expect(server.seen.length - before).toBe(2)
  })

  it.each([
    [forward('nodes { id } pageInfo { endCursor }'), 'shop.items', 'protocol', 'shop.items.pageInfo'],
    [forward('nodes { id } pageInfo { hasNextPage }'), 'shop.items', 'protocol', 'shop.items.pageInfo.endCursor'],
    [forward('totalCount pageInfo { hasNextPage endCursor }'), 'shop.items', 'protocol', 'shop.items'],
    [forward('nodes { id } pageInfo { hasNextPage endCursor }'), 'shop.things', 'protocol', 'shop.things'],
  ])('says what a document lacks: %s', async (document, at, kind, path) => {
    await using connection = open()
    const error = await failure(pages(connection, document, { first: 2 }, { at }).take(1))
    expect(error).toMatchObject({ kind, code: 'no-connection', issues: [{ path }] })
  })

  it('calls a parent that is null not found', async () => {
    await using connection = open()
    const document = forward('nodes { id } pageInfo { hasNextPage endCursor }')
    const error = await failure(pages(connection, document, { id: 'none' }, { at: 'shop.items' }).take(1))
    expect(error).toMatchObject({ kind: 'not-found', issues: [{ path: 'shop' }] })
  })
})

describe('connectionStream', () => {
  it('goes on from the cursor of what was acknowledged', async () => {
    await using connection = open()
    const spec = connectionStream({
      by: 'cursor',
      name: 'items',
      document: Items,
      variables: { first: 2 },
      at: 'shop.items',
      record: z.object({ id: z.string() }),
      key: ({ id }) => id,
    })
    const reader = readStream(connection, spec, { store: memoryStore(), key: 'items' })
    const read = async (most: number): Promise<string[]> => {
      const ids: string[] = []
      for await (const batch of reader) {
        ids.push(...batch.records.map(({ id }) => id))
        await batch.ack()
        if (ids.length >= most) break
      }
      return ids
    }
    expect(await read(4)).toEqual(all.slice(0, 4))
    expect(await read(100)).toEqual(all.slice(4))
    expect(await read(100)).toEqual([])
  })

  it('asks by time where the server filters changes', async () => {
    const at = (minute: number) => `2026-01-02T03:0${minute}:00Z`
    const changes = [1, 2, 3].map((minute) => ({ id: `c${minute}`, updatedAt: at(minute) }))
    const asked: unknown[] = []
    const transport = fakeTransport({
      '*': (request) => {
        const { variables } = request.json() as { variables: { since?: string } }
        asked.push(variables.since)
        const nodes = changes.filter(({ updatedAt }) => updatedAt >= (variables.since ?? ''))
        return { json: { data: { changes: { nodes, pageInfo: { hasNextPage: false, endCursor: null } } } } }
      },
    })
    await using connection = connect(graphql, { config: { url: 'https://vendor.example/graphql' }, transport })
    const spec = connectionStream({
      by: 'time',
      name: 'changes',
      document: 'query Changes($since: DateTime, $after: String) { changes { nodes { id } } }',
      variables: {},
      at: 'changes',
      sinceVariable: 'since',
      order: 'ascending',
      boundary: 'inclusive',
      record: z.object({ id: z.string(), updatedAt: z.string() }),
      key: ({ id }) => id,
      position: ({ updatedAt }) => updatedAt,
    })
    const reader = readStream(connection, spec, { store: memoryStore(), key: 'changes' })
    const ids: string[] = []
    for await (const { id } of reader.records()) ids.push(id)
    changes.push({ id: 'c4', updatedAt: at(4) })
    for await (const { id } of reader.records()) ids.push(id)
    expect(ids).toEqual(['c1', 'c2', 'c3', 'c4'])
    expect(asked[0]).toBeUndefined()
    expect(Date.parse(asked[1] as string)).toBe(Date.parse(at(3)))
  })
})
