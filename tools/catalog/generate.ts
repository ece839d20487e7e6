// pnpm generate: makes the catalog's modules out of its manifests. Only what changed is read; nothing to do costs some 20 ms.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { catalogFolders, manifestFiles, readMarks } from './catalog-files.ts'

export interface Generated {
  /** As compilers tell them, warnings included. */
  readonly issues: readonly string[]
  /** Manifests that have no module because they are not valid. */
  readonly invalid: readonly string[]
}

/** Brings the generated modules up to date. Manifests that are not valid get none. */
export function generateCatalog(root: string): Generated {
  const folders = catalogFolders(root)
  if (!existsSync(folders.integrations)) return { issues: [], invalid: [] }
  const marks = readMarks(folders)
  const files = manifestFiles(folders)
  const fresh =
    files.length === Object.keys(marks).length &&
    files.every(
      ({ id, hash }) =>
        marks[id]?.hash === hash && (!marks[id].valid || existsSync(join(folders.generated, `${id}.ts`))),
    )
  if (!fresh) {
    const script = join(import.meta.dirname, 'write-modules.ts')
    const { status, stderr } = spawnSync(process.execPath, ['--conditions=@patchbay/source', script, root], {
      encoding: 'utf8',
    })
    if (status !== 0) throw new Error(`the modules of the catalog could not be made:\n${stderr}`)
  }
  const after = Object.entries(readMarks(folders))
  return {
    issues: after.flatMap(([, { issues }]) => issues),
    invalid: after.flatMap(([id, { valid }]) => (valid ? [] : [id])),
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { issues, invalid } = generateCatalog(join(import.meta.dirname, '../..'))
  for (const issue of issues) console.error(issue)
  if (invalid.length > 0) {
    console.error(`${invalid.length} manifests are not valid: ${invalid.join(', ')}`)
    process.exitCode = 1
  }
}
