// pnpm catalog:table [--check]   writes the table of integrations into docs/catalog.md and its summary into README.md
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { readManifests } from './index-files.ts'
import { proveAll } from './levels.ts'
import { staleTables, summaryTable, writeTables } from './table.ts'

const { values } = parseArgs({
  options: { check: { type: 'boolean' }, root: { type: 'string', default: join(import.meta.dirname, '../..') } },
})
const root = resolve(values.root)
const { manifests, invalid } = await readManifests(root)
for (const issue of invalid) console.error(issue)
const proven = proveAll(root, manifests)
console.log(summaryTable(proven))
if (values.check === true) {
  const stale = staleTables(root, proven)
  for (const file of stale) console.error(`${file} is not what the evidence says: run pnpm catalog:table`)
  if (stale.length + invalid.length > 0) process.exitCode = 1
} else {
  for (const file of writeTables(root, proven)) console.log(`wrote ${file}`)
}
