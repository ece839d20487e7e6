import type { OpenEnv } from '@patchbay/core'
import type { DeclaredClient } from './declared-client.ts'
import type { Place } from './deployments/place.ts'

/** What few operations need of their connection, and callers must not get with `$raw()`. */
export interface ConnectionParts {
  readonly env: OpenEnv
  readonly place: Place
}

const parts = new WeakMap<DeclaredClient, ConnectionParts>()

export function rememberParts(client: DeclaredClient, of: ConnectionParts): void {
  parts.set(client, of)
}

export function partsOf(client: DeclaredClient): ConnectionParts {
  const found = parts.get(client)
  if (found === undefined) throw new TypeError('this client was not made by an integration')
  return found
}
