import type { JsonSchema } from '@patchbay/core'

/** What a mapping maps to. */
export interface Model {
  /** In kebab-case: `ticket`, `scim-user`, `ocsf-2004`. */
  readonly id: string
  /** Of our own models a whole number, raised when a field changes or goes; of others the version of their specification. */
  readonly version: string
  readonly title: string
  /** Where the facts are from: an RFC, the schema's site. Own models have none. */
  readonly source?: string
  /** JSON Schema 2020-12 of one record: a closed world, in which every field is named. */
  readonly schema: JsonSchema
}
