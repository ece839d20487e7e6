import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Finding, problem } from '../finding.ts'
import type { Consumer } from './install.ts'

const program = `
for (const specifier of process.argv.slice(2)) {
  const names = Object.keys(await import(specifier))
  if (names.length === 0) throw new Error(specifier + ' exports nothing')
}
console.log('loaded')
`

/** Loads every subpath in a process of its own, and waits for it to end: an import must leave nothing behind that keeps a process alive. */
export function runConsumer({ package: one, folder, subpaths }: Consumer): Finding[] {
  writeFileSync(join(folder, 'consumer.js'), program)
  return subpaths.flatMap(({ specifier }) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, ['--no-warnings', 'consumer.js', specifier], {
      cwd: folder,
      encoding: 'utf8',
      timeout: 8_000,
    })
    if (status === 0 && stdout.trim() === 'loaded') return []
    const reason =
      status === null
        ? 'the process did not end by itself'
        : (stderr
            .trim()
            .split('\n')
            .filter((line) => /Error|Cannot/.test(line))[0] ?? stderr)
    return [
      problem(
        `${one.folder}/package.json`,
        undefined,
        `${specifier} does not load when installed alone: ${reason}`,
        'Optional peers are loaded by a literal import() when they are needed, never before.',
      ),
    ]
  })
}
