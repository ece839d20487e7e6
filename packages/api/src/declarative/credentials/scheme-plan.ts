import type { SchemeFunction } from '@patchbay/core/credentials'
import type { Place } from '../deployments/place.ts'
import type { Values } from '../manifest-parts.ts'

/** What settled values may depend on: the connection's configuration. */
export interface Settle {
  readonly place: Place
  /** Fills {name} of the configuration into a text that is no URL. */
  text(template: string, where: string): string
}

/** How one scheme of core is used by a manifest. */
export interface SchemePlan {
  // biome-ignore lint/suspicious/noExplicitAny: the schemes of core have different configurations
  readonly base: SchemeFunction<any>
  /** Fields that users supply, with what is optional among them. */
  readonly fields: readonly string[]
  readonly optional: readonly string[]
  /** Fields that are secrets, where core's own form does not tell. */
  readonly secrets?: readonly string[]
  /** What the scheme of core gets. */
  make(fields: Values, settle: Settle): Record<string, unknown>
}
