import { posix as path } from 'node:path'
import { type Finding, problem } from '../finding.ts'
import type { Tree } from './tree.ts'

/** No file may reach itself over imports, type imports included: such files can only be understood together. */
export function cycles({ sources }: Tree): Finding[] {
  const known = new Map(sources.map((file) => [file.path, file]))
  const state = new Map<string, 'open' | 'done'>()
  const findings: Finding[] = []

  const visit = (file: string, trail: readonly string[]): void => {
    state.set(file, 'open')
    for (const { specifier, line } of known.get(file)?.imports ?? []) {
      if (!specifier.startsWith('.')) continue
      const target = path.join(path.dirname(file), specifier)
      if (!known.has(target)) continue
      if (state.get(target) === 'open') {
        const circle = [...trail.slice(trail.indexOf(target)), target].map((name) => path.basename(name))
        findings.push(
          problem(
            file,
            line,
            `import cycle: ${circle.join(' > ')}`,
            'Move what both need into a file that imports neither.',
          ),
        )
      } else if (state.get(target) === undefined) visit(target, [...trail, target])
    }
    state.set(file, 'done')
  }
  for (const file of known.keys()) if (state.get(file) === undefined) visit(file, [file])
  return findings
}
