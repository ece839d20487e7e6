import { deepEqual, equal, notEqual, ok } from 'node:assert/strict'
import { compareVersions, type Store, type Version, type Write } from '../store.ts'
import { put, readValue, type StoreCheck, sharedStoreCheck, storeCheck, versionOf, writeOne } from './store-subject.ts'

/** One winner per round, whoever asks; the winner's value stays. */
async function race(stores: readonly Store[], rounds: number, writers: number): Promise<void> {
  const key = 'race'
  let version: Version | 'absent' = 'absent'
  for (let round = 0; round < rounds; round++) {
    const ifVersion: Version = version
    const results = await Promise.all(
      Array.from({ length: writers }, (_, writer) => {
        const store = stores[writer % stores.length] as Store
        return writeOne(store, { kind: 'put', key, value: `${round}/${writer}`, ifVersion })
      }),
    )
    const winners = results.flatMap((result, writer) => (result.applied ? [writer] : []))
    equal(winners.length, 1, `${winners.length} of ${writers} writers won round ${round}`)
    const entry = await stores[0]?.get(key)
    equal(entry?.value, `${round}/${winners[0]}`, 'the value is not the winner’s')
    const [winner] = results.filter((result) => result.applied)
    if (winner !== undefined) version = versionOf(winner)
    equal(entry?.version, version, 'the version read is not the one that the winner got')
  }
}

/** Rises although what was written before is gone. */
async function versionsRise(store: Store, other: Store): Promise<void> {
  const seen: Version[] = []
  for (let round = 0; round < 12; round++) {
    seen.push(await put(round % 2 === 0 ? store : other, 'ticket', 'v'))
    seen.push(await put(store, `another ${round}`, 'v'))
    equal((await writeOne(other, { kind: 'delete', key: 'ticket' })).applied, true)
  }
  for (const [at, version] of seen.entries()) {
    if (at > 0) ok(compareVersions(seen[at - 1] as Version, version) < 0, `version ${at} does not rise: ${seen}`)
  }
  const [stale = ''] = seen
  await put(store, 'ticket', 'anew')
  const result = await writeOne(store, { kind: 'put', key: 'ticket', value: 'stale', ifVersion: stale })
  deepEqual(result, { applied: false, conflict: 0 }, 'the version of a deleted entry matched the one that came after')
}

export const storeEntryChecks: readonly StoreCheck[] = [
  storeCheck('a key that was put is read with its value and version', async ({ store }) => {
    equal(await store.get('greeting'), undefined)
    const version = await put(store, 'greeting', 'hello')
    deepEqual({ ...(await store.get('greeting')) }, { key: 'greeting', value: 'hello', version })
    notEqual(await put(store, 'greeting', 'hello'), version, 'a version is new at every write')
  }),
  storeCheck('a condition lets exactly the expected version pass', async ({ store }) => {
    const first = await put(store, 'key', '1')
    const second = await put(store, 'key', '2')
    const refused: readonly Write[] = [
      { kind: 'put', key: 'key', value: 'x', ifVersion: 'absent' },
      { kind: 'put', key: 'key', value: 'x', ifVersion: first },
      { kind: 'put', key: 'key', value: 'x', ifVersion: '' },
      { kind: 'put', key: 'none', value: 'x', ifVersion: second },
      { kind: 'delete', key: 'key', ifVersion: first },
      { kind: 'delete', key: 'none', ifVersion: second },
    ]
    for (const change of refused) {
      deepEqual(await writeOne(store, change), { applied: false, conflict: 0 }, JSON.stringify(change))
    }
    equal(await readValue(store, 'key'), '2')
    equal((await writeOne(store, { kind: 'put', key: 'key', value: '3', ifVersion: second })).applied, true)
    const { version } = (await store.get('key')) ?? {}
    deepEqual(await writeOne(store, { kind: 'delete', key: 'key', ifVersion: version }), {
      applied: true,
      versions: [''],
    })
    deepEqual(await writeOne(store, { kind: 'delete', key: 'key' }), { applied: true, versions: [''] })
    equal((await writeOne(store, { kind: 'put', key: 'key', value: '4', ifVersion: 'absent' })).applied, true)
    equal(await readValue(store, 'key'), '4')
  }),
  storeCheck('of 100 concurrent writers exactly one wins per version', ({ store }) => race([store], 5, 100)),
  sharedStoreCheck('of 100 concurrent writers on two handles exactly one wins per version', (store, other) =>
    race([store, other], 5, 100),
  ),
  storeCheck('versions rise over all keys, also after a delete', ({ store }) => versionsRise(store, store)),
  sharedStoreCheck('versions rise over two handles, also after a delete', versionsRise),
  sharedStoreCheck('what one handle was told is written, another one reads', async (store, other) => {
    for (let round = 0; round < 20; round++) {
      await put(store, 'key', String(round))
      equal(await readValue(other, 'key'), String(round))
    }
  }),
  storeCheck(
    'an entry ends when its ttl has passed (waits half a second, or moves the clock)',
    async ({ store, pass }) => {
      const version = await put(store, 'session', 'on', 400)
      await put(store, 'kept', 'on', 400)
      await put(store, 'kept', 'for ever')
      await put(store, 'longer', 'on', 60_000.5)
      equal(await readValue(store, 'session'), 'on')
      deepEqual(await writeOne(store, { kind: 'put', key: 'session', value: 'x', ifVersion: 'absent' }), {
        applied: false,
        conflict: 0,
      })
      await pass(500)
      equal(await store.get('session'), undefined, 'read after its ttl')
      deepEqual(
        (await store.list('')).map(({ key }) => key),
        ['kept', 'longer'],
        'listed after its ttl',
      )
      deepEqual(await writeOne(store, { kind: 'put', key: 'session', value: 'x', ifVersion: version }), {
        applied: false,
        conflict: 0,
      })
      equal(await readValue(store, 'kept'), 'for ever', 'a put without ttl takes the earlier ttl away')
      const next = versionOf(await writeOne(store, { kind: 'put', key: 'session', value: 'new', ifVersion: 'absent' }))
      ok(compareVersions(version, next) < 0, 'the version does not rise over an entry that expired')
      await pass(500)
      equal(await readValue(store, 'session'), 'new', 'a put without ttl after an expired one expired')
    },
  ),
]
