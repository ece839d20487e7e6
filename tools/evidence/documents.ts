import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { cacheFolder, sha256 } from './cache.ts'
import type { Source } from './index-files.ts'
import { installedFile, npmRef, packageFolder } from './packages.ts'

/** What stands between a source and its document. */
export class Unavailable extends Error {
  override readonly name = 'Unavailable'
}

/**
 * The file of a machine-readable source, and its SHA-256: from a folder that holds it under any name, from an installed package, from the
 * cache, or fetched.
 * @throws Unavailable
 */
export async function documentOf(root: string, source: Source, given: ReadonlyMap<string, string>): Promise<string> {
  const { ref, sha256: wanted } = source
  const found = wanted === undefined ? undefined : given.get(wanted)
  if (found !== undefined) return found
  const file = await fetched(root, ref, wanted)
  const hash = sha256(readFileSync(file))
  if (wanted !== undefined && wanted !== hash)
    throw new Unavailable(`${ref} has the SHA-256 ${hash}, and the manifest says ${wanted}`)
  return file
}

async function fetched(root: string, ref: string, wanted: string | undefined): Promise<string> {
  const npm = npmRef(ref)
  if (npm?.path !== undefined) {
    const installed = installedFile(root, npm)
    if (installed !== undefined) return installed
    const file = join(packageFolder(npm), 'package', npm.path)
    if (!existsSync(file)) throw new Unavailable(`${npm.name}@${npm.version} has no ${npm.path}`)
    return file
  }
  const address = addressOf(ref)
  if (address === undefined || wanted === undefined)
    throw new Unavailable(`${ref} cannot be fetched; give a folder that holds it with --documents`)
  const file = join(cacheFolder(), 'evidence', wanted)
  if (existsSync(file)) return file
  console.log(`fetching ${address}`)
  const answer = await fetch(address, { signal: AbortSignal.timeout(60_000) }).catch((error: Error) => error)
  if (answer instanceof Error)
    throw new Unavailable(`${ref}: ${answer.message}; give a folder that holds it with --documents`)
  if (!answer.ok) throw new Unavailable(`${ref}: ${answer.status}; give a folder that holds it with --documents`)
  const bytes = new Uint8Array(await answer.arrayBuffer())
  if (sha256(bytes) !== wanted)
    throw new Unavailable(`${ref} has the SHA-256 ${sha256(bytes)}, and the manifest says ${wanted}`)
  mkdirSync(join(cacheFolder(), 'evidence'), { recursive: true })
  writeFileSync(file, bytes)
  return file
}

function addressOf(ref: string): string | undefined {
  const match = /^github:([^/]+)\/([^@]+)@([0-9A-Za-z._-]+):(.+)$/.exec(ref)
  if (match !== null) return `https://raw.githubusercontent.com/${match[1]}/${match[2]}/${match[3]}/${match[4]}`
  return ref.startsWith('https://') ? ref : undefined
}
