import type { JsonObject, JsonValue } from './json-schema.ts'

const texts: Readonly<Record<string, string>> = {
  uri: 'https://vendor.invalid/resource',
  'uri-template': 'https://vendor.invalid/resource{/id}',
  'date-time': '2024-01-02T03:04:05Z',
  date: '2024-01-02',
  email: 'somebody@vendor.invalid',
  uuid: '5b10a284-4c20-4165-9bad-70eded210000',
}

/**
 * A value that a schema describes: required properties all the way down, of the first of several forms, `also` at the top. So an answer
 * has whatever the vendor promises, also what no connector reads.
 */
export function sampleOf(
  schema: JsonObject,
  resolve: (node: JsonObject) => JsonObject,
  also: readonly string[] = [],
): JsonValue {
  const make = (node: JsonObject, name: string, top: boolean): JsonValue => {
    const shape = resolve(node)
    if (shape.nullable === true && !top) return null
    const choices = (shape.oneOf ?? shape.anyOf) as readonly JsonObject[] | undefined
    if (choices?.[0] !== undefined) return make(choices[0], name, top)
    if (Array.isArray(shape.allOf)) {
      const parts = (shape.allOf as readonly JsonObject[]).map((part) => make(part, name, top))
      return parts.length === 1 ? (parts[0] as JsonValue) : (Object.assign({}, ...parts) as JsonObject)
    }
    if (Array.isArray(shape.enum)) return shape.enum[0] as JsonValue
    switch (shape.type) {
      case 'object':
        return makeObject(shape, top)
      case 'array':
        return []
      case 'integer':
      case 'number':
        return (shape.minimum as number | undefined) ?? 1
      case 'boolean':
        return false
      case 'string':
        return texts[String(shape.format)] ?? name
      default:
        return shape.properties === undefined ? {} : makeObject(shape, top)
    }
  }
  const makeObject = (shape: JsonObject, top: boolean): JsonObject => {
    const properties = (shape.properties ?? {}) as Record<string, JsonObject>
    const names = [...((shape.required as readonly string[] | undefined) ?? []), ...(top ? also : [])]
    return Object.fromEntries(
      names.map((name) => {
        const property = properties[name]
        if (property === undefined) throw new Error(`the description has no property ${name} there`)
        return [name, make(property, name, false)]
      }),
    )
  }
  return make(schema, 'value', true)
}
