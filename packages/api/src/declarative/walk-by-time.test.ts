import type { StreamSpec } from '@patchbay/core'
import { memoryStore } from '@patchbay/core/stores/memory'
import { readStream } from '@patchbay/core/streams'
import { seededRandom } from '@patchbay/core/testing'
import { afterEach, describe, expect, test } from 'vitest'
import { type AnyIntegration, connectTo, smallManifest } from './fixtures/small-manifest.ts'
import { startVendor, type Vendor } from './fixtures/vendor.ts'
import { integration } from './integration.ts'
import { mayShift } from './walk-by-time.ts'

const opened: { $close(): Promise<void> }[] = []
const vendors: Vendor[] = []
afterEach(async () => {
  await Promise.all(opened.splice(0).map((connection) => connection.$close()))
  await Promise.all(vendors.splice(0).map((vendor) => vendor.close()))
})

const pageSize = 5
const start = Date.UTC(2026, 0, 1)

/** Records in the order of their last change, in numbered pages; after each page somebody changes one that was shown already. */
async function busyVendor(boundary: 'inclusive' | 'exclusive', stepMs: number, ties: number, seed: number) {
  const random = seededRandom(seed)
  const records = Array.from({ length: 40 }, (_, index) => ({
    id: index + 1,
    at: start + Math.floor(index / ties) * stepMs,
  }))
  let now = start + 1_000_000
  const vendor = await startVendor(({ url }) => {
    const since = url.searchParams.get('since')
    const number = Number(url.searchParams.get('page') ?? '1')
    const from = since === null ? 0 : Date.parse(since)
    const sorted = records
      .filter(({ at }) => (boundary === 'inclusive' ? at >= from : at > from))
      .toSorted((a, b) => a.at - b.at || a.id - b.id)
    const shown = sorted.slice((number - 1) * pageSize, number * pageSize)
    const d = shown.map(({ id, at }) => ({ id, at: new Date(at).toISOString() }))
    // Only what is not among a group of one time: a group that shrinks between its own pages is what nobody can see.
    const moved = shown.find((one) => ties === 1 && one.at < start + 1_000_000)
    if (moved !== undefined && random.below(2) === 0) {
      now += stepMs
      moved.at = now
    }
    return { json: { d } }
  })
  vendors.push(vendor)
  return { vendor, records }
}

function declared(boundary: 'inclusive' | 'exclusive', precision: 's' | 'ms') {
  const pagination = { kind: 'page', page: 'page', size: pageSize, sizeKey: 'size' }
  return smallManifest({
    operations: {
      'thing.list': {
        summary: 'Things.',
        request: 'GET /things',
        effect: 'read',
        input: { since: { in: 'query', type: 'string', format: 'date-time' } },
        list: { items: 'd', schema: { type: 'object', required: ['id'] }, pagination },
      },
    },
    streams: {
      things: {
        operation: 'thing.list',
        id: 'id',
        cursor: { kind: 'time', field: 'at', input: 'since', order: 'ascending', boundary, precision },
      },
    },
    check: { operation: 'thing.list' },
  })
}

describe('a list whose pages shift while it is read', () => {
  test.each([
    ['inclusive', 'ms', 1, 1],
    ['exclusive', 'ms', 1, 1],
    ['inclusive', 's', 1000, 1],
    ['exclusive', 's', 1000, 1],
    ['inclusive', 's', 1000, 12],
    ['exclusive', 's', 1000, 12],
  ] as const)('%s, exact to %s: every record is seen', async (boundary, precision, stepMs, ties) => {
    for (let seed = 1; seed <= 10; seed++) {
      const { vendor, records } = await busyVendor(boundary, stepMs, ties, seed)
      const manifest = declared(boundary, precision)
      const connection = connectTo(manifest, { url: vendor.url })
      opened.push(connection)
      const spec = (integration(manifest) as AnyIntegration).streams.things as StreamSpec<
        unknown,
        { id: number; at: string }
      >
      const store = memoryStore()
      const seen = new Map<string, number>()
      for (let pass = 0; pass < 2; pass++) {
        for await (const batch of readStream(connection, spec as never, { store, key: 'k' })) {
          for (const { id, at } of batch.records as { id: number; at: string }[])
            seen.set(`${id} ${at}`, (seen.get(`${id} ${at}`) ?? 0) + 1)
          await batch.ack()
        }
      }
      const missing = records.filter(({ id, at }) => !seen.has(`${id} ${new Date(at).toISOString()}`))
      expect({ seed, missing }).toEqual({ seed, missing: [] })
      expect([...seen.values()].filter((times) => times > 1)).toEqual([])
    }
  })
})

test('lists that stand still, have no order, or go on by a cursor are read as they are', () => {
  const cursor = { kind: 'time', field: 'at', input: 'since', order: 'ascending', boundary: 'inclusive' } as const
  expect(mayShift({ kind: 'page', page: 'page' }, cursor)).toBe(true)
  expect(mayShift({ kind: 'page', page: 'page', view: 'snapshot' }, cursor)).toBe(false)
  expect(mayShift({ kind: 'cursor-body', path: 'next', send: { query: 'after' } }, cursor)).toBe(false)
  expect(mayShift({ kind: 'none', reason: 'short' }, cursor)).toBe(false)
  expect(mayShift({ kind: 'offset', offset: 'offset' }, { ...cursor, order: 'none' })).toBe(false)
})
