import type { Integration } from '@patchbay/api/declarative'
import type { CatalogEntry } from './entry.ts'
import { entries } from './generated/catalog/entries.ts'
import { loaders } from './generated/catalog/loaders.ts'

export type { CatalogEntry } from './entry.ts'

/** Every integration, sorted by id. Loads none of them. */
export function listIntegrations(): readonly CatalogEntry[] {
  return entries
}

/**
 * Loads an integration by its id: for host applications that learn at run time which one they need. Where the id is known,
 * `import { pagerduty } from '@patchbay/catalog/pagerduty'` gives the same with its types.
 * @throws PatchbayError `config` for an id or alias that the catalog does not have
 */
export async function loadIntegration(id: string): Promise<Integration> {
  const name = Object.hasOwn(loaders, id) ? id : entries.find(({ aliases }) => aliases.includes(id))?.id
  const load = name === undefined ? undefined : loaders[name]
  if (load !== undefined) return load()
  // The list alone is to cost next to nothing, so what makes errors is loaded with the first one.
  const { unknownIntegration } = await import('./unknown-integration.ts')
  throw unknownIntegration(id, 'the catalog', 'listIntegrations()')
}

/**
 * Makes an integration out of a manifest that is not part of the catalog, such as a file of the host's operator. It is checked first, as
 * `patchbay validate` does; nobody vouches for it otherwise: see `@patchbay/catalog/signed` for files that a key vouches for.
 * @param text YAML 1.2 or JSON, at most 2 MB
 * @throws PatchbayError `config`, code `manifest-invalid`, whose issues name line and column
 */
export async function loadManifest(text: string, { file = 'manifest' }: { file?: string } = {}): Promise<Integration> {
  const [{ readManifest }, { checkedManifest, refuse }] = await Promise.all([
    import('@patchbay/api/manifest'),
    import('./checked-manifest.ts'),
  ])
  const { manifest, issues, locate } = readManifest(text, { file })
  if (manifest === undefined) throw refuse(file, issues)
  const checked = await checkedManifest(manifest, file, locate)
  const { integration } = await import('@patchbay/api/declarative')
  return integration(checked)
}
