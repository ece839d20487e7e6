import { spawnSync } from 'node:child_process'
import { toolScript } from '../tool-script.ts'
import { type CheckResult, problem } from './finding.ts'

interface Issue {
  readonly file: string
  readonly [kind: string]: string | readonly { readonly name: string; readonly line?: number }[]
}

const meanings: Readonly<Record<string, string>> = {
  unlisted: 'is imported and not declared',
  unresolved: 'cannot be found',
  binaries: 'is called and not declared',
}

/** knip: files, exports and dependencies that nothing uses. Settings in knip.json. */
export function unused(root: string): CheckResult {
  const script = toolScript('knip')
  const { stdout, stderr, status } = spawnSync(process.execPath, [script, '--reporter', 'json', '--no-progress'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  })
  if (status !== 0 && status !== 1) throw new Error(`knip ended with status ${status}: ${stderr}`)
  const { issues } = JSON.parse(stdout) as { issues: readonly Issue[] }
  const findings = issues.flatMap(({ file, ...kinds }) =>
    Object.entries(kinds).flatMap(([kind, entries]) =>
      typeof entries === 'string'
        ? []
        : entries.map(({ name, line }) =>
            problem(
              file,
              line,
              kind === 'files'
                ? 'this file is used by nobody'
                : `${name} ${meanings[kind] ?? `(${kind}) is used by nobody`}`,
              'Remove it, or use it; exceptions stand in knip.json.',
            ),
          ),
    ),
  )
  return { checked: 'files, exports and dependencies of all packages', findings }
}
