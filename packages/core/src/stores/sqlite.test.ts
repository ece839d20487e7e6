import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { storeChecks } from '../conformance/store-checks.ts'
import type { Store } from '../store.ts'
import { fakeClock } from '../testing/time/fake-clock.ts'
import { sqliteStore } from './sqlite.ts'

const folder = mkdtempSync(join(tmpdir(), 'patchbay-sqlite-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

let files = 0

for (const thread of ['worker', 'main'] as const) {
  describe(`sqliteStore, changes in the ${thread} thread`, () => {
    for (const check of storeChecks) {
      test(check.name, async () => {
        const clock = fakeClock()
        const file = join(folder, `${files++}.db`)
        const opened: Store[] = []
        const open = async (): Promise<Store> => {
          const store = sqliteStore({ file, clock, thread })
          opened.push(store)
          return store
        }
        try {
          await check.run({ store: await open(), open, pass: (ms) => clock.advance(ms) })
        } finally {
          await Promise.all(opened.map((store) => store.close()))
        }
      })
    }
  })
}

test.each(['worker', 'main'] as const)(
  'other users of the machine cannot read the files that the %s thread makes',
  async (thread) => {
    const own = mkdtempSync(join(folder, 'private-'))
    const file = join(own, 'store.db')
    const store = sqliteStore({ file, thread })
    try {
      await store.write([[{ kind: 'put', key: 'a', value: 'token' }]])
      const modes = readdirSync(own).map((name) => [name, statSync(join(own, name)).mode & 0o777])
      expect(modes.length).toBeGreaterThan(1)
      expect(modes.filter(([, mode]) => mode !== 0o600)).toEqual([])
    } finally {
      await store.close()
    }
    // What the operator has set stays.
    chmodSync(file, 0o640)
    const again = sqliteStore({ file, thread })
    await again.write([[{ kind: 'put', key: 'a', value: 'other' }]])
    await again.close()
    expect(statSync(file).mode & 0o777).toBe(0o640)
  },
)

describe('sqliteStore in memory', () => {
  for (const check of storeChecks.filter(({ needs }) => needs.length === 0)) {
    test(check.name, async () => {
      const clock = fakeClock()
      const store = sqliteStore({ file: ':memory:', clock })
      await check.run({ store, pass: (ms) => clock.advance(ms) })
      await store.close()
    })
  }
})
