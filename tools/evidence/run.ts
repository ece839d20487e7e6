// pnpm evidence                              computes the levels from the committed index, without a network; status 1 for a contradiction
// pnpm evidence --update [--documents <f>]   fetches the documents of the sources and writes the index anew
// pnpm evidence --drift <document> --source <ref>   compares the index with a newer document
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { reportDrift } from './drift.ts'
import { readManifests } from './index-files.ts'
import { proveAll } from './levels.ts'
import { staleTables } from './table.ts'
import { updateIndex } from './update.ts'

const { values } = parseArgs({
  options: {
    update: { type: 'boolean' },
    documents: { type: 'string' },
    only: { type: 'string' },
    drift: { type: 'string' },
    source: { type: 'string' },
    id: { type: 'string' },
    doubts: { type: 'boolean' },
    root: { type: 'string', default: join(import.meta.dirname, '../..') },
  },
})
const root = resolve(values.root)
const { manifests, invalid } = await readManifests(root)
for (const issue of invalid) console.error(issue)

if (values.drift !== undefined) {
  process.exitCode = await reportDrift({ root, manifests, document: resolve(values.drift), ref: values.source })
} else {
  if (values.update === true) {
    const documents = values.documents === undefined ? undefined : resolve(values.documents)
    const { written, same, removed, unavailable } = await updateIndex({ root, manifests, documents, only: values.only })
    console.log(`${written.length} sources written, ${same.length} the same, ${removed.length} removed`)
    for (const ref of [...written.map((one) => `written ${one}`), ...removed.map((one) => `removed ${one}`)])
      console.log(`  ${ref}`)
    for (const message of unavailable) console.error(`not available: ${message}`)
  }
  const proven = proveAll(root, manifests).filter(
    ({ manifest }) => values.id === undefined || manifest.id === values.id,
  )
  let problems = 0
  for (const { manifest, evidence } of proven) {
    const counts = Object.entries(Object.groupBy(evidence.operations, ({ level }) => level)).sort()
    const told = counts.map(([level, list]) => `${level} ${list?.length ?? 0}`).join(', ')
    console.log(
      `${evidence.level} ${manifest.id}: ${told}${evidence.corrected > 0 ? `, ${evidence.corrected} corrected` : ''}`,
    )
    for (const problem of evidence.problems) console.error(`  ${manifest.id}: ${problem}`)
    problems += evidence.problems.length
    if (values.doubts === true)
      for (const { operation, doubts, reason } of evidence.operations)
        for (const doubt of [...doubts, ...(reason === undefined ? [] : [reason])])
          console.log(`  ${operation}: ${doubt}`)
  }
  const stale = values.update === true || values.id !== undefined ? [] : staleTables(root, proveAll(root, manifests))
  for (const file of stale) console.error(`${file} is not what the evidence says: run pnpm catalog:table`)
  console.log(`${proven.length} integrations, ${problems} problems`)
  if (problems + stale.length + invalid.length > 0) process.exitCode = 1
}
