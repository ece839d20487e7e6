import { spawnSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Finding, problem } from '../finding.ts'
import type { Packed } from '../pack.ts'
import { type Subpath, subpathsOf, type WorkspacePackage } from '../workspace.ts'

/** An empty project into which one package was installed. */
export interface Consumer {
  readonly package: WorkspacePackage
  readonly folder: string
  readonly subpaths: readonly Subpath[]
}

/** The packages of the workspace that one needs, itself included: they are not in any registry yet. */
function needed(one: Packed, all: readonly Packed[]): Set<Packed> {
  const found = new Set([one])
  for (const { package: each } of found) {
    for (const name of Object.keys(each.file.dependencies ?? {})) {
      const other = all.find((candidate) => candidate.package.file.name === name)
      if (other !== undefined) found.add(other)
    }
  }
  return found
}

const windows = process.platform === 'win32'

/** Installs with npm, since most users have nothing else. Scripts stay off: nothing of ours may need one. */
export function installAlone(
  root: string,
  one: Packed,
  all: readonly Packed[],
  workplace: string,
): Consumer | { findings: Finding[] } {
  const folder = join(workplace, one.package.short)
  mkdirSync(folder)
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'consumer', private: true, type: 'module' }))
  const archives = [...needed(one, all)].map(({ archive }) => archive)
  const args = [
    'install',
    '--omit=optional',
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--no-update-notifier',
    '--loglevel=error',
    ...archives,
  ]
  const { status, stdout, stderr } = spawnSync(windows ? 'npm.cmd' : 'npm', args, {
    cwd: folder,
    encoding: 'utf8',
    shell: windows,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 300_000,
    // A Node from npm knows its own authorities only; behind a company's proxy the machine's own count.
    env: { ...process.env, NODE_USE_SYSTEM_CA: '1' },
  })
  if (status === 0) return { package: one.package, folder, subpaths: subpathsOf(root, one.package) }
  const output = `${stdout}${stderr}`.trim().split('\n').slice(0, 8).join('\n')
  return {
    findings: [
      problem(
        `${one.package.folder}/package.json`,
        undefined,
        `npm could not install it alone: ${output}`,
        'Pack it with `pnpm pack` and install the archive by hand.',
      ),
    ],
  }
}
