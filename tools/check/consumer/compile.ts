import { spawnSync } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { findPackageJSON } from 'node:module'
import { dirname, join } from 'node:path'
import { toolScript } from '../../tool-script.ts'
import { type Finding, problem } from '../finding.ts'
import type { Consumer } from './install.ts'

/** The newest TypeScript, which builds this repository, and the oldest that our declarations promise to work with. */
export const compilers = [
  { name: 'TypeScript 7', script: toolScript('typescript', 'tsc') },
  { name: 'TypeScript 5.9', script: toolScript('typescript-oldest', 'tsc') },
] as const

const resolvers = [
  { name: 'nodenext', options: { module: 'nodenext', moduleResolution: 'nodenext' } },
  { name: 'bundler', options: { module: 'esnext', moduleResolution: 'bundler' } },
] as const

/** Compiles one file that imports every subpath and uses what it exports as values and as types. */
export function compileConsumer({ package: one, folder, subpaths }: Consumer): Finding[] {
  const imports = subpaths.map(({ specifier }, index) => `import * as part${index} from '${specifier}'`)
  const uses = subpaths.map((_, index) => `export type Part${index} = typeof part${index}`)
  writeFileSync(
    join(folder, 'consumer.ts'),
    [...imports, ...uses, `export const parts = [${subpaths.map((_, index) => `part${index}`).join(', ')}]`, ''].join(
      '\n',
    ),
  )
  const types = findPackageJSON('@types/node', import.meta.url)
  if (types === undefined) throw new Error('@types/node is not installed')

  return compilers.flatMap((compiler) =>
    resolvers.flatMap((resolver) => {
      const settings = `tsconfig.${resolver.name}.json`
      const compilerOptions = {
        ...resolver.options,
        target: 'es2022',
        lib: ['es2024', 'esnext.disposable'],
        strict: true,
        exactOptionalPropertyTypes: true,
        skipLibCheck: false,
        noEmit: true,
        types: ['node'],
        typeRoots: [join(dirname(types), '..')],
      }
      writeFileSync(join(folder, settings), JSON.stringify({ compilerOptions, files: ['consumer.ts'] }))
      const { status, stdout, stderr } = spawnSync(
        process.execPath,
        [compiler.script, '-p', settings, '--pretty', 'false'],
        { cwd: folder, encoding: 'utf8' },
      )
      if (status === 0) return []
      const lines = `${stdout}${stderr}`.trim().split('\n')
      return lines
        .slice(0, 10)
        .map((line) =>
          problem(
            `${one.folder}/package.json`,
            undefined,
            `${compiler.name}, ${resolver.name}: ${line}`,
            'The published declarations must compile in a strict project that checks its libraries.',
          ),
        )
    }),
  )
}
