import type { FieldSchema, NamedSchemas } from '../json-schema/field-schema.ts'
import type { IntegrationManifest } from '../manifest/manifest.ts'

export type Manifest = IntegrationManifest
export type Deployment = Manifest['deployments'][number]
export type DeclaredCredential = Manifest['credentials'][number]
export type OperationEntry = Manifest['operations'][string]
export type InputEntry = NonNullable<OperationEntry['input']>[string]
export type OutputEntry = NonNullable<OperationEntry['output']>
export type ListEntry = NonNullable<OperationEntry['list']>
export type PaginationEntry = NonNullable<Manifest['pagination']>[string]
export type StreamEntry = NonNullable<Manifest['streams']>[string]
export type WebhookEntry = NonNullable<Manifest['webhooks']>[string]
export type ErrorRule = NonNullable<NonNullable<Manifest['errors']>['rules']>[number]

/** Values by name, as they stand in inputs and configurations. */
export type Values = Readonly<Record<string, unknown>>

export const schemasOf = ({ schemas }: Manifest): NamedSchemas => (schemas ?? {}) as NamedSchemas

/** A schema in place, or the name of one of `schemas`. */
export function schemaNamed(schema: string | FieldSchema | undefined): FieldSchema | undefined {
  return typeof schema === 'string' ? { $ref: `#/schemas/${schema}` } : schema
}

/** An entry of a record of the manifest; own keys only, so that no name reaches a prototype. */
export function entryOf<T>(record: Readonly<Record<string, T>> | undefined, name: string): T | undefined {
  return record !== undefined && Object.hasOwn(record, name) ? record[name] : undefined
}
