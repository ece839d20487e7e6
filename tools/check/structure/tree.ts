import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { readSource, type SourceFile } from '../source-file.ts'
import { readPackages, type WorkspacePackage } from '../workspace.ts'

export interface Tree {
  readonly root: string
  /** Every file that git tracks or would track, relative to the repository. */
  readonly files: readonly string[]
  /** Every TypeScript file among them, fixtures left out. */
  readonly sources: readonly SourceFile[]
  readonly packages: readonly WorkspacePackage[]
}

export function readTree(root: string): Tree {
  const output = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
  })
  const files = [...new Set(output.split('\0'))].filter((path) => path !== '' && existsSync(join(root, path))).sort()
  const sources = files
    .filter((path) => path.endsWith('.ts') && !/(^|\/)fixtures\//.test(path))
    .map((path) => readSource(root, path))
  return { root, files, sources, packages: readPackages(root) }
}

export function isTest(path: string): boolean {
  return /\.test\.ts$/.test(path)
}

/** `core` for `packages/core/src/…`. */
export function packageOf(path: string): string | undefined {
  return /^packages\/([^/]+)\/src\//.exec(path)?.[1]
}

/** Sources that are published: in a package's `src`, and no test. */
export function published(tree: Tree): readonly SourceFile[] {
  return tree.sources.filter((file) => packageOf(file.path) !== undefined && !isTest(file.path))
}
