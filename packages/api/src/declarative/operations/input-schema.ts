import type { Schema } from '@patchbay/core'
import { schemaOf } from '../../json-schema/compile-schema.ts'
import type { FieldSchema } from '../../json-schema/field-schema.ts'
import { type InputEntry, type Manifest, type OperationEntry, schemasOf, type Values } from '../manifest-parts.ts'
import { allWithoutTimes, withoutTimes } from '../soap/input-formats.ts'

/** The schema of what callers pass to an operation: an object of its inputs, closed. */
export function inputSchema(operation: OperationEntry): FieldSchema {
  const entries = Object.entries(operation.input ?? {})
  return {
    type: 'object',
    properties: Object.fromEntries(entries.map(([name, entry]) => [name, fieldOf(entry)])),
    required: entries
      .filter(([, { in: place, required }]) => place === 'path' || required === true)
      .map(([name]) => name),
    additionalProperties: false,
  }
}

export function compiledInput(manifest: Manifest, operation: OperationEntry): Schema<Values, Values> {
  const schema = inputSchema(operation)
  const named = schemasOf(manifest)
  return operation.soap === undefined
    ? schemaOf<Values>(schema, named, 'strict', { side: 'input' })
    : schemaOf<Values>(withoutTimes(schema), allWithoutTimes(named), 'strict', { side: 'input' })
}

/** An input without what says where it goes. */
function fieldOf({
  in: _in,
  as: _as,
  style: _style,
  required: _required,
  requiredProperties,
  ...schema
}: InputEntry): FieldSchema {
  return (requiredProperties === undefined ? schema : { ...schema, required: requiredProperties }) as FieldSchema
}
