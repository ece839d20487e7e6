export type JsonValue = string | number | boolean | null | readonly JsonValue[] | JsonObject
export interface JsonObject {
  readonly [key: string]: JsonValue
}

/** Words of OpenAPI 3.0 that JSON Schema does not know, or knows with another meaning. */
const dropped = new Set([
  'nullable',
  'example',
  'examples',
  'discriminator',
  'xml',
  'externalDocs',
  'readOnly',
  'writeOnly',
])

/** An OpenAPI 3.0 schema as JSON Schema 2020-12: `nullable` becomes a choice, references lead to `$defs`. */
export function toJsonSchema(schema: JsonValue): JsonObject {
  return convert(schema) as JsonObject
}

function convert(node: JsonValue): JsonValue {
  if (typeof node !== 'object' || node === null) return node
  if (Array.isArray(node)) return node.map(convert)
  const object = node as JsonObject
  if (typeof object.$ref === 'string') return { $ref: `#/$defs/${object.$ref.slice(object.$ref.lastIndexOf('/') + 1)}` }
  const result: Record<string, JsonValue> = {}
  for (const [key, value] of Object.entries(object)) {
    if (key.startsWith('x-') || dropped.has(key)) continue
    if (key === 'properties' || key === 'patternProperties') {
      result[key] = Object.fromEntries(Object.entries(value as JsonObject).map(([name, one]) => [name, convert(one)]))
    } else if (key === 'enum' || key === 'default' || key === 'required') result[key] = value
    else result[key] = convert(value)
  }
  return object.nullable === true ? { anyOf: [{ type: 'null' }, result] } : result
}
