import type { Integration } from '@patchbay/api/declarative'
import { patchbayError } from '@patchbay/core'
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
  if (load === undefined) {
    const shown = /^[\w.-]{1,60}$/.test(id) ? ` "${id}"` : ''
    throw patchbayError({
      kind: 'config',
      code: 'unknown-integration',
      message: `the catalog has no integration${shown}; listIntegrations() names those that there are`,
    })
  }
  return load()
}
