import { createHash } from 'node:crypto'
import { globSync, readFileSync, statSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

/** Where fetched packages and documents lie: outside of the repository, so that no commit ever holds them. */
export function cacheFolder(): string {
  const root =
    process.env.XDG_CACHE_HOME ??
    (process.platform === 'win32' ? process.env.LOCALAPPDATA : undefined) ??
    join(homedir(), process.platform === 'darwin' ? 'Library/Caches' : '.cache')
  return join(root, 'patchbay')
}

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

/** Files of a folder by the SHA-256 of their content: what they are called does not matter. */
export function documentsByHash(folder: string | undefined): ReadonlyMap<string, string> {
  if (folder === undefined) return new Map()
  const files = globSync('**/*.{json,yaml,yml,graphql,graphqls,gql,wsdl,xml}', { cwd: folder }).map((name) =>
    join(folder, name),
  )
  return new Map(
    files.filter((file) => statSync(file).size < 64_000_000).map((file) => [sha256(readFileSync(file)), file]),
  )
}
