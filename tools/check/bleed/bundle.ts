import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { build, type Metafile, type Plugin } from 'esbuild'
import { sourceCondition } from '../../build/tsup-config.ts'
import { posix, type Subpath, type WorkspacePackage } from '../workspace.ts'

export interface Reach {
  /** Our files that are loaded with the subpath, relative to the repository. */
  readonly files: ReadonlySet<string>
  /** Foreign packages that are loaded with the subpath. */
  readonly atOnce: ReadonlySet<string>
  /** Modules of Node that are loaded with the subpath. */
  readonly builtins: ReadonlySet<string>
  /** Foreign packages that a literal import() somewhere in it names. */
  readonly later: ReadonlySet<string>
}

function packageNameOf(path: string): string {
  return path
    .split('/')
    .slice(0, path.startsWith('@') ? 2 : 1)
    .join('/')
}

const isOurs = (path: string): boolean => path.startsWith('packages/')

/** Everything that starts from an entry over static imports. */
function loadedWith(entry: string, inputs: Metafile['inputs']): Set<string> {
  const reached = new Set([entry])
  for (const file of reached) {
    for (const one of inputs[file]?.imports ?? []) {
      if (one.kind === 'import-statement' && one.external !== true) reached.add(one.path)
    }
  }
  return reached
}

function options(root: string, { folder }: WorkspacePackage, { source }: Subpath) {
  return {
    absWorkingDir: root,
    entryPoints: [join(folder, source)],
    bundle: true as const,
    write: false as const,
    metafile: true as const,
    platform: 'node' as const,
    target: 'node22',
    format: 'esm' as const,
    splitting: true,
    outdir: 'bundled',
    conditions: [sourceCondition],
    logLevel: 'silent' as const,
  }
}

/** Leaves the foreign packages that our own files name out of the bundle. */
function outside(leaveOut: (name: string) => boolean): Plugin {
  return {
    name: 'outside',
    setup({ onResolve }) {
      onResolve({ filter: /^[^./]/ }, ({ path, kind, importer }) => {
        const ours = kind === 'entry-point' || path.startsWith('@patchbay/') || /[\\/]node_modules[\\/]/.test(importer)
        return ours || !leaveOut(packageNameOf(path)) ? undefined : { path, external: true }
      })
    },
  }
}

/** What a subpath loads at once and what later, by its sources. Other packages of the workspace count as part of it. */
export async function reachOf(root: string, one: WorkspacePackage, subpath: Subpath): Promise<Reach> {
  const entry = posix(join(one.folder, subpath.source))
  const { metafile } = await build({ ...options(root, one, subpath), plugins: [outside(() => true)] })
  const loaded = loadedWith(entry, metafile.inputs)
  const externals = [...Object.entries(metafile.inputs)].flatMap(([file, { imports }]) =>
    imports
      .filter(({ external }) => external === true)
      .map(({ path, kind }) => ({ path, atOnce: kind === 'import-statement' && loaded.has(file) })),
  )
  // `<runtime>` is what esbuild itself adds.
  const packages = externals.filter(({ path }) => !path.startsWith('node:') && path !== '<runtime>')
  return {
    files: new Set([...loaded].filter(isOurs)),
    atOnce: new Set(packages.filter(({ atOnce }) => atOnce).map(({ path }) => packageNameOf(path))),
    builtins: new Set(
      externals.filter(({ path, atOnce }) => atOnce && path.startsWith('node:')).map(({ path }) => path),
    ),
    later: new Set(packages.filter(({ atOnce }) => !atOnce).map(({ path }) => packageNameOf(path))),
  }
}

/** Bytes of what the subpath loads at once: minified, gzipped, with those of its dependencies that it may load at once. */
export async function weightOf(
  root: string,
  one: WorkspacePackage,
  subpath: Subpath,
  included: readonly string[],
): Promise<{ readonly weight: number; readonly heaviest: readonly string[] }> {
  const { metafile, outputFiles } = await build({
    ...options(root, one, subpath),
    minify: true,
    plugins: [outside((name) => !included.includes(name))],
  })
  const outputs = Object.entries(metafile.outputs)
  const start = outputs.find(([, { entryPoint }]) => entryPoint === posix(join(one.folder, subpath.source)))?.[0]
  if (start === undefined) throw new Error(`no bundle of ${subpath.specifier}`)
  const parts = new Set([start])
  for (const part of parts) {
    for (const { path, kind, external } of metafile.outputs[part]?.imports ?? []) {
      if (kind === 'import-statement' && external !== true) parts.add(path)
    }
  }
  const text = [...parts].map((part) => outputFiles.find(({ path }) => posix(path).endsWith(part))?.text ?? '')
  const heaviest = [...parts]
    .flatMap((part) => Object.entries(metafile.outputs[part]?.inputs ?? {}))
    .sort(([, a], [, b]) => b.bytesInOutput - a.bytesInOutput)
    .slice(0, 6)
    .map(([path, { bytesInOutput }]) => `${path.split('/').at(-1)} ${bytesInOutput}`)
  return { weight: gzipSync(text.join('\n'), { level: 9 }).length, heaviest }
}
