import type { ManifestPath } from '../issue.ts'
import type { IntegrationManifest } from '../manifest.ts'

/** Tells one thing that is wrong. */
export type Report = (path: ManifestPath, message: string, remedy: string) => void

/** One thing that must hold for every manifest of the right format. */
export interface Rule {
  readonly code: string
  /** Default `error`. */
  readonly level?: 'warning'
  check(manifest: IntegrationManifest, report: Report): void | Promise<void>
}

export type ManifestOperation = IntegrationManifest['operations'][string]
export type ManifestInput = NonNullable<ManifestOperation['input']>[string]
export type ManifestCredential = IntegrationManifest['credentials'][number]
export type ManifestDeployment = IntegrationManifest['deployments'][number]

export const entriesOf = <Value>(record: Readonly<Record<string, Value>> | undefined): [string, Value][] =>
  Object.entries(record ?? {})

/** `GET` and `/tickets/{id}`. */
export function requestOf({ request }: Pick<ManifestOperation, 'request'>): {
  readonly method: string
  readonly path: string
} {
  const space = request.indexOf(' ')
  return { method: request.slice(0, space), path: request.slice(space + 1) }
}

/** Names in braces. */
export const bracesOf = (template: string): string[] =>
  [...template.matchAll(/\{([^{}]*)\}/g)].map(([, name = '']) => name)
