import { deepEqual, equal } from 'node:assert/strict'
import type { Store, StoredEntry } from '../store.ts'
import { put, type StoreCheck, storeCheck } from './store-subject.ts'

/** Wildcards, quotes and range borders of the engines' own languages, and characters that UTF-16 sorts wrongly. */
const tricky = [
  ...['a', 'a%', 'a%b', 'a_', 'ab', 'a\\', 'a\\%', 'a*', 'a?', 'a[b]', "a'", 'a"', 'a{', 'a\n', 'a\u0001', 'a ', 'a~'],
  ...['a\u007f', 'aé', 'ae\u0301', 'a\ud7ff', 'a\ue000', 'a\uffff', 'a\u{10000}', 'a\u{1f600}', 'a\u{10ffff}'],
  ...['a\u{10ffff}b', 'a\u{10ffff}\u{10ffff}', 'A', 'b', 'b%', 'ÿ', '\u{10ffff}', '\u{10ffff}a', '1', '10', '9'],
]

function sorted(keys: readonly string[]): string[] {
  return keys.toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
}

const keysOf = (entries: readonly StoredEntry[]): string[] => entries.map(({ key }) => key)

async function fill(store: Store, keys: readonly string[]): Promise<void> {
  await store.write(keys.map((key) => [{ kind: 'put', key, value: key }]))
}

async function pagesOf(store: Store, prefix: string, limit: number): Promise<string[]> {
  const found: string[] = []
  for (;;) {
    const last = found.at(-1)
    const page = await store.list(prefix, last === undefined ? { limit } : { after: last, limit })
    found.push(...keysOf(page))
    if (page.length < limit) return found
  }
}

export const storeListChecks: readonly StoreCheck[] = [
  storeCheck('a list is in the order of UTF-8 bytes', async ({ store }) => {
    await fill(store, tricky)
    deepEqual(keysOf(await store.list('')), sorted(tricky))
  }),
  storeCheck('a list holds exactly the keys that start with the prefix', async ({ store }) => {
    await fill(store, tricky)
    for (const prefix of tricky) {
      const expected = sorted(tricky.filter((key) => key.startsWith(prefix)))
      deepEqual(keysOf(await store.list(prefix)), expected, `prefix ${JSON.stringify(prefix)}`)
    }
    deepEqual(await store.list('nothing starts so'), [])
  }),
  storeCheck('a list goes on after any key, whether it is there or not', async ({ store }) => {
    await fill(store, tricky)
    for (const after of [...tricky, 'a\u{10fffe}', '0', 'zz']) {
      const expected = (prefix: string): string[] => {
        const order = sorted([...tricky, after])
        return order.slice(order.lastIndexOf(after) + 1).filter((key) => key.startsWith(prefix))
      }
      deepEqual(keysOf(await store.list('', { after })), expected(''), `after ${JSON.stringify(after)}`)
      deepEqual(keysOf(await store.list('a', { after })), expected('a'), `prefix a, after ${JSON.stringify(after)}`)
    }
  }),
  storeCheck('a list is cut at its limit, 100 when none is given, and pages miss nothing', async ({ store }) => {
    const keys = Array.from({ length: 1010 }, (_, at) => `page/${String(at).padStart(4, '0')}`)
    await fill(store, [...keys, 'page', 'pagf'])
    equal((await store.list('page/')).length, 100)
    equal((await store.list('page/', { limit: 1 })).length, 1)
    equal((await store.list('page/', { limit: 1000 })).length, 1000)
    for (const limit of [1000, 101, 17]) deepEqual(await pagesOf(store, 'page/', limit), keys)
  }),
  storeCheck('a list gives values and versions as get does', async ({ store }) => {
    await put(store, 'entry/1', 'one')
    await put(store, 'entry/2', 'two')
    const entries = (await store.list('entry/')).map((entry) => ({ ...entry }))
    deepEqual(entries, [{ ...(await store.get('entry/1')) }, { ...(await store.get('entry/2')) }])
  }),
]
