import { deepEqual, equal } from 'node:assert/strict'
import type { Store, Write } from '../store.ts'
import { append, put, readValue, type StoreCheck, sharedStoreCheck, storeCheck, writeOne } from './store-subject.ts'

const size = 5

/** Five changes, of which the one at `at` demands what is not so. */
function groupFailingAt(at: number): Write[] {
  return Array.from({ length: size }, (_, index): Write => {
    if (index === at) return { kind: 'put', key: `${at}/${index}`, value: 'x', ifVersion: '123456789' }
    if (index % 2 === 1) return { kind: 'append', log: `log ${at}`, value: 'x' }
    return { kind: 'put', key: `${at}/${index}`, value: 'x' }
  })
}

async function nothingOf(store: Store, at: number): Promise<void> {
  deepEqual(await store.list(`${at}/`), [], `the group that failed at ${at} left an entry`)
  deepEqual(await store.read(`log ${at}`, 0), [], `the group that failed at ${at} left a record`)
}

/** Moves 1 between two entries for ever: at any moment their sum is 0 and the log holds one record per move. */
async function transfer(store: Store, moves: number): Promise<void> {
  for (let done = 0; done < moves; ) {
    const [from, to] = [await store.get('from'), await store.get('to')]
    const result = await writeOne(
      store,
      { kind: 'put', key: 'from', value: String(Number(from?.value ?? 0) - 1), ifVersion: from?.version ?? 'absent' },
      { kind: 'append', log: 'moves', value: 'x' },
      { kind: 'put', key: 'to', value: String(Number(to?.value ?? 0) + 1), ifVersion: to?.version ?? 'absent' },
    )
    if (result.applied) done += 1
  }
}

export const storeGroupChecks: readonly StoreCheck[] = [
  storeCheck('a group whose condition fails leaves nothing, at whichever index', async ({ store }) => {
    for (let at = 0; at < size; at++) {
      deepEqual(await writeOne(store, ...groupFailingAt(at)), { applied: false, conflict: at })
      await nothingOf(store, at)
    }
  }),
  storeCheck('a group that fails leaves the other groups of its call alone', async ({ store }) => {
    const groups = Array.from({ length: size }, (_, at) => [
      groupFailingAt(at),
      [{ kind: 'append', log: 'applied', value: String(at) } as const],
    ]).flat()
    const results = await store.write(groups)
    deepEqual(
      results.map((result) => (result.applied ? 'applied' : result.conflict)),
      [0, 'applied', 1, 'applied', 2, 'applied', 3, 'applied', 4, 'applied'],
    )
    for (let at = 0; at < size; at++) await nothingOf(store, at)
    const values = (await store.read('applied', 0)).map(({ value }) => value)
    deepEqual(values, ['0', '1', '2', '3', '4'])
  }),
  storeCheck('an applied group gives one version, offset or empty string per change', async ({ store }) => {
    const old = await put(store, 'old', 'x')
    const result = await writeOne(
      store,
      { kind: 'put', key: 'new', value: 'x', ifVersion: 'absent' },
      { kind: 'append', log: 'log', value: 'first' },
      { kind: 'delete', key: 'old', ifVersion: old },
      { kind: 'append', log: 'log', value: 'second' },
    )
    const version = (await store.get('new'))?.version
    const offsets = (await store.read('log', 0)).map(({ offset }) => String(offset))
    deepEqual(result, { applied: true, versions: [version, offsets[0], '', offsets[1]] })
    equal(await store.get('old'), undefined)
    deepEqual(await store.write([]), [])
    deepEqual(await writeOne(store), { applied: true, versions: [] })
  }),
  storeCheck('conditions see the earlier changes of their own group and of earlier groups', async ({ store }) => {
    const version = await put(store, 'key', '1')
    const results = await store.write([
      [
        { kind: 'put', key: 'twice', value: 'x', ifVersion: 'absent' },
        { kind: 'put', key: 'twice', value: 'y', ifVersion: 'absent' },
      ],
      [
        { kind: 'delete', key: 'key' },
        { kind: 'put', key: 'key', value: '2', ifVersion: 'absent' },
      ],
      [{ kind: 'put', key: 'key', value: '3', ifVersion: version }],
      [
        { kind: 'put', key: 'passing', value: 'x', ifVersion: 'absent' },
        { kind: 'delete', key: 'passing' },
      ],
      [{ kind: 'put', key: 'passing', value: 'y', ifVersion: 'absent' }],
    ])
    deepEqual(
      results.map((result) => (result.applied ? 'applied' : result.conflict)),
      [1, 'applied', 0, 'applied', 'applied'],
    )
    deepEqual(
      (await store.list('')).map(({ key, value }) => [key, value]),
      [
        ['key', '2'],
        ['passing', 'y'],
      ],
    )
  }),
  storeCheck('calls apply in the order in which they were made', async ({ store }) => {
    const calls = Array.from({ length: 200 }, (_, at) => [
      put(store, 'key', String(at)),
      append(store, 'log', String(at)),
    ])
    await Promise.all(calls.flat())
    equal(await readValue(store, 'key'), '199')
    const values = (await store.read('log', 0, 1000)).map(({ value }) => Number(value))
    deepEqual(
      values,
      Array.from({ length: 200 }, (_, at) => at),
    )
  }),
  sharedStoreCheck('groups of two handles on the same keys never mix', async (store, other) => {
    await Promise.all([transfer(store, 20), transfer(store, 20), transfer(other, 20), transfer(other, 20)])
    equal(await readValue(store, 'from'), '-80')
    equal(await readValue(store, 'to'), '80')
    equal((await store.read('moves', 0, 1000)).length, 80)
  }),
  sharedStoreCheck(
    'groups that touch the same keys in opposite order do not block each other',
    async (store, other) => {
      const keys = Array.from({ length: 1000 }, (_, at) => `key ${at}`)
      const group = (order: readonly string[]): Write[] =>
        order.map((key) => ({ kind: 'put', key, value: order[0] ?? '' }))
      const [forwards, backwards] = [group(keys), group(keys.toReversed())]
      // Round by round, so that each round is two transactions that start together.
      for (let round = 0; round < 20; round++) {
        const results = await Promise.all([writeOne(store, ...forwards), writeOne(other, ...backwards)])
        for (const { applied } of results) equal(applied, true)
      }
      const values = new Set((await store.list('key ', { limit: 1000 })).map(({ value }) => value))
      equal(values.size, 1, 'entries of two groups are mixed')
    },
  ),
]
