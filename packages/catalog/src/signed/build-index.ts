import type { IntegrationManifest } from '@patchbay/api/manifest'
import { canonicalJson } from './canonical-json.ts'
import { indexEntryOf } from './index-entry.ts'
import { indexError } from './index-error.ts'
import {
  type IndexContent,
  type IndexEntry,
  indexFile,
  indexFormat,
  manifestFileOf,
  parseIndex,
  type Revocation,
} from './index-format.ts'

export interface BuildIndexOptions {
  /** Of the catalog, such as `acme.example/integrations`. */
  readonly name: string
  /** From 1; higher than that of the index before. */
  readonly number: number
  readonly revoked?: readonly Revocation[] | undefined
  /** Evidence by id, `E1` to `E5`, as `patchbay` computes it. */
  readonly evidence?: Readonly<Record<string, string>> | undefined
}

export interface BuiltBundle {
  /** By name: the index, and one file per manifest. All that is missing is the signature of the index. */
  readonly files: ReadonlyMap<string, Uint8Array>
  readonly integrations: readonly IndexEntry[]
}

/**
 * Makes the files of a bundle out of manifests that were checked. The same manifests and options give the same bytes, whatever the order.
 * @throws PatchbayError `index-format`
 */
export function buildIndex(manifests: Iterable<IntegrationManifest>, options: BuildIndexOptions): BuiltBundle {
  const { name, number, evidence = {} } = options
  const files = new Map<string, Uint8Array>()
  const entries: IndexEntry[] = []
  for (const manifest of manifests) {
    const { entry, bytes } = indexEntryOf(manifest)
    if (files.has(manifestFileOf(entry.id)))
      throw indexError('index-format', `two manifests have the id ${entry.id}; rename one of them`)
    files.set(manifestFileOf(entry.id), bytes)
    const level = Object.hasOwn(evidence, entry.id) ? evidence[entry.id] : undefined
    entries.push(level === undefined ? entry : { ...entry, evidence: level })
  }
  const revoked = (options.revoked ?? []).toSorted((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1))
  const gone = entries.find((entry) => revocationIn(revoked, entry) !== undefined)
  if (gone !== undefined)
    throw indexError('index-format', `${gone.id} is revoked and offered at once; leave out one of them`)
  const integrations = entries.toSorted((one, other) => (one.id < other.id ? -1 : 1))
  const text = canonicalJson({ format: indexFormat, name, number, integrations, revoked })
  const bytes = Buffer.from(`${text}\n`)
  parseIndex(bytes)
  return { files: new Map([[indexFile, bytes], ...[...files].sort()]), integrations }
}

const keyOf = ({ id, sha256 = '' }: Revocation): string => `${id} ${sha256}`

/** The revocation that meets a manifest. */
export const revocationIn = (
  revoked: readonly Revocation[],
  { id, sha256 }: Pick<IndexEntry, 'id' | 'sha256'>,
): Revocation | undefined => revoked.find((one) => one.id === id && (one.sha256 ?? sha256) === sha256)

/** What is signed: kind, name, number and hash of an index, one a line. */
export const noteTextOf = ({ name, number }: Pick<IndexContent, 'name' | 'number'>, sha256: string): string =>
  `${indexFormat}\n${name}\n${number}\nsha256:${sha256}\n`
