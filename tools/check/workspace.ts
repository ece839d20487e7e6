import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

export type ExportTarget = string | Readonly<Record<string, string>>

export interface PackageFile {
  readonly name: string
  readonly version: string
  readonly private?: boolean
  readonly exports?: Readonly<Record<string, ExportTarget>>
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly peerDependencies?: Readonly<Record<string, string>>
  readonly peerDependenciesMeta?: Readonly<Record<string, { readonly optional?: boolean }>>
  readonly sideEffects?: boolean | readonly string[]
}

export interface WorkspacePackage {
  /** Last part of the name, which is the folder: `core`. */
  readonly short: string
  /** Relative to the repository: `packages/core`. */
  readonly folder: string
  readonly file: PackageFile
}

export function posix(path: string): string {
  return path.replaceAll('\\', '/')
}

export function readPackages(root: string): WorkspacePackage[] {
  return globSync('packages/*/package.json', { cwd: root })
    .map(posix)
    .sort()
    .map((path) => ({
      short: path.split('/')[1] ?? '',
      folder: path.slice(0, -'/package.json'.length),
      file: JSON.parse(readFileSync(join(root, path), 'utf8')) as PackageFile,
    }))
}

/** One subpath of a package, a pattern such as `./*` already resolved to the files that exist. */
export interface Subpath {
  /** As users write it: `@patchbay/core/http`. */
  readonly specifier: string
  readonly source: string
  readonly types: string
  readonly code: string
}

/** Subpaths with code (not `./package.json`), with their files relative to the package. */
export function subpathsOf(root: string, { folder, file }: WorkspacePackage): Subpath[] {
  return Object.entries(file.exports ?? {}).flatMap(([key, target]) => {
    if (typeof target === 'string') return []
    const { '@patchbay/source': source = '', types = '', default: code = '' } = target
    const stars = source.includes('*') ? starsOf(join(root, folder), source) : ['']
    return stars.map((star) => {
      const fill = (pattern: string): string => pattern.replace('*', star)
      return {
        specifier: `${file.name}${fill(key).slice(1)}`,
        source: fill(source),
        types: fill(types),
        code: fill(code),
      }
    })
  })
}

/** What the star of a pattern stands for, by the files that exist. */
function starsOf(folder: string, pattern: string): string[] {
  const [before = '', after = ''] = pattern.replace(/^\.\//, '').split('*')
  return globSync(`${before}*${after}`, { cwd: folder }).map((path) =>
    posix(path).slice(before.length, path.length - after.length),
  )
}
