import type { Manifest, OperationEntry } from '../declarative/manifest-parts.ts'
import type { FieldSchema } from '../json-schema/field-schema.ts'
import { isRequired, schemaOfInput } from '../manifest/lint/schema-places.ts'
import { bodySchema } from './sent-body.ts'
import { paginationOf } from './sent-request.ts'

export interface SentVariable {
  readonly schema: FieldSchema
  /** Sent with every request. */
  readonly always: boolean
}

/** The variables of an operation's GraphQL document, by name. */
export function sentVariables(manifest: Manifest, operation: OperationEntry): Readonly<Record<string, SentVariable>> {
  const places = Object.entries(operation.input ?? {})
    .filter(([, entry]) => entry.in === 'variable')
    .map(([key, entry]) => ({
      path: entry.as ?? key,
      schema: schemaOfInput(entry),
      always: isRequired(entry) || entry.default !== undefined,
    }))
  const pagination = paginationOf(manifest, operation)
  if (pagination?.kind === 'graphql-relay') {
    places.push({ path: pagination.after, schema: { type: 'string' }, always: false })
    if (pagination.first !== undefined)
      places.push({ path: pagination.first, schema: { type: 'integer' }, always: true })
  }
  const { properties = {}, required = [] } = bodySchema(places, true)
  return Object.fromEntries(
    Object.entries(properties).map(([name, schema]) => [name, { schema, always: required.includes(name) }]),
  )
}
