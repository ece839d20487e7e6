import { deepEqual, equal, ok } from 'node:assert/strict'
import { systemClock } from '../clock.ts'
import type { Store } from '../store.ts'
import { append, type StoreCheck, sharedStoreCheck, storeCheck, writeOne } from './store-subject.ts'

/** Reads a log to its end in pages, as a consumer would. */
async function readAll(store: Store, log: string, page: number): Promise<number[]> {
  const offsets: number[] = []
  for (;;) {
    const records = await store.read(log, offsets.at(-1) ?? 0, page)
    offsets.push(...records.map(({ offset }) => offset))
    if (records.length < page) return offsets
  }
}

const perWriter = 40

/** Writers that append to two logs in varying groups, and a reader that follows one of them while they do. */
async function tail(stores: readonly Store[], reader: Store): Promise<void> {
  let writing = true
  const writers = Array.from({ length: 8 }, async (_, writer) => {
    const store = stores[writer % stores.length] as Store
    const acknowledged: number[] = []
    for (let done = 0; done < perWriter; ) {
      const length = Math.min(1 + ((writer + done) % 3), perWriter - done)
      const records = Array.from(
        { length },
        () => ({ kind: 'append', log: 'tailed', value: `writer ${writer}` }) as const,
      )
      const [result] = await store.write([[...records, { kind: 'append', log: 'other', value: 'x' }]])
      if (result?.applied !== true) throw new Error('a group without conditions was not applied')
      acknowledged.push(...result.versions.slice(0, length).map(Number))
      done += length
    }
    return acknowledged
  })
  const follow = async (): Promise<number[]> => {
    const seen: number[] = []
    for (let last = false; ; ) {
      const records = await reader.read('tailed', seen.at(-1) ?? 0, 7)
      for (const { offset } of records) {
        ok(offset > (seen.at(-1) ?? 0), `offset ${offset} came after ${seen.at(-1)}`)
        seen.push(offset)
      }
      if (records.length > 0) continue
      if (last) return seen
      last = !writing
      // A store may answer without leaving the microtask queue: the writers need the event loop.
      await new Promise<void>((resolve) => systemClock.afterInput(resolve))
    }
  }
  const written = Promise.all(writers).finally(() => {
    writing = false
  })
  const [acknowledgements, seen] = await Promise.all([written, follow()])
  const acknowledged = acknowledgements.flat()
  deepEqual(
    seen,
    acknowledged.sort((a, b) => a - b),
    'the follower did not see every offset exactly once',
  )
  equal(new Set(seen).size, 8 * perWriter, 'an offset was used twice')
}

export const storeLogChecks: readonly StoreCheck[] = [
  storeCheck('a log gives its records in order, in pages', async ({ store }) => {
    deepEqual(await store.read('log', 0), [])
    const group = Array.from({ length: 150 }, (_, at) => ({ kind: 'append', log: 'log', value: String(at) }) as const)
    await writeOne(store, ...group)
    const records = await store.read('log', 0, 1000)
    deepEqual(
      records.map(({ value }) => value),
      group.map(({ value }) => value),
    )
    ok((records[0]?.offset ?? 0) > 0, 'offsets start above 0')
    equal((await store.read('log', 0)).length, 100, 'the default limit is 100')
    equal((await store.read('log', -5, 3)).length, 3)
    deepEqual(await store.read('log', Number.MAX_SAFE_INTEGER), [])
    deepEqual(
      await readAll(store, 'log', 7),
      records.map(({ offset }) => offset),
    )
    deepEqual(
      (await store.read('log', records[9]?.offset ?? 0, 2)).map(({ value }) => value),
      ['10', '11'],
    )
  }),
  storeCheck('logs of similar names are apart from each other and from keys', async ({ store }) => {
    const names = ['log', 'log/', 'log%', 'log_', 'Log', 'log\u{1f600}', 'log:1', 'log 1']
    for (const name of names) await writeOne(store, { kind: 'append', log: name, value: name })
    await writeOne(store, { kind: 'put', key: 'log', value: 'entry' })
    for (const name of names) {
      deepEqual(
        (await store.read(name, 0)).map(({ value }) => value),
        [name],
      )
    }
    deepEqual(
      (await store.list('')).map(({ key }) => key),
      ['log'],
    )
  }),
  storeCheck('a follower sees every offset of concurrent writers exactly once', ({ store }) => tail([store], store)),
  sharedStoreCheck('a follower sees every offset of writers on two handles exactly once', (store, other) =>
    tail([store, other], other),
  ),
  storeCheck('a trim forgets up to its offset, and offsets go on above', async ({ store }) => {
    const offsets: number[] = []
    for (let at = 0; at < 10; at++) offsets.push(await append(store, 'log', String(at)))
    await append(store, 'neighbour', 'x')
    await store.trim('log', offsets[3] ?? 0)
    deepEqual(await readAll(store, 'log', 3), offsets.slice(4))
    await store.trim('log', offsets[1] ?? 0)
    deepEqual(await readAll(store, 'log', 100), offsets.slice(4))
    await store.trim('log', Number.MAX_SAFE_INTEGER)
    deepEqual(await store.read('log', 0), [])
    const next = await append(store, 'log', 'next')
    ok(next > (offsets.at(-1) ?? 0), 'an offset was used again after a trim')
    deepEqual(
      (await store.read('log', 0)).map(({ value }) => value),
      ['next'],
      'a trim beyond the end took a later record',
    )
    await store.trim('nowhere', 5)
    await store.trim('log', -1)
    equal((await store.read('neighbour', 0)).length, 1)
  }),
]
