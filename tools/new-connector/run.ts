// pnpm new-connector <family> <product> [--title "Product name"]: makes the folder of a connector, with a test that passes.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { namesOf } from './names.ts'
import { writeConnector } from './new-connector.ts'

const { values, positionals } = parseArgs({ allowPositionals: true, options: { title: { type: 'string' } } })
const [family = '', product = ''] = positionals
const root = join(import.meta.dirname, '../..')

function refuse(message: string): never {
  console.error(`patchbay: ${message}`)
  process.exit(1)
}

if (positionals.length !== 2)
  refuse(
    'usage: pnpm new-connector <family> <product> [--title "Product name"], such as: pnpm new-connector api tracker',
  )
if (!/^[a-z][a-z0-9]*(?:-[a-z0-9]+)*$/.test(product))
  refuse(`"${product}" is not kebab-case: lower-case words joined by dashes`)
if (!existsSync(join(root, 'packages', family, 'package.json'))) refuse(`there is no family packages/${family}`)
const folder = `packages/${family}/src/connectors/${product}`
if (existsSync(join(root, folder))) refuse(`${folder} exists already`)

for (const file of writeConnector(root, namesOf(family, product, values.title))) console.log(`wrote ${file}`)
console.log(`
Next:
  1. manifest.ts   the vendor's limits, with the pages that state them
  2. wire.ts       what the vendor sends, what callers get, and the way from one to the other
  3. ${product}.ts   the operations: one request each
  4. ${product}.test.ts   paste real answers of the vendor, then: pnpm vitest run ${folder}
  5. README.md, and pnpm changeset`)
