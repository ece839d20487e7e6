import { spawnSync } from 'node:child_process'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { toolScript } from '../../tool-script.ts'
import { type Finding, problem } from '../finding.ts'
import type { Packed } from '../pack.ts'

/** Findings of attw that we accept, each with its reason. Empty: nothing is accepted. */
const accepted: readonly { readonly kind: string; readonly entry: string; readonly because: string }[] = []

interface Problem {
  readonly kind: string
  readonly entrypoint?: string
  readonly resolutionKind?: string
}

/** Are-the-types-wrong over the archive, for packages that are ESM only. */
export function resolvedTypes({ package: one, archive }: Packed): Finding[] {
  const script = toolScript('@arethetypeswrong/cli', 'attw')
  // Into a file: the program ends without waiting for a pipe to take all of its output.
  const output = `${archive}.attw.json`
  const file = openSync(output, 'w')
  const { stderr } = spawnSync(process.execPath, [script, archive, '--profile', 'esm-only', '--format', 'json'], {
    encoding: 'utf8',
    stdio: ['ignore', file, 'pipe'],
  })
  closeSync(file)
  const stdout = readFileSync(output, 'utf8')
  let problems: readonly Problem[]
  try {
    const { analysis } = JSON.parse(stdout) as { analysis: { types: unknown; problems: readonly Problem[] } }
    if (analysis.types === false)
      return [problem(`${one.folder}/package.json`, undefined, 'the archive holds no types', 'Run `pnpm build`.')]
    problems = analysis.problems
  } catch {
    return [
      problem(
        `${one.folder}/package.json`,
        undefined,
        `attw said no JSON: ${`${stdout}${stderr}`.slice(0, 300)}`,
        'Run attw by hand on the archive of `pnpm pack`.',
      ),
    ]
  }
  return problems
    .filter(
      ({ resolutionKind }) =>
        resolutionKind === undefined || resolutionKind === 'node16-esm' || resolutionKind === 'bundler',
    )
    .filter(({ kind, entrypoint }) => !accepted.some((one) => one.kind === kind && one.entry === entrypoint))
    .map(({ kind, entrypoint = '.', resolutionKind = 'all' }) =>
      problem(
        `${one.folder}/package.json`,
        undefined,
        `attw: ${kind} at ${entrypoint} (${resolutionKind})`,
        'Mend it, or accept it with a reason in tools/check/exports/resolved-types.ts.',
      ),
    )
}
