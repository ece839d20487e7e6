import type { Manifest as ConnectorManifest } from '@patchbay/core'
import { limitSpecs } from './behaviour/limits.ts'
import type { Manifest } from './manifest-parts.ts'

/** What core, the catalog and the UI read of every connector, out of a manifest. */
export function connectorManifest(manifest: Manifest): ConnectorManifest {
  const { id, product, summary, version, vendor, limits, transport } = manifest
  const budgets = limitSpecs(manifest)
  const concurrency = limits.concurrency?.calls
  const { homepage } = vendor
  return {
    id: `catalog/${id}`,
    title: product,
    summary,
    version,
    vendor: { name: vendor.name, ...(homepage === undefined ? {} : { homepage }) },
    sources: sourcesOf(manifest),
    ...(budgets.length === 0 ? {} : { limits: budgets }),
    ...(concurrency === undefined ? {} : { concurrency }),
    ...(transport?.attemptMs === undefined ? {} : { attemptMs: transport.attemptMs }),
  }
}

/** Pages on which facts stand; packages and commits are no addresses and stand in the manifest itself. */
function sourcesOf({ sources, limits, links }: Manifest): readonly string[] {
  const pages = [
    ...sources.map(({ ref }) => ref),
    ...(limits.budgets ?? []).map(({ source }) => source),
    ...(limits.concurrency === undefined ? [] : [limits.concurrency.source]),
    links.documentation,
  ]
  return [...new Set(pages.filter((page) => /^https?:\/\//.test(page) && URL.canParse(page)))]
}
