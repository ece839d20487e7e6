import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { readPackages, type WorkspacePackage } from './workspace.ts'

export interface Packed {
  readonly package: WorkspacePackage
  /** The archive as it would be published. */
  readonly archive: string
}

/** Packs every package as it would be published; the archives are gone when `task` ends. */
export async function withPacked<T>(
  root: string,
  task: (packed: readonly Packed[], folder: string) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'patchbay-pack-'))
  try {
    const packed = readPackages(root).map((one) => {
      const output = execFileSync('pnpm', ['pack', '--json', '--pack-destination', folder], {
        cwd: join(root, one.folder),
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      const { filename } = JSON.parse(output) as { filename: string }
      return { package: one, archive: filename }
    })
    return await task(packed, folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
