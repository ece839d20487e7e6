import { type Finding, problem } from '../finding.ts'
import type { Tree } from './tree.ts'

/** Every connector looks the same from outside: whoever knows one finds the way in all of them. */
export function connectorFolders({ files }: Tree): Finding[] {
  const folders = new Map<string, Set<string>>()
  for (const path of files) {
    const match = /^(packages\/[^/]+\/src\/connectors\/([^/]+))\/(.+)$/.exec(path)
    if (match === null) continue
    const [, folder = '', , file = ''] = match
    folders.set(folder, (folders.get(folder) ?? new Set()).add(file))
  }
  return [...folders].flatMap(([folder, present]) => {
    const product = folder.split('/').at(-1)
    const required = ['index.ts', 'manifest.ts', `${product}.ts`, `${product}.test.ts`, 'README.md']
    return required
      .filter((file) => !present.has(file))
      .map((file) =>
        problem(
          `${folder}/${file}`,
          undefined,
          `the connector ${product} has no ${file}`,
          'CONTRIBUTING.md shows what goes into it; `pnpm new-connector` makes all of them.',
        ),
      )
  })
}
