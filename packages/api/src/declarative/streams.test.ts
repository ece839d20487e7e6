import type { StreamSpec } from '@patchbay/core'
import { memoryStore } from '@patchbay/core/stores/memory'
import { readStream } from '@patchbay/core/streams'
import { fakeClock, fakeTransport } from '@patchbay/core/testing'
import { afterEach, describe, expect, test } from 'vitest'
import { type AnyIntegration, connectTo, smallManifest } from './fixtures/small-manifest.ts'
import { integration } from './integration.ts'

const opened: { $close(): Promise<void> }[] = []
afterEach(async () => {
  await Promise.all(opened.splice(0).map((connection) => connection.$close()))
})

const none = { kind: 'none', reason: 'it is short' }

function stream(cursor: object, since: object, pagination: object = none, parts: object = {}) {
  const list = { items: 'd', schema: { type: 'object', required: ['id'] }, pagination }
  const manifest = smallManifest({
    operations: {
      'thing.list': { summary: 'Things.', request: 'GET /things', effect: 'read', input: { since }, list },
    },
    streams: { things: { operation: 'thing.list', cursor, id: 'id', ...parts } },
    check: { operation: 'thing.list' },
  })
  const spec = (integration(manifest) as AnyIntegration).streams.things as StreamSpec<unknown, { id: number }>
  return { manifest, spec }
}

async function readAll(
  { manifest, spec }: ReturnType<typeof stream>,
  pages: readonly object[],
  store = memoryStore(),
  at = Date.UTC(2026, 5, 1),
) {
  const transport = fakeTransport({ '*': pages.map((json) => ({ json })) })
  const connection = connectTo(manifest, { url: 'https://desk.example' }, { transport, clock: fakeClock(at) })
  opened.push(connection)
  const ids: number[] = []
  for await (const batch of readStream(connection, spec as never, { store, key: 'k' })) {
    ids.push(...(batch.records as { id: number }[]).map(({ id }) => id))
    await batch.ack()
  }
  return { ids, asked: transport.requests.map(({ url }) => new URL(url).search) }
}

const time = { kind: 'time', field: 'at', input: 'since', order: 'ascending', boundary: 'inclusive' }

describe('times', () => {
  test.each([
    ['unix-s', { in: 'query', type: 'integer' }, 1_767_225_600, '?since=1767225600'],
    ['unix-ms', { in: 'query', type: 'string' }, 1_767_225_600_000, '?since=1767225600000'],
    ['iso', { in: 'query', type: 'string' }, '2026-01-01T00:00:00Z', '?since=2026-01-01T00%3A00%3A00Z'],
    ['utc', { in: 'query', type: 'string' }, '2026-01-01 00:00:00', '?since=2026-01-01%2000%3A00%3A00'],
  ])('in the form %s are read and written', async (format, since, at, search) => {
    const declared = stream({ ...time, format }, since)
    const store = memoryStore()
    expect(await readAll(declared, [{ d: [{ id: 1, at }] }], store)).toEqual({ ids: [1], asked: [''] })
    expect(
      await readAll(
        declared,
        [
          {
            d: [
              { id: 1, at },
              { id: 2, at },
            ],
          },
        ],
        store,
      ),
    ).toEqual({ ids: [2], asked: [search] })
  })

  test.each([
    ['day', '2026-01-01'],
    ['minute', '2026-01-01T10:11:00Z'],
    ['s', '2026-01-01T10:11:12Z'],
    ['ms', '2026-01-01T10:11:12.345Z'],
    ['us', '2026-01-01T10:11:12.345678Z'],
  ])('are no more exact than the vendor reads: %s', async (precision, written) => {
    const declared = stream({ ...time, precision }, { in: 'query', type: 'string' })
    const store = memoryStore()
    const at = '2026-01-01T10:11:12.345678Z'
    await readAll(declared, [{ d: [{ id: 1, at }] }], store)
    const { asked } = await readAll(declared, [{ d: [] }], store)
    expect(new URLSearchParams(asked[0]).get('since')).toBe(written)
  })

  test('stand in a filter where the vendor wants one', async () => {
    const cursor = { ...time, precision: 's', template: "at:>='{time}'+kind:'$&'" }
    const declared = stream(cursor, { in: 'query', type: 'string' })
    const store = memoryStore()
    expect((await readAll(declared, [{ d: [{ id: 1, at: '2026-01-01T10:11:12.345Z' }] }], store)).asked).toEqual([''])
    const { asked } = await readAll(declared, [{ d: [] }], store)
    expect(new URLSearchParams(asked[0]).get('since')).toBe("at:>='2026-01-01T10:11:12Z'+kind:'$&'")
  })

  test('are told as minutes before now to vendors that read times in the zone of a user', async () => {
    const cursor = {
      ...time,
      template: 'updated >= "-{minutesAgo}m" ORDER BY updated',
      earliest: '2026-05-31T23:00:00Z',
    }
    const declared = stream(cursor, { in: 'query', type: 'string' })
    const store = memoryStore()
    const first = await readAll(declared, [{ d: [{ id: 1, at: '2026-05-31T23:30:30.000+0000' }] }], store)
    expect(new URLSearchParams(first.asked[0]).get('since')).toBe('updated >= "-65m" ORDER BY updated')
    const { asked } = await readAll(declared, [{ d: [] }], store)
    expect(new URLSearchParams(asked[0]).get('since')).toBe('updated >= "-35m" ORDER BY updated')
  })

  test('begin where the manifest says, and no earlier than the vendor keeps records', async () => {
    const since = { in: 'query', type: 'string' }
    const now = Date.UTC(2026, 5, 1)
    const first = async (cursor: object) => {
      const { asked } = await readAll(stream({ ...time, ...cursor }, since), [{ d: [] }], memoryStore(), now)
      return new URLSearchParams(asked[0]).get('since')
    }
    expect(await first({})).toBeNull()
    expect(await first({ earliest: '2026-01-01T00:00:00Z' })).toBe('2026-01-01T00:00:00.000Z')
    expect(await first({ earliest: '2020-01-01T00:00:00Z', backfillMs: 86_400_000 })).toBe('2026-05-31T00:00:00.000Z')
  })

  test('that a record does not have are errors and no silence', async () => {
    const declared = stream(time, { in: 'query', type: 'string' })
    await expect(readAll(declared, [{ d: [{ id: 1 }] }])).rejects.toMatchObject({ kind: 'protocol' })
  })
})

describe('opaque cursors', () => {
  const cursor = { kind: 'cursor-body', path: 'next', send: { query: 'after' }, alwaysHasNext: true }

  test('go on behind the last page, with the fixed inputs', async () => {
    const declared = stream({ kind: 'opaque', order: 'ascending' }, { in: 'query', type: 'string' }, cursor, {
      input: { since: 'x' },
    })
    const store = memoryStore()
    const first = await readAll(
      declared,
      [
        { d: [{ id: 1 }], next: 'a' },
        { d: [{ id: 2 }], next: 'b' },
        { d: [], next: 'b2' },
      ],
      store,
    )
    expect(first.ids).toEqual([1, 2])
    const second = await readAll(
      declared,
      [
        { d: [{ id: 3 }], next: 'c' },
        { d: [], next: 'c2' },
      ],
      store,
    )
    expect(second).toEqual({ ids: [3], asked: ['?since=x&after=b', '?since=x&after=c'] })
  })
})
