import { existsSync, globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { wholeRoot } from './whole-root.ts'

interface PackageFile {
  readonly exports?: Readonly<Record<string, string | Readonly<Record<string, string>>>>
}

/** The condition under which tests, the type check and the checks find the packages' own sources. */
export const sourceCondition = '@patchbay/source'

/** The file that stands for `pattern`'s star, or for its lack. */
function starOf(pattern: string, file: string): string {
  const [before = '', after = ''] = pattern.split('*')
  return file.slice(before.length, file.length - after.length)
}

/**
 * Entry points of a package by the name of their output, derived from `exports`, so that a subpath is written down once.
 * A target with a star, such as `./src/connectors/<star>/index.ts`, stands for one entry per folder.
 *
 * All JavaScript lies in one folder, `dist`, entries and shared chunks alike. So a program for a worker thread (`x-worker.ts`, an
 * entry of its own) is found by `new URL('./x-worker.js', import.meta.url)` whichever file the code that starts it ends up in.
 */
export function entriesOf(folder: string): Record<string, string> {
  const { exports = {} } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as PackageFile
  const entries: Record<string, string> = {}
  const add = (name: string, file: string): void => {
    if (entries[name] !== undefined) throw new Error(`${entries[name]} and ${file} would both become dist/${name}.js`)
    entries[name] = file
  }
  for (const target of Object.values(exports)) {
    if (typeof target === 'string') continue
    const source = (target[sourceCondition] ?? '').replace('./', '')
    const output = (target.default ?? '').replace('./dist/', '').replace(/\.js$/, '')
    const files = source.includes('*') ? globSync(source, { cwd: folder }) : [source]
    for (const file of files.map((path) => path.replaceAll('\\', '/'))) {
      if (existsSync(join(folder, file)))
        add(output.replace('*', source.includes('*') ? starOf(source, file) : ''), file)
    }
  }
  for (const file of globSync('src/**/*-worker.ts', { cwd: folder }))
    add(basename(file, '.ts'), file.replaceAll('\\', '/'))
  return entries
}

/** tsup makes the JavaScript only: its declaration step does not run on TypeScript 7, see `package.ts`. */
export function packageConfig(folder: string, options: { readonly wholeRoot?: boolean } = {}) {
  const entry = entriesOf(folder)
  return {
    entry,
    esbuildPlugins: options.wholeRoot === true ? [wholeRoot(folder, entry, sourceCondition)] : [],
    outDir: 'dist',
    format: 'esm',
    target: 'node22',
    platform: 'node',
    splitting: true,
    sourcemap: true,
    clean: true,
    dts: false,
    silent: true,
    // `node:sqlite` has no name without the prefix, which tsup takes away by default.
    removeNodeProtocol: false,
  } as const
}
