import { readFileSync } from 'node:fs'
import { readDescription } from '../../packages/api/src/discovery/index.ts'
import { clientFactsOf, factsOf, graphqlFactsOf, type SourceFacts } from '../../packages/api/src/evidence/index.ts'
import type { IntegrationManifest } from '../../packages/api/src/manifest/index.ts'
import { documentsByHash } from './cache.ts'
import { documentOf, Unavailable } from './documents.ts'
import { machineKinds, removeFactsExcept, type Source, writeFacts } from './index-files.ts'
import { clientPackage, npmRef } from './packages.ts'

/** Documents of vendors are no attack: the largest has some 50 MB. */
const limits = { maxBytes: 64_000_000 }

export interface UpdateOptions {
  readonly root: string
  readonly manifests: readonly IntegrationManifest[]
  /** A folder with documents under any names. */
  readonly documents?: string | undefined
  /** Only sources whose reference holds this. */
  readonly only?: string | undefined
}

export interface Updated {
  readonly written: readonly string[]
  readonly same: readonly string[]
  readonly removed: readonly string[]
  /** Sources whose document could not be had; their facts stay as they are. */
  readonly unavailable: readonly string[]
}

/** Reads the documents of all sources, and writes their facts. */
export async function updateIndex({ root, manifests, documents, only = '' }: UpdateOptions): Promise<Updated> {
  const given = documentsByHash(documents)
  const sources = machineSources(manifests)
  const written: string[] = []
  const same: string[] = []
  const unavailable: string[] = []
  for (const [ref, source] of sources) {
    if (!ref.includes(only)) continue
    try {
      const facts = await factsFrom(root, source, manifests, given)
      const list = writeFacts(root, facts) ? written : same
      list.push(ref)
    } catch (error) {
      if (!(error instanceof Error)) throw error
      unavailable.push(error instanceof Unavailable ? error.message : `${ref}: ${error.message}`)
    }
  }
  const removed = only === '' ? removeFactsExcept(root, new Set(sources.keys())) : []
  return { written, same, removed, unavailable }
}

/** Every source that a machine can read, by its reference. */
export function machineSources(manifests: readonly IntegrationManifest[]): Map<string, Source> {
  const all = manifests.flatMap(({ sources }) => sources.filter(({ kind }) => machineKinds.has(kind)))
  return new Map(all.map((source) => [source.ref, source] as const).sort(([one], [other]) => (one < other ? -1 : 1)))
}

export async function factsFrom(
  root: string,
  source: Source,
  manifests: readonly IntegrationManifest[],
  given: ReadonlyMap<string, string>,
): Promise<SourceFacts> {
  const { ref, kind } = source
  const users = manifests.filter(({ sources }) => sources.some((one) => one.ref === ref))
  if (kind === 'client') {
    const npm = npmRef(ref)
    if (npm === undefined) throw new Unavailable(`${ref} is no package: clients are npm:<name>@<version>#<path>`)
    return clientFactsOf(clientPackage(npm), { ref, manifests: users })
  }
  const file = await documentOf(root, source, given)
  if (kind === 'graphql') return graphqlFactsOf(readFileSync(file, 'utf8'), { ref, manifests: users })
  return factsOf(await readDescription({ file }, { limits }), { ref, manifests: users })
}
