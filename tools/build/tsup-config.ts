import { existsSync, globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

interface PackageFile {
  readonly exports?: Readonly<Record<string, string | Readonly<Record<string, string>>>>
}

/** The condition under which tests, the type check and examples find the packages' own sources. */
export const sourceCondition = '@patchbay/source'

/**
 * Entry points of a package, derived from `exports`, so that a subpath is written down once.
 * A target with a star, such as `./src/connectors/<star>/index.ts`, stands for one entry per folder.
 */
export function entriesOf(folder: string): Record<string, string> {
  const { exports = {} } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as PackageFile
  const entries: Record<string, string> = {}
  for (const target of Object.values(exports)) {
    const source = typeof target === 'string' ? undefined : target[sourceCondition]
    if (source === undefined) continue
    for (const file of source.includes('*') ? globSync(source, { cwd: folder }) : [source]) {
      const path = file.replaceAll('\\', '/').replace(/^\.\//, '')
      if (existsSync(join(folder, path))) entries[path.replace(/^src\//, '').replace(/\.ts$/, '')] = path
    }
  }
  return entries
}

/** tsup makes the JavaScript only: its declaration step does not run on TypeScript 7, see `package.ts`. */
export function packageConfig(folder: string) {
  return {
    entry: entriesOf(folder),
    outDir: 'dist',
    format: 'esm',
    target: 'node22',
    platform: 'node',
    splitting: true,
    sourcemap: true,
    clean: true,
    dts: false,
    silent: true,
  } as const
}
