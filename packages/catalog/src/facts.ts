import type { IntegrationManifest } from '@patchbay/api/manifest'
import type { CatalogEntry } from './entry.ts'

type Deployment = IntegrationManifest['deployments'][number]

/** Stands among hosts for the one that the operator of a self-hosted product names. No host is called that: hosts have dots. */
export const configuredHost = 'configured'

/** What the list of the catalog says about a manifest. */
export function catalogEntryOf(manifest: IntegrationManifest): CatalogEntry {
  const { id, product, vendor, category, subcategory, summary, version, lifecycle, aliases = [], tags = [] } = manifest
  return {
    id,
    product,
    vendor: vendor.name,
    category,
    subcategory,
    summary,
    version,
    stage: lifecycle?.stage ?? 'stable',
    aliases,
    tags,
    credentials: Object.fromEntries(manifest.credentials.map((one) => [one.id, one.scheme])),
    operations: Object.keys(manifest.operations),
    streams: Object.keys(manifest.streams ?? {}),
    webhooks: Object.keys(manifest.webhooks ?? {}),
    hosts: hostsOf(manifest),
  }
}

/** Every host that calls may reach, as the engine enforces it: see `deployments/place.ts` of `@patchbay/api`. */
export function hostsOf({ deployments }: IntegrationManifest): string[] {
  const hosts = deployments.flatMap((one) => [...(one.hosts ?? []), ...(operatorNames(one) ? [configuredHost] : [])])
  return [...new Set(hosts.map((host) => host.toLowerCase()))]
}

/** Whether the operator's configuration decides about a host: without a list, or where a variable is the whole base URL. */
function operatorNames({ kind, hosts = [], url, regions = {}, origins = {}, redirectTo = [] }: Deployment): boolean {
  if (kind !== 'self-hosted' && kind !== 'appliance') return false
  const templates = [url, ...Object.values(regions), ...Object.values(origins), ...redirectTo]
  return hosts.length === 0 || templates.some((template) => template?.startsWith('{'))
}
