// pnpm check [name...]: runs the checks of the house. Without a name: all of them. Exit status 1 when one finds an error.
import { join } from 'node:path'
import { bleed } from './bleed/bleed.ts'
import { consumer } from './consumer/consumer.ts'
import { docs } from './docs/docs.ts'
import { exportsCheck } from './exports/exports.ts'
import { type Check, format } from './finding.ts'
import { structure } from './structure/structure.ts'
import { unused } from './unused.ts'

const checks: Readonly<Record<string, Check>> = { structure, exports: exportsCheck, bleed, consumer, docs, unused }

const wanted = process.argv.slice(2).filter((name) => !name.startsWith('-'))
const unknown = wanted.filter((name) => !Object.hasOwn(checks, name))
if (unknown.length > 0) {
  console.error(`there is no check named ${unknown.join(', ')}; there are: ${Object.keys(checks).join(', ')}`)
  process.exit(1)
}

let failed = false
for (const [name, check] of Object.entries(checks)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue
  const started = performance.now()
  const { checked, findings } = await check(join(import.meta.dirname, '../..'))
  for (const finding of findings) console.log(format(finding))
  const errors = findings.filter((finding) => finding.level === 'error').length
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  console.log(
    `${name}: ${errors === 0 ? 'ok' : `${errors} errors`}, ${findings.length - errors} warnings; ${checked} (${seconds} s)`,
  )
  failed ||= errors > 0
}
process.exitCode = failed ? 1 : 0
