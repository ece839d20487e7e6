/** What the catalog says about an integration before it is loaded. */
export interface CatalogEntry {
  /** For {@link import('./index.ts').loadIntegration}, and the subpath: `@patchbay/catalog/<id>`. */
  readonly id: string
  readonly product: string
  readonly vendor: string
  readonly category: string
  readonly subcategory: string
  /** One sentence. */
  readonly summary: string
  /** Version of the manifest. */
  readonly version: string
  readonly stage: 'preview' | 'stable' | 'deprecated'
  /** Other names under which people look for it. */
  readonly aliases: readonly string[]
  readonly tags: readonly string[]
  /** Schemes of its credentials, by id. */
  readonly credentials: Readonly<Record<string, string>>
  /** Names of its operations. */
  readonly operations: readonly string[]
  readonly streams: readonly string[]
  readonly webhooks: readonly string[]
  /** Hosts that its calls may reach; `configured` stands for the one that the operator of a self-hosted product names. */
  readonly hosts: readonly string[]
}
