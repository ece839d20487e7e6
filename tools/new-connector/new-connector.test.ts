import { execFileSync, spawnSync } from 'node:child_process'
import { cpSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { withTree } from '../check/fixture-tree.ts'
import { structure } from '../check/structure/structure.ts'
import { toolScript } from '../tool-script.ts'
import { namesOf } from './names.ts'
import { writeConnector } from './new-connector.ts'

const root = join(import.meta.dirname, '../..')

test('derives names', () => {
  expect(namesOf('api', 'issue-tracker')).toEqual({
    family: 'api',
    product: 'issue-tracker',
    value: 'issueTracker',
    type: 'IssueTracker',
    title: 'Issue Tracker',
  })
  expect(namesOf('api', 'tracker', 'TRACKER').title).toBe('TRACKER')
})

test('makes a connector that compiles, lints, keeps the rules and passes its test', { timeout: 120_000 }, async () => {
  await withTree({ '.gitignore': 'node_modules\n' }, (copy) => {
    for (const file of [
      'package.json',
      'biome.json',
      'tsconfig.json',
      'tsconfig.base.json',
      'vitest.config.ts',
      'packages',
    ]) {
      cpSync(join(root, file), join(copy, file), {
        recursive: true,
        filter: (path) => !/node_modules|[\\/]dist$|\.test\.ts$/.test(path),
      })
    }
    for (const folder of ['.', 'packages/core', 'packages/api'])
      symlinkSync(join(root, folder, 'node_modules'), join(copy, folder, 'node_modules'))
    // The catalog is no matter of a new connector.
    const config = join(copy, 'vitest.config.ts')
    writeFileSync(config, readFileSync(config, 'utf8').replace(/^ *globalSetup: .*$/m, ''))
    const files = writeConnector(copy, namesOf('api', 'issue-tracker'))

    expect(files).toHaveLength(6)
    const run = (script: string, ...args: string[]) =>
      spawnSync(process.execPath, [script, ...args], { cwd: copy, encoding: 'utf8' })
    const lint = run(
      toolScript('@biomejs/biome'),
      'check',
      '--error-on-warnings',
      'packages/api/src/connectors/issue-tracker',
    )
    expect(lint.stdout + lint.stderr).toContain('No fixes applied')
    expect(lint.status).toBe(0)
    const types = run(toolScript('typescript', 'tsc'), '-p', 'packages/api', '--noEmit', '--pretty', 'false')
    expect(
      types.stdout.split('\n').filter((line) => line.startsWith('packages/api/src/connectors/issue-tracker')),
    ).toEqual([])
    const tests = run(toolScript('vitest'), 'run', '--root', copy, 'packages/api/src/connectors/issue-tracker')
    expect(tests.stdout).toMatch(/Tests .*\D15 passed/)
    execFileSync('git', ['add', '.'], { cwd: copy })
    expect(
      structure(copy).findings.filter(({ file }) => file.startsWith('packages/api/src/connectors/issue-tracker')),
    ).toEqual([])
  })
})
