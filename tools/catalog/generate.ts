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

/**
 * Tells the issues, and whether the command may go on: somebody's unfinished manifest is left out while the repository is worked on, so that
 * it stops nobody else; a release and CI leave nothing out.
 */
export function tellIssues({ issues, invalid }: Generated, { strict }: { readonly strict: boolean }): boolean {
  for (const issue of issues) console.error(issue)
  if (invalid.length === 0) return true
  const what = `${invalid.length} ${invalid.length === 1 ? 'manifest is' : 'manifests are'} not valid`
  console.error(`${what} and ${strict ? 'must be corrected' : 'LEFT OUT of the catalog'}: ${invalid.join(', ')}`)
  return !strict
}

/** CI sets it; empty, 0 and false stand for no. */
export const onCI = !['', '0', 'false'].includes(process.env.CI ?? '')

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  if (!tellIssues(generateCatalog(join(import.meta.dirname, '../..')), { strict: onCI })) process.exitCode = 1
}
