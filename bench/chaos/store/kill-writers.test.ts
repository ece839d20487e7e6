import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { memoryStore } from '@patchbay/core/stores/memory'
import { seededRandom } from '@patchbay/core/testing'
import { expect, onTestFinished, test } from 'vitest'
import { countGroups, groupOf } from './groups.ts'
import { killWriters } from './kill-writers.ts'

test('a SQLite store keeps every acknowledged group whole through 30 kills', { timeout: 60_000 }, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'patchbay-kill-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const random = seededRandom(20)
  const report = await killWriters(join(folder, 'state.db'), 30, () => random.next())
  expect(report).toMatchObject({ kills: 30, lost: [], torn: [] })
  expect(report.acknowledged).toBeGreaterThan(1000)
})

test('a torn group is found', async () => {
  const store = memoryStore()
  await store.write([groupOf('whole'), groupOf('torn').slice(0, 2), groupOf('late').slice(2), groupOf('twice')])
  await store.write([groupOf('twice').slice(1, 2)])
  const { whole, torn } = await countGroups(store)
  expect([...whole]).toEqual(['whole'])
  expect(torn.toSorted()).toEqual(['late', 'torn', 'twice'])
})
