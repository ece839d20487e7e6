import { join } from 'node:path'
import { expect, test } from 'vitest'
import { readIndex, readManifests } from './index-files.ts'
import { runMutations } from './mutation-run.ts'

const root = join(import.meta.dirname, '../..')

test('wrong facts in manifests are caught: at least 99 of 100', async () => {
  const { manifests } = await readManifests(root)
  const { tried, caught, kinds, survivors, operations, leftOut } = runMutations(
    manifests,
    readIndex(root),
    1000,
    20_261_122,
  )
  const share = (caught / tried) * 100
  const lines = [
    `${caught} of ${tried} mutations of ${operations} operations caught (${share.toFixed(2)} %); ${leftOut} operations have nothing to compare with`,
    ...Object.entries(kinds).map(([kind, number]) => `  ${kind}: ${number}`),
    ...survivors.map(({ operation, kind, what }) => `  survived: ${operation}: ${kind}: ${what}`),
  ]
  console.log(lines.join('\n'))
  expect(tried).toBe(1000)
  expect(share).toBeGreaterThanOrEqual(99)
})
