import type { Integration } from '@patchbay/api/declarative'
import type { IntegrationManifest } from '@patchbay/api/manifest'
import { isPatchbayError } from '@patchbay/core'
import { checkedManifest } from '../checked-manifest.ts'
import { unknownIntegration } from '../unknown-integration.ts'
import { revocationIn } from './build-index.ts'
import { type BundleFiles, folderFiles } from './bundle-files.ts'
import { canonicalJson } from './canonical-json.ts'
import { indexEntryOf, sha256Of } from './index-entry.ts'
import { indexError } from './index-error.ts'
import { type IndexEntry, indexFile, manifestFileOf, noteFile } from './index-format.ts'
import { maxIndexBytes, type ReadIndexOptions, readIndex, type SignedIndex } from './read-index.ts'

export type BundleOptions = Omit<ReadIndexOptions, 'note'>

/** A file of a bundle that is not what the index says. */
export interface BundleProblem {
  readonly file: string
  readonly code: string
  readonly message: string
}

/** Integrations that are no part of this package, each as its signed index says. */
export interface Bundle {
  /** Keep its `name`, `number` and `sha256`, and pass them as `seen` the next time. */
  readonly index: SignedIndex
  /**
   * Loads an integration: its file is compared with the index, checked like `patchbay validate` does, and its hosts with those of the index.
   * @throws PatchbayError `config` with the file's name
   */
  load(id: string): Promise<Integration>
  /** Every file that is missing, altered, not valid or beyond the index; none when all is well. */
  verify(): Promise<readonly BundleProblem[]>
}

const maxNoteBytes = 65_536

/**
 * Opens a bundle that the operator of the host application gives: a folder, or {@link addressFiles}, {@link givenFiles}. Reads the index and
 * its signature; manifests are read when they are asked for.
 * @throws PatchbayError as {@link readIndex} does
 */
export async function loadBundle(source: string | BundleFiles, options: BundleOptions): Promise<Bundle> {
  const files = typeof source === 'string' ? folderFiles(source) : source
  const note = await files.read(noteFile, maxNoteBytes)
  const index = readIndex(await files.read(indexFile, maxIndexBytes), { ...options, note })
  const entries = new Map(index.integrations.map((entry) => [entry.id, entry]))
  const loaded = new Map<string, Promise<Integration>>()
  return {
    index,
    load(id) {
      const entry = entries.get(id)
      const revoked = revocationIn(index.revoked, entry ?? { id, sha256: '' })
      if (revoked !== undefined)
        return Promise.reject(indexError('integration-revoked', `${revoked.id} was withdrawn: ${revoked.reason}`))
      if (entry === undefined) return Promise.reject(unknownIntegration(id, 'the bundle', 'index.integrations'))
      let promise = loaded.get(id)
      if (promise === undefined) {
        promise = loadEntry(files, entry)
        loaded.set(id, promise)
        // What could not be read may be there the next time.
        promise.catch(() => loaded.delete(id))
      }
      return promise
    },
    async verify() {
      const problems: BundleProblem[] = []
      for (const entry of index.integrations) {
        try {
          await manifestOf(files, entry)
        } catch (error) {
          if (!isPatchbayError(error)) throw error
          const { detail = error.message, code = error.kind } = error
          problems.push({ file: manifestFileOf(entry.id), code, message: detail })
        }
      }
      return problems
    },
  }
}

async function loadEntry(files: BundleFiles, entry: IndexEntry): Promise<Integration> {
  const manifest = await manifestOf(files, entry)
  const { integration } = await import('@patchbay/api/declarative')
  return integration(manifest)
}

async function manifestOf(files: BundleFiles, entry: IndexEntry): Promise<IntegrationManifest> {
  const file = manifestFileOf(entry.id)
  const bytes = await files.read(file, entry.bytes + 1)
  if (bytes.length !== entry.bytes || sha256Of(bytes) !== entry.sha256)
    throw indexError('bundle-altered', `${file} was altered: it is not what ${indexFile} says`)
  const value = dataOf(bytes)
  if (value === undefined) throw indexError('bundle-mismatch', `${file} is not in the form of RFC 8785`)
  const manifest = await checkedManifest(value, file)
  compare(manifest, entry, file)
  return manifest
}

/** The only text that stands for its value: no key twice, no other writing of a number. */
function dataOf(bytes: Uint8Array): unknown {
  try {
    const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
    const value: unknown = JSON.parse(text)
    return canonicalJson(value) === text ? value : undefined
  } catch {
    return undefined
  }
}

/** A manifest does not do more than its entry says, whoever signed both. */
function compare(manifest: IntegrationManifest, entry: IndexEntry, file: string): void {
  const { entry: facts } = indexEntryOf(manifest)
  const beyond = facts.hosts.filter((host) => !entry.hosts.includes(host))
  if (beyond.length > 0)
    throw indexError('host-not-in-index', `${file} reaches ${beyond.join(', ')}, which ${indexFile} does not allow`)
  const { evidence: _, ...said } = entry
  const wrong = (Object.keys(facts) as (keyof typeof said)[]).filter(
    (name) => canonicalJson(facts[name]) !== canonicalJson(said[name]),
  )
  if (wrong.length > 0)
    throw indexError('bundle-mismatch', `${file} differs from what ${indexFile} says about ${wrong.join(', ')}`)
}
