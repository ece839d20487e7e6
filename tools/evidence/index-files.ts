import { existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { factsText, type SourceFacts } from '../../packages/api/src/evidence/index.ts'
import { checkManifest, type IntegrationManifest, issueText } from '../../packages/api/src/manifest/index.ts'
import { catalogFolders, manifestFiles } from '../catalog/catalog-files.ts'

/** Sources of these kinds are read by machines. */
export const machineKinds: ReadonlySet<string> = new Set([
  'openapi',
  'discovery',
  'aws',
  'graphql',
  'wsdl',
  'odata',
  'client',
])

export type Source = IntegrationManifest['sources'][number]

export const indexFolder = (root: string): string => join(root, 'packages', 'catalog', 'evidence')

/** A readable file name of a reference: `npm:a@1#b/c.json` is in `npm-a-1-b-c.json`. */
export function fileOf(root: string, ref: string): string {
  const slug = ref.replaceAll(/[^A-Za-z0-9.]+/g, '-').replaceAll(/^-|-$|\.json$/g, '')
  return join(indexFolder(root), `${slug}.json`)
}

/** The facts of every source in the index. */
export function readIndex(root: string): SourceFacts[] {
  return globSync('*.json', { cwd: indexFolder(root) })
    .sort()
    .map((name) => JSON.parse(readFileSync(join(indexFolder(root), name), 'utf8')) as SourceFacts)
}

/** True when the file changed. */
export function writeFacts(root: string, facts: SourceFacts): boolean {
  const file = fileOf(root, facts.ref)
  const text = factsText(facts)
  if (existsSync(file) && readFileSync(file, 'utf8') === text) return false
  mkdirSync(indexFolder(root), { recursive: true })
  writeFileSync(file, text)
  return true
}

/** Removes facts of sources that no manifest names any more, and gives their references. */
export function removeFactsExcept(root: string, refs: ReadonlySet<string>): string[] {
  const gone = readIndex(root).filter(({ ref }) => !refs.has(ref))
  for (const { ref } of gone) rmSync(fileOf(root, ref))
  return gone.map(({ ref }) => ref)
}

export interface CatalogManifests {
  readonly manifests: readonly IntegrationManifest[]
  /** Issues of manifests that are not valid, as compilers tell them. */
  readonly invalid: readonly string[]
}

/** Every valid manifest of the catalog, sorted by id. */
export async function readManifests(root: string): Promise<CatalogManifests> {
  const manifests: IntegrationManifest[] = []
  const invalid: string[] = []
  for (const { file, text } of manifestFiles(catalogFolders(root))) {
    const { manifest, valid, issues } = await checkManifest(text, { file })
    if (manifest !== undefined && valid) manifests.push(manifest)
    else invalid.push(...issues.filter(({ level }) => level === 'error').map(issueText))
  }
  return { manifests, invalid }
}

/** Operations that a server answered in the tests, by integration: receipts that the live tests wrote. */
export function readReceipts(root: string): ReadonlyMap<string, readonly string[]> {
  const folder = join(indexFolder(root), 'live')
  return new Map(
    globSync('*.json', { cwd: folder }).map((name) => {
      const { id, operations } = JSON.parse(readFileSync(join(folder, name), 'utf8')) as Receipt
      return [id, operations]
    }),
  )
}

/** Written by live tests, and held against what they really call: `packages/catalog/src/live/fixtures/receipt.ts`. */
export interface Receipt {
  readonly id: string
  readonly operations: readonly string[]
}
