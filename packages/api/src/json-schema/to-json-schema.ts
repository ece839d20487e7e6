import type { JsonSchema } from '@patchbay/core'
import { type FieldSchema, type NamedSchemas, refName } from './field-schema.ts'
import { setOwn } from './json-value.ts'
import { resolveRef } from './references.ts'

/** One JSON Schema 2020-12 document: the named schemas that the schema reaches stand in `$defs`. */
export function toJsonSchema(schema: FieldSchema, named: NamedSchemas): JsonSchema {
  const reached = new Set<string>()
  const root = rewrite(schema, named, reached) as Record<string, unknown>
  const definitions: Record<string, unknown> = {}
  // The set grows while it is walked: definitions reach further ones.
  for (const name of reached) setOwn(definitions, name, rewrite(resolveRef(`#/schemas/${name}`, named), named, reached))
  return reached.size === 0 ? root : { ...root, $defs: definitions }
}

/** Values, not schemas. */
const data = new Set(['enum', 'const', 'default', 'examples', 'required'])

function rewrite(node: unknown, named: NamedSchemas, reached: Set<string>): unknown {
  if (Array.isArray(node)) return node.map((part) => rewrite(part, named, reached))
  if (typeof node !== 'object' || node === null) return node
  const result: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(node)) {
    if (value === undefined) continue
    if (key === '$ref') {
      resolveRef(value as string, named)
      const name = refName(value as string) as string
      reached.add(name)
      result.$ref = `#/$defs/${name}`
    } else if (key === 'properties') {
      const fields: Record<string, unknown> = {}
      for (const [name, field] of Object.entries(value as Record<string, FieldSchema>))
        setOwn(fields, name, rewrite(field, named, reached))
      result.properties = fields
    } else setOwn(result, key, data.has(key) ? value : rewrite(value, named, reached))
  }
  return result
}
