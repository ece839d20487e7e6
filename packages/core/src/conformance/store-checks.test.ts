import { describe, expect, test } from 'vitest'
import type { Store } from '../store.ts'
import { memoryStore } from '../stores/memory.ts'
import { fakeClock } from '../testing/time/fake-clock.ts'
import { brokenStores, Through } from './fixtures/broken-stores.ts'
import { storeChecks } from './store-checks.ts'

describe('the checks of stores', () => {
  test('have a broken store each', () => {
    expect(storeChecks.map(({ name }) => name)).toEqual(Object.keys(brokenStores))
  })

  for (const check of storeChecks) {
    const make = brokenStores[check.name] ?? ((below) => below)
    const runOn = (wrap: (below: Store) => Store): Promise<void> => {
      const clock = fakeClock()
      const below = memoryStore({ clock })
      const open = async (): Promise<Store> => wrap(below)
      return check.run({ store: wrap(below), open, pass: (ms) => clock.advance(ms) })
    }

    test(`${check.name}: passes on the reference, fails on a broken store`, async () => {
      await runOn((below) => new Through(below))
      await expect(runOn(make)).rejects.toThrow()
    })
  }
})
