import type { OpenEnv } from '@patchbay/core'
import type { APIClient } from '../contract.ts'
import type { Place } from './deployments/place.ts'

/** What few operations need of their connection, and callers must not get with `$raw()`. */
export interface ConnectionParts {
  readonly env: OpenEnv
  readonly place: Place
}

const parts = new WeakMap<APIClient, ConnectionParts>()

export function rememberParts(client: APIClient, of: ConnectionParts): void {
  parts.set(client, of)
}

export function partsOf(client: APIClient): ConnectionParts {
  const found = parts.get(client)
  if (found === undefined) throw new TypeError('this client was not made by an integration')
  return found
}
