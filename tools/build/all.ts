// pnpm build: builds every package whose sources changed, dependencies first.
// --javascript-only leaves the declarations out (commands that only run code), --force builds all of them.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { generateCatalog, onCI, tellIssues } from '../catalog/generate.ts'

const root = join(import.meta.dirname, '../..')
const marks = join(root, '.cache', 'build')

interface Package {
  readonly name: string
  readonly folder: string
  readonly needs: readonly string[]
}

interface Mark {
  readonly hash: string
  readonly declarations: boolean
}

function readPackages(): Package[] {
  const files = globSync('packages/*/package.json', { cwd: root }).sort()
  return files.map((file) => {
    const { name, dependencies = {} } = JSON.parse(readFileSync(join(root, file), 'utf8')) as {
      name: string
      dependencies?: Record<string, string>
    }
    const needs = Object.keys(dependencies).filter((dependency) => dependency.startsWith('@patchbay/'))
    return { name, folder: join(root, file, '..'), needs }
  })
}

function dependenciesFirst(packages: readonly Package[]): Package[] {
  const ordered = new Set<Package>()
  const visit = (one: Package, path: readonly string[]): void => {
    if (path.includes(one.name))
      throw new Error(`packages depend on each other in a circle: ${[...path, one.name].join(' > ')}`)
    for (const other of packages) if (one.needs.includes(other.name)) visit(other, [...path, one.name])
    ordered.add(one)
  }
  for (const one of packages) visit(one, [])
  return [...ordered]
}

/** Covers the sources, the settings and, through `before`, the packages that this one is compiled against. */
function hashOf(folder: string, before: readonly string[]): string {
  const hash = createHash('sha256').update(before.join())
  const settings = ['tsconfig.base.json', ...globSync('tools/build/*.ts', { cwd: root })].map((file) =>
    join(root, file),
  )
  const sources = [
    'package.json',
    'tsconfig.build.json',
    'tsup.config.ts',
    ...globSync('src/**/*.{ts,json}', { cwd: folder }),
  ]
  for (const file of [...settings, ...sources.sort().map((source) => join(folder, source))]) {
    if (!file.endsWith('.test.ts') && existsSync(file)) hash.update(file.slice(root.length)).update(readFileSync(file))
  }
  return hash.digest('hex')
}

const { values: options } = parseArgs({
  options: { 'javascript-only': { type: 'boolean' }, force: { type: 'boolean' } },
})
const declarations = options['javascript-only'] !== true
// A release is built with --force.
if (!tellIssues(generateCatalog(root), { strict: onCI || options.force === true })) process.exit(1)
const hashes = new Map<string, string>()

for (const { name, folder, needs } of dependenciesFirst(readPackages())) {
  const hash = hashOf(
    folder,
    needs.map((need) => hashes.get(need) ?? ''),
  )
  hashes.set(name, hash)
  const mark = join(marks, `${name.replace('/', '-')}.json`)
  const last = existsSync(mark) ? (JSON.parse(readFileSync(mark, 'utf8')) as Mark) : undefined
  const done = last?.hash === hash && (last.declarations || !declarations) && existsSync(join(folder, 'dist'))
  if (done && options.force !== true) continue

  rmSync(mark, { force: true })
  const started = performance.now()
  const script = join(import.meta.dirname, 'package.ts')
  const args = [script, ...(declarations ? [] : ['--javascript-only'])]
  const { status } = spawnSync(process.execPath, args, { cwd: folder, stdio: 'inherit' })
  if (status !== 0) {
    console.error(`${name} could not be built`)
    process.exit(status ?? 1)
  }
  mkdirSync(marks, { recursive: true })
  writeFileSync(mark, JSON.stringify({ hash, declarations } satisfies Mark))
  console.log(`built ${name} in ${((performance.now() - started) / 1000).toFixed(1)} s`)
}
