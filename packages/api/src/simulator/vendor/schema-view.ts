import { compileSchema } from '../../json-schema/compile-schema.ts'
import type { FieldSchema, NamedSchemas } from '../../json-schema/field-schema.ts'

/** The schema of a field of objects of `schema`, through references and parts; undefined when it is not declared. */
export function fieldOf(schema: FieldSchema, name: string, named: NamedSchemas, depth = 0): FieldSchema | undefined {
  if (depth > 20) return undefined
  const { properties, items } = schema
  if (/^\d+$/.test(name) && items !== undefined && items !== false) return items
  if (properties !== undefined && Object.hasOwn(properties, name)) return properties[name]
  const referred = schema.$ref === undefined ? undefined : named[schema.$ref.slice('#/schemas/'.length)]
  const parts = [
    ...(referred === undefined ? [] : [referred]),
    ...(schema.allOf ?? []),
    ...(schema.anyOf ?? []),
    ...(schema.oneOf ?? []),
  ]
  for (const part of parts) {
    const found = fieldOf(part, name, named, depth + 1)
    if (found !== undefined) return found
  }
  return undefined
}

export function fieldAt(schema: FieldSchema, path: string, named: NamedSchemas): FieldSchema | undefined {
  if (path === '') return schema
  return path
    .split('.')
    .reduce<FieldSchema | undefined>((at, key) => (at === undefined ? undefined : fieldOf(at, key, named)), schema)
}

/** A schema without references at its top. */
export function resolved(schema: FieldSchema, named: NamedSchemas): FieldSchema {
  let at = schema
  for (let step = 0; at.$ref !== undefined && step < 20; step++) at = named[at.$ref.slice('#/schemas/'.length)] ?? {}
  return at
}

const checks = new WeakMap<FieldSchema, ReturnType<typeof compileSchema>>()

/** Whether a value is one that the schema allows, as strictly as it can be read. */
export function fits(schema: FieldSchema, value: unknown, named: NamedSchemas): boolean {
  let check = checks.get(schema)
  if (check === undefined) {
    check = compileSchema(schema, named, 'strict', { side: 'output', unknownFields: 'kept' })
    checks.set(schema, check)
  }
  return 'value' in check(value)
}
