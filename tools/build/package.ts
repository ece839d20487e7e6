// Builds the package in the current folder: tsup for the JavaScript, tsc for the declarations.
// Usage, from a package's folder: node ../../tools/build/package.ts [--javascript-only]
import { spawnSync } from 'node:child_process'
import { globSync, readFileSync, writeFileSync } from 'node:fs'
import { toolScript } from '../tool-script.ts'
import { entriesOf } from './tsup-config.ts'

const folder = process.cwd()

function run(script: string, ...args: string[]): void {
  const { status, error } = spawnSync(process.execPath, [script, ...args], { cwd: folder, stdio: 'inherit' })
  if (error !== undefined) throw error
  if (status !== 0) process.exit(status ?? 1)
}

/** `tsc` keeps the `.ts` of relative specifiers in declarations; published ones must name the `.js` beside them. */
function rewriteSpecifiers(declaration: string): string {
  return declaration.replace(/((?:\bfrom|\bimport)\s*\(?\s*)(['"])(\.\.?\/[^'"]*?)\.ts\2/g, '$1$2$3.js$2')
}

/** Declarations, from the compiler itself. */
function declare(): void {
  run(toolScript('typescript', 'tsc'), '-p', 'tsconfig.build.json')
  for (const file of globSync('dist/types/**/*.d.ts')) {
    const before = readFileSync(file, 'utf8')
    const after = rewriteSpecifiers(before)
    if (after !== before) writeFileSync(file, after)
  }
}

if (Object.keys(entriesOf(folder)).length > 0) {
  run(toolScript('tsup'))
  if (!process.argv.includes('--javascript-only')) declare()
}
