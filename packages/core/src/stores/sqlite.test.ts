import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, test } from 'vitest'
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
