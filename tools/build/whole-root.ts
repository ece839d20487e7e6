import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Plugin } from 'esbuild'

/**
 * Puts all that the root entry loads at once into one chunk. esbuild makes one chunk for each set of entries that need a module, which
 * would cut the root into a dozen files, and opening files is most of what an import costs. So every other entry, and every part that is
 * loaded later, is told that it needs the whole root: whoever loads them has it loaded anyway.
 *
 * Programs of worker threads (`x-worker.ts`) are left out: there nothing else has loaded the root.
 */
export function wholeRoot(folder: string, entries: Readonly<Record<string, string>>, condition: string): Plugin {
  const root = resolve(folder, entries.index ?? '')
  const others = Object.values(entries)
    .map((file) => resolve(folder, file))
    .filter((file) => file !== root && !file.endsWith('-worker.ts'))
  return {
    name: 'whole-root',
    async setup({ esbuild, initialOptions, onLoad }) {
      const { metafile } = await esbuild.build({
        absWorkingDir: folder,
        entryPoints: [root, ...others],
        bundle: true,
        write: false,
        metafile: true,
        format: 'esm',
        platform: 'node',
        outdir: 'dist',
        packages: 'external',
        conditions: [condition],
        logLevel: 'silent',
      })
      const later = Object.values(metafile.inputs).flatMap(({ imports }) =>
        imports.filter(({ kind, external }) => kind === 'dynamic-import' && external !== true).map(({ path }) => path),
      )
      const parts = new Set([...others, ...later.map((path) => resolve(folder, path))])
      initialOptions.logOverride = { ...initialOptions.logOverride, 'ignored-bare-import': 'silent' }
      onLoad({ filter: /\.ts$/ }, ({ path }) =>
        parts.has(path)
          ? { contents: `${readFileSync(path, 'utf8')}\nimport ${JSON.stringify(root)}\n`, loader: 'ts' }
          : undefined,
      )
    },
  }
}
