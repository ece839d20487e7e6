import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Fault, isPatchbayError, type PatchbayError, patchbayError } from '../errors.ts'
import { Events } from '../events.ts'
import { unchecked } from '../schema.ts'
import type { Store } from '../store.ts'
import { memoryStore } from '../stores/memory.ts'
import { sqliteStore } from '../stores/sqlite.ts'
import type { StreamPage, StreamSpec } from '../stream.ts'
import { fakeClock, seededRandom } from '../testing/index.ts'
import { type ReadStreamOptions, readStream } from './reader.ts'
import type { StreamBatch } from './stream-batch.ts'

interface Item {
  readonly id: string
  readonly at: string
}
type Pages = readonly StreamPage<Item>[]

const at = (second: number): string => new Date(Date.UTC(2020, 0, 1, 0, 0, second)).toISOString()
const item = (id: string, second: number): Item => ({ id, at: at(second) })

/** A stream whose pages depend on the cursor. */
function stream(
  pagesFrom: (cursor: string | undefined) => Pages | AsyncIterable<StreamPage<Item>>,
  rules: Partial<StreamSpec<undefined, Item>> = {},
): StreamSpec<undefined, Item> {
  const time = rules.cursorKind !== 'opaque'
  return {
    name: 'items',
    order: 'ascending',
    boundary: 'inclusive',
    cursorKind: 'time',
    record: unchecked<Item>(),
    key: ({ id }) => id,
    ...(time ? { position: ({ at: position }: Item) => position } : {}),
    async *read(_, { cursor }) {
      yield* pagesFrom(cursor)
    },
    ...rules,
  }
}

/** A vendor that filters by time as it should. */
const vendor = (items: readonly Item[], pageSize = 2, boundary: 'inclusive' | 'exclusive' = 'inclusive') => {
  return (cursor: string | undefined): Pages => {
    const kept = items.filter(
      (one) => cursor === undefined || (boundary === 'inclusive' ? one.at >= cursor : one.at > cursor),
    )
    return Array.from({ length: Math.ceil(kept.length / pageSize) }, (_, page) => ({
      items: kept.slice(page * pageSize, (page + 1) * pageSize),
    }))
  }
}

function setting(options: Partial<ReadStreamOptions> = {}) {
  const clock = fakeClock()
  const store = memoryStore({ clock })
  return { clock, store, options: { key: 's', store, clock, ...options } }
}

async function failure(work: () => Promise<unknown>): Promise<PatchbayError> {
  try {
    await work()
  } catch (error) {
    if (isPatchbayError(error)) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

/** One read with everything acknowledged; answers the ids. */
async function drain(spec: StreamSpec<undefined, Item>, options: ReadStreamOptions): Promise<string[]> {
  const ids: string[] = []
  for await (const batch of readStream(undefined, spec, options)) {
    ids.push(...batch.records.map(({ id }) => id))
    await batch.ack()
  }
  return ids
}

const five = ['a', 'b', 'c', 'd', 'e'].map((id, index) => item(id, index))

async function leftovers(store: Store): Promise<string[]> {
  return (await store.list('s')).map(({ key }) => key)
}

describe('the cursor', () => {
  it('moves with each ack of an ascending stream, and a later read gives only what is new', async () => {
    const { options, store } = setting()
    const items = [...five]
    const spec = stream(vendor(items))
    const moves: (string | undefined)[] = []
    for await (const batch of readStream(undefined, spec, options)) {
      moves.push(await readStream(undefined, spec, options).cursor())
      await batch.ack()
    }
    expect(moves).toEqual([undefined, at(1), at(3)])
    expect(await drain(spec, options)).toEqual([])
    items.push(item('e2', 4), item('f', 5))
    expect(await drain(spec, options)).toEqual(['e2', 'f'])
    expect(await readStream(undefined, spec, options).cursor()).toBe(at(5))
    expect((await leftovers(store)).length).toBe(2)
  })

  it('does not move before the ack, whatever was read', async () => {
    const { options } = setting()
    const spec = stream(vendor(five))
    const read: string[] = []
    for await (const batch of readStream(undefined, spec, options)) read.push(...batch.records.map(({ id }) => id))
    expect(read).toEqual(['a', 'b', 'c', 'd', 'e'])
    expect(await readStream(undefined, spec, options).cursor()).toBeUndefined()
    expect(await drain(spec, options)).toEqual(read)
  })

  it.each(['descending', 'none'] as const)(
    'of a %s stream moves only when all is read and acknowledged',
    async (order) => {
      const { options } = setting()
      const spec = stream((cursor) => [...vendor(five)(cursor)].reverse(), { order })
      const reader = readStream(undefined, spec, options)
      for await (const batch of reader) {
        await batch.ack()
        expect(await reader.cursor()).toBeUndefined()
        if (batch.index === 1) break
      }
      // What was acknowledged does not come again, although the window is read again.
      expect(await drain(spec, options)).toEqual(['a', 'b'])
      expect(await reader.cursor()).toBe(at(4))
      expect(await drain(spec, options)).toEqual([])
    },
  )

  it('of an exclusive stream stays before the last time, so that no record of that time is lost', async () => {
    const { options } = setting()
    const items = [item('a', 0), item('b', 1), item('c', 1)]
    const spec = stream((cursor) => vendor(items, 2, 'exclusive')(cursor), { boundary: 'exclusive' })
    for await (const batch of readStream(undefined, spec, options)) {
      await batch.ack()
      break
    }
    expect(await readStream(undefined, spec, options).cursor()).toBe(at(0))
    items.push(item('d', 1))
    expect(await drain(spec, options)).toEqual(['c', 'd'])
  })

  it('stays a lag behind, and records that arrive late are found', async () => {
    const { options, clock } = setting()
    clock.set(at(100))
    const items = [item('a', 10), item('b', 50)]
    const spec = stream((cursor) => vendor(items)(cursor), { lagMs: 20_000 })
    expect(await drain(spec, options)).toEqual(['a', 'b'])
    expect(await readStream(undefined, spec, options).cursor()).toBe(at(30))
    items.splice(1, 0, item('late', 35))
    expect(await drain(spec, options)).toEqual(['late'])
    expect(await drain(spec, options)).toEqual([])
  })

  it('is not carried away by a record that is dated ahead', async () => {
    const { options, clock } = setting()
    clock.set(at(10))
    const items = [item('a', 1), item('ahead', 100_000)]
    const spec = stream((cursor) => vendor(items)(cursor))
    expect(await drain(spec, options)).toEqual(['a', 'ahead'])
    items.splice(1, 0, item('b', 11))
    clock.set(at(12))
    expect(await drain(spec, options)).toEqual(['b'])
  })

  it('of opaque pages is the page’s own; pages without one are read again and known', async () => {
    const { options } = setting()
    const pages: Pages = [{ items: [item('a', 0), item('b', 0)], cursor: 'one' }, { items: [item('c', 0)] }]
    const spec = stream((cursor) => (cursor === undefined ? pages : pages.slice(1)), {
      cursorKind: 'opaque',
      boundary: 'exclusive',
    })
    expect(await drain(spec, options)).toEqual(['a', 'b', 'c'])
    expect(await readStream(undefined, spec, options).cursor()).toBe('one')
    expect(await drain(spec, options)).toEqual([])
  })

  it('of an opaque page moves only when all its batches are acknowledged; a newer state of a record is not mistaken for it', async () => {
    const { options } = setting({ batchSize: 1 })
    let items = [item('a', 0), item('b', 0)]
    const spec = stream(() => [{ items, cursor: 'one' }], { cursorKind: 'opaque', boundary: 'exclusive' })
    for await (const batch of readStream(undefined, spec, options)) {
      await batch.ack()
      break
    }
    expect(await readStream(undefined, spec, options).cursor()).toBeUndefined()
    items = [item('a', 0), item('a', 9), item('b', 0)]
    expect(await drain(spec, options)).toEqual(['a', 'b'])
    expect(await readStream(undefined, spec, options).cursor()).toBe('one')
  })

  it('moves over empty opaque pages', async () => {
    const { options } = setting()
    const spec = stream(() => [{ items: [], cursor: 'later' }], { cursorKind: 'opaque', boundary: 'exclusive' })
    expect(await drain(spec, options)).toEqual([])
    expect(await readStream(undefined, spec, options).cursor()).toBe('later')
  })

  it('is forgotten on purpose only', async () => {
    const { options, store } = setting()
    const spec = stream(vendor(five))
    const reader = readStream(undefined, spec, options)
    await reader.forget()
    await drain(spec, options)
    await reader.forget()
    expect(await leftovers(store)).toEqual([])
    expect(await drain(spec, options)).toEqual(['a', 'b', 'c', 'd', 'e'])
  })

  it('is told in events', async () => {
    const events = new Events()
    const moves: unknown[] = []
    events.on('cursor-move', (data) => moves.push(data))
    const { options } = setting({ events })
    await drain(stream(vendor(five)), options)
    expect(moves).toEqual([
      { connection: '', stream: 'items', records: 2, cursor: at(1) },
      { connection: '', stream: 'items', records: 2, cursor: at(3) },
      { connection: '', stream: 'items', records: 1, cursor: at(4) },
    ])
  })
})

describe('acknowledgements', () => {
  it('may come in any order, and after the loop', async () => {
    const { options } = setting()
    const spec = stream(vendor(five, 1))
    const batches: StreamBatch<Item>[] = []
    const reader = readStream(undefined, spec, options)
    for await (const batch of reader) batches.push(batch)
    const [first, second, third, fourth, fifth] = batches as [
      StreamBatch<Item>,
      StreamBatch<Item>,
      StreamBatch<Item>,
      StreamBatch<Item>,
      StreamBatch<Item>,
    ]
    await third.ack()
    await fifth.ack()
    expect(await reader.cursor()).toBeUndefined()
    await first.ack()
    expect(await reader.cursor()).toBe(at(0))
    await second.ack()
    expect(await reader.cursor()).toBe(at(2))
    // The fourth was never acknowledged: it alone comes again.
    expect(await drain(spec, options)).toEqual(['d'])
    expect(await failure(() => fourth.ack())).toMatchObject({ kind: 'conflict', code: 'cursor-moved' })
  })

  it('under way while the loop ends still move the cursor to its end', async () => {
    const { options } = setting()
    const spec = stream((cursor) => [...vendor(five)(cursor)].reverse(), { order: 'none' })
    const pending: Promise<void>[] = []
    for await (const batch of readStream(undefined, spec, options)) pending.push(batch.ack())
    await Promise.all(pending)
    expect(await readStream(undefined, spec, options).cursor()).toBe(at(4))
  })

  it('commit the consumer’s writes with the cursor, or neither', async () => {
    const { options, store } = setting()
    const spec = stream(vendor(five, 5))
    for await (const batch of readStream(undefined, spec, options)) {
      await store.write([[{ kind: 'put', key: 'taken', value: '' }]])
      const own = (key: string) => ({ kind: 'put', key, value: 'x', ifVersion: 'absent' }) as const
      const error = await failure(() => batch.ack({ with: [own('free'), own('taken')] }))
      expect(error).toMatchObject({ kind: 'conflict', code: 'write-conflict' })
      expect(error.message).toContain('write 1')
      expect(await store.get('free')).toBeUndefined()
      expect(await readStream(undefined, spec, options).cursor()).toBeUndefined()
      // It may be tried again with other writes.
      await batch.ack({ with: [own('free')] })
      expect((await store.get('free'))?.value).toBe('x')
      expect(await readStream(undefined, spec, options).cursor()).toBe(at(4))
      await batch.ack()
      expect(await failure(() => batch.ack({ with: [own('more')] }))).toMatchObject({ code: 'acknowledged' })
    }
  })

  it('that are missing stop the reader at a bound', async () => {
    const { options } = setting({ maxUnacked: 2 })
    const error = await failure(async () => {
      for await (const _ of readStream(undefined, stream(vendor(five, 1)), options));
    })
    expect(error).toMatchObject({ kind: 'invalid-input', code: 'unacknowledged' })
  })

  it('come by themselves with records(), once the next batch is asked for', async () => {
    const { options } = setting()
    const spec = stream(vendor(five))
    const seen: string[] = []
    for await (const { id } of readStream(undefined, spec, options).records()) {
      seen.push(id)
      if (id === 'd') break
    }
    expect(await readStream(undefined, spec, options).cursor()).toBe(at(1))
    expect(await drain(spec, options)).toEqual(['c', 'd', 'e'])
  })

  it('remember a bounded number of ids, say so, and lose nothing', async () => {
    const events = new Events()
    const notices: string[] = []
    events.on('notice', ({ code }) => notices.push(code))
    const { options } = setting({ maxKnown: 2, events })
    const spec = stream((cursor) => vendor(five, 1)(cursor), { order: 'none' })
    for await (const batch of readStream(undefined, spec, options)) {
      await batch.ack()
      if (batch.index === 3) break
    }
    expect(notices).toContain('stream-memory')
    expect(await drain(spec, options)).toEqual(['a', 'b', 'e'])
  })
})

describe('two readers', () => {
  it('never move the cursor back: the slower one gets a conflict with the resume point', async () => {
    const { options } = setting()
    const spec = stream(vendor(five))
    const error = await failure(async () => {
      for await (const batch of readStream(undefined, spec, options)) {
        if (batch.index === 0) await drain(spec, options)
        await batch.ack()
      }
    })
    expect(error).toMatchObject({ kind: 'conflict', code: 'cursor-moved' })
    expect(error.issues[0]?.path).toBe('cursor')
    expect(await readStream(undefined, spec, options).cursor()).toBe(at(4))
  })

  it('are kept apart by a lease, which a dead one loses', async () => {
    const { options, clock } = setting({ lease: { ms: 1000, random: seededRandom(1) } })
    const spec = stream(vendor(five))
    const dead = readStream(undefined, spec, options)[Symbol.asyncIterator]()
    const first = await dead.next()
    expect(await failure(() => drain(spec, options))).toMatchObject({
      kind: 'conflict',
      code: 'stream-leased',
      retry: 'later',
      retryAfterMs: 1000,
    })
    await clock.advance(1001)
    expect(await drain(spec, options)).toEqual(['a', 'b', 'c', 'd', 'e'])
    expect(await failure(() => (first.value as StreamBatch<Item>).ack())).toMatchObject({ kind: 'conflict' })
  })

  it('renew the lease while they work and give it back at the end', async () => {
    const { options, clock, store } = setting({ lease: { ms: 1000, random: seededRandom(1) } })
    const spec = stream(vendor(five, 1))
    for await (const batch of readStream(undefined, spec, options)) {
      await clock.advance(700)
      // Held all the time, although far more than a lease passes, and although this one is acknowledged late.
      expect(await failure(() => drain(spec, options))).toMatchObject({ code: 'stream-leased' })
      if (batch.index !== 2) await batch.ack()
    }
    expect(await store.get('s/lease')).toBeUndefined()
    expect(await drain(spec, options)).toEqual(['c'])
  })
})

describe('a vendor that contradicts itself', () => {
  it('with a record out of order stops the read, and the cursor stays where it is safe', async () => {
    const { options } = setting()
    const spec = stream(() => [{ items: [item('a', 5)] }, { items: [item('old', 3)] }])
    const error = await failure(() => drain(spec, options))
    expect(error).toMatchObject({ kind: 'protocol', code: 'order', retry: 'never' })
    expect(error.message).toContain(at(5))
  })

  it('with a page that comes twice gives each record once', async () => {
    const { options } = setting()
    const page = { items: five.slice(0, 2) }
    expect(
      await drain(
        stream(() => [page, page, { items: five.slice(1) }]),
        options,
      ),
    ).toEqual(['a', 'b', 'c', 'd', 'e'])
  })

  it('with records from before the cursor gives none of them again', async () => {
    const { options } = setting()
    const spec = stream(() => [{ items: five }])
    expect(await drain(spec, options)).toEqual(['a', 'b', 'c', 'd', 'e'])
    expect(await drain(spec, options)).toEqual([])
  })

  it.each([undefined, '', 'yesterday', 7])('with the position %j stops the read', async (position) => {
    const { options } = setting()
    const spec = stream(() => [{ items: [{ id: 'a', at: position as string }] }])
    expect(await failure(() => drain(spec, options))).toMatchObject({ kind: 'protocol', code: 'no-position' })
  })

  it('with a cursor that repeats stops the read', async () => {
    const { options } = setting()
    const pages: Pages = [
      { items: [item('a', 0)], cursor: 'one' },
      { items: [item('b', 0)], cursor: 'one' },
    ]
    const spec = stream(() => pages, { cursorKind: 'opaque', boundary: 'exclusive' })
    expect(await failure(() => drain(spec, options))).toMatchObject({ kind: 'protocol', code: 'cursor-repeated' })
  })

  it('with a cursor that it no longer knows is a conflict with the resume point, never a silent start', async () => {
    const { options } = setting()
    let gone = false
    const spec = stream(
      async function* () {
        if (gone) throw patchbayError({ kind: 'not-found', status: 410, requestId: 'r1' })
        yield { items: [item('a', 0)], cursor: 'one' }
      },
      { cursorKind: 'opaque', boundary: 'exclusive' },
    )
    await drain(spec, options)
    gone = true
    for (let times = 0; times < 2; times++) {
      const error = await failure(() => drain(spec, options))
      expect(error).toMatchObject({ kind: 'conflict', code: 'cursor-refused', status: 410, requestId: 'r1' })
      expect(error.message).toContain('one')
    }
  })

  it('in the middle of paging is the same, for time cursors too', async () => {
    const { options } = setting()
    const spec = stream(async function* () {
      yield { items: [item('a', 0)] }
      throw new Fault({ kind: 'invalid-input', status: 400 })
    })
    expect(await failure(() => drain(spec, options))).toMatchObject({ code: 'cursor-refused' })
    expect(await readStream(undefined, spec, options).cursor()).toBe(at(0))
  })

  it('with trouble of other kinds passes it on as it is', async () => {
    const { options } = setting()
    const spec = stream(async function* () {
      yield { items: [item('a', 0)] }
      throw patchbayError({ kind: 'rate-limited', retryAfterMs: 5 })
    })
    expect(await failure(() => drain(spec, options))).toMatchObject({ kind: 'rate-limited', retryAfterMs: 5 })
  })
})

describe('leaving early', () => {
  it.each(['break', 'throw'] as const)(
    'by %s closes the vendor’s pages and keeps what was acknowledged',
    async (how) => {
      const { options } = setting()
      let closed = 0
      const spec = stream(async function* (cursor) {
        try {
          yield* vendor(five)(cursor)
        } finally {
          closed++
        }
      })
      const read = async () => {
        for await (const batch of readStream(undefined, spec, options)) {
          if (batch.index === 1 && how === 'break') break
          if (batch.index === 1) throw new RangeError('of the consumer')
          await batch.ack()
        }
      }
      if (how === 'throw') await expect(read()).rejects.toThrow(RangeError)
      else await read()
      expect(closed).toBe(1)
      expect(await drain(spec, options)).toEqual(['c', 'd', 'e'])
    },
  )
})

describe('options', () => {
  it.each([
    { key: '' },
    { key: 'x'.repeat(481) },
    { batchSize: 0 },
    { maxUnacked: Number.NaN },
    { store: undefined },
    { clock: undefined },
  ])('refuses %j', (wrong) => {
    const { options } = setting()
    expect(() =>
      readStream(
        undefined,
        stream(() => []),
        { ...options, ...wrong },
      ),
    ).toThrow('readStream')
  })

  it('takes store and clock from the connection', async () => {
    const { store, clock } = setting()
    const connection = { $scope: { store, clock, connection: 'c1' } }
    const spec = stream(vendor(five)) as unknown as StreamSpec<typeof connection, Item>
    for await (const batch of readStream(connection, spec, { key: 's' })) await batch.ack()
    expect(await store.get('s')).toBeDefined()
  })

  it('refuses state that it did not write', async () => {
    const { options, store } = setting()
    for (const value of ['x', '[]', '{"v":2}', 'null']) {
      await store.write([[{ kind: 'put', key: 's', value }]])
      expect(
        await failure(() =>
          drain(
            stream(() => []),
            options,
          ),
        ),
      ).toMatchObject({ kind: 'config', code: 'stream-state' })
    }
  })
})

describe('a process that is killed', () => {
  it('loses nothing and does nothing twice, wherever it dies', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'patchbay-reader-'))
    const total = 900
    const started = Date.now() - 60_000
    const entries = Array.from({ length: total }, (_, id) => ({
      id,
      at: new Date(started + Math.floor(id / 4) * 10).toISOString(),
    }))
    // The reader dies a few milliseconds after one of its pages: while it stores records, or between two batches.
    let fatal = Number.POSITIVE_INFINITY
    let kill = (): void => undefined
    const random = seededRandom(7)
    const server = createServer((request, response) => {
      const query = new URL(request.url ?? '', 'http://localhost').searchParams
      const offset = Number(query.get('offset'))
      const page = entries.filter((entry) => entry.at >= (query.get('since') ?? '')).slice(offset, offset + 7)
      response.setHeader('content-type', 'application/json').end(JSON.stringify(page))
      if (--fatal === 0) setTimeout(() => kill(), random.between(0, 8))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
    const file = join(folder, 'stream.db')
    const program = join(import.meta.dirname, 'fixtures/killed-reader.ts')
    try {
      let kills = 0
      for (;;) {
        fatal = kills === 8 ? Number.POSITIVE_INFINITY : random.below(7) + 1
        const child = spawn(process.execPath, [program, file, url], { stdio: ['ignore', 'ignore', 'inherit'] })
        kill = () => child.kill('SIGKILL')
        const [code, signal] = (await once(child, 'exit')) as [number | null, string | null]
        if (code === 0) break
        expect(signal).toBe('SIGKILL')
        kills++
      }
      expect(kills).toBe(8)
      const store = sqliteStore({ file })
      const effects: number[] = []
      for (let after = 0; ; ) {
        const records = await store.read('effects', after, 1000)
        if (records.length === 0) break
        effects.push(...records.map(({ value }) => Number(value)))
        after = records.at(-1)?.offset ?? after
      }
      await store.close()
      expect(effects).toEqual(entries.map(({ id }) => id))
    } finally {
      server.closeAllConnections()
      server.close()
      await rm(folder, { recursive: true, force: true })
    }
  }, 60_000)
})
