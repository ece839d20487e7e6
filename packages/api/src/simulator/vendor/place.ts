import type { IntegrationManifest } from '../../manifest/manifest.ts'

type Values = Readonly<Record<string, unknown>>

/** Where the vendor is, for one configuration: worked out from the text of the manifest, and not by the engine that is tested. */
export interface VendorPlace {
  readonly base: string
  readonly origins: ReadonlyMap<string, string>
  /** Fills {name} of the configuration. */
  fill(template: string): string
}

export function vendorPlace(manifest: IntegrationManifest, config: Values): VendorPlace {
  const fill = (template: string): string =>
    template
      .replace(/\{([a-z][A-Za-z0-9]*)\}/g, (whole, name: string) => {
        const value = Object.hasOwn(config, name) ? config[name] : undefined
        return value === undefined ? whole : String(value)
      })
      .replace(/\/+$/, '')
  const deployment = manifest.deployments.find(({ id }) => id === config.deployment) ?? manifest.deployments[0]
  if (deployment === undefined) throw new TypeError('the manifest has no deployment')
  const regions = deployment.regions ?? {}
  const region = typeof config.region === 'string' ? config.region : Object.keys(regions)[0]
  const template = deployment.url ?? (region === undefined ? undefined : regions[region]) ?? ''
  const base = fill(template)
  return {
    base,
    origins: new Map(Object.entries(deployment.origins ?? {}).map(([name, url]) => [name, fill(url)])),
    fill: (text) => (text.startsWith('/') ? base + fill(text) : fill(text)),
  }
}
