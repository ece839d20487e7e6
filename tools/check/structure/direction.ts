import { posix as path } from 'node:path'
import { type Finding, problem } from '../finding.ts'
import { isTest, packageOf, type Tree } from './tree.ts'

const families = ['auth', 'database', 'api', 'storage', 'bi', 'cicd', 'workflow', 'security'] as const

/** Who may import whom, type imports included. The picture is in ARCHITECTURE.md. */
const allowed: Readonly<Record<string, readonly string[]>> = {
  core: [],
  ...Object.fromEntries(families.map((family) => [family, ['core']])),
  catalog: ['core', 'api'],
  studio: ['core', ...families, 'catalog'],
  cli: ['core', ...families, 'catalog', 'studio'],
}

export function direction({ sources, packages }: Tree): Finding[] {
  const unknown = packages
    .filter(({ short }) => !Object.hasOwn(allowed, short))
    .map(({ folder }) =>
      problem(
        `${folder}/package.json`,
        undefined,
        'this package has no place in the order',
        'Add it to tools/check/structure/direction.ts.',
      ),
    )
  const crossings = sources.flatMap((file) => {
    const own = packageOf(file.path)
    if (own === undefined) return []
    return file.imports.flatMap(({ specifier, line }) => {
      const target = targetOf(file.path, specifier)
      if (target === undefined || target === own || (isTest(file.path) && target === 'tools')) return []
      if (specifier.startsWith('.')) {
        return [
          problem(
            file.path,
            line,
            `${specifier} leaves the package`,
            `Import what ${target} exports, by its package name.`,
          ),
        ]
      }
      if (allowed[own]?.includes(target) === true) return []
      return [
        problem(
          file.path,
          line,
          `${own} must not import ${target}`,
          `Allowed here: ${allowed[own]?.join(', ') || 'nothing of the project'}.`,
        ),
      ]
    })
  })
  return [...unknown, ...crossings]
}

/** Short name of the package, or top folder, that a specifier leads to; undefined for what is not ours. */
function targetOf(from: string, specifier: string): string | undefined {
  if (specifier.startsWith('@patchbay/')) return specifier.split('/')[1]
  if (!specifier.startsWith('.')) return undefined
  const target = path.join(path.dirname(from), specifier)
  return packageOf(target) ?? target.split('/')[0]
}
