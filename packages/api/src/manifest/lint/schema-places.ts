import type { FieldSchema } from '../../json-schema/field-schema.ts'
import type { ManifestPath } from '../issue.ts'
import type { IntegrationManifest } from '../manifest.ts'
import { entriesOf, type ManifestInput } from './rule.ts'

/** The schema of an input, without what says where it goes. */
export function schemaOfInput(input: ManifestInput): FieldSchema {
  const { in: _in, as: _as, required: _required, requiredProperties, style: _style, ...schema } = input
  return { ...(schema as FieldSchema), ...(requiredProperties === undefined ? {} : { required: requiredProperties }) }
}

/** Whether callers must give an input. */
export const isRequired = (input: ManifestInput): boolean =>
  (input.in === 'path' || input.required === true) && input.default === undefined

/** Every schema that stands in a manifest as such, with its place. Names of schemas are left out. */
export function schemaPlaces(manifest: IntegrationManifest): (readonly [ManifestPath, FieldSchema])[] {
  const found: (readonly [ManifestPath, FieldSchema])[] = []
  const add = (path: ManifestPath, schema: string | FieldSchema | undefined): void => {
    if (typeof schema === 'object') found.push([path, schema])
  }
  for (const [name, schema] of entriesOf(manifest.schemas)) add(['schemas', name], schema)
  for (const [name, schema] of entriesOf(manifest.config)) add(['config', name], schema)
  for (const [index, { fields }] of manifest.credentials.entries())
    for (const [name, schema] of entriesOf(fields)) add(['credentials', index, 'fields', name], schema)
  for (const [name, { input, output, list }] of entriesOf(manifest.operations)) {
    for (const [key, one] of entriesOf(input)) add(['operations', name, 'input', key], schemaOfInput(one))
    add(['operations', name, 'output', 'schema'], output?.schema)
    add(['operations', name, 'output', 'wire'], output?.wire)
    add(['operations', name, 'list', 'schema'], list?.schema)
    add(['operations', name, 'list', 'wire'], list?.wire)
  }
  for (const [name, { events }] of entriesOf(manifest.webhooks))
    for (const [type, event] of entriesOf(events)) add(['webhooks', name, 'events', type, 'schema'], event.schema)
  return found
}

/** A schema itself, where the manifest gives only its name. */
export function namedOr(
  schema: string | FieldSchema | undefined,
  manifest: IntegrationManifest,
): FieldSchema | undefined {
  if (typeof schema !== 'string') return schema
  return Object.hasOwn(manifest.schemas ?? {}, schema) ? manifest.schemas?.[schema] : undefined
}
