import type { JsonSchema } from '@patchbay/core'

/** A schema with its references led into `components`. Values (`const`, `default`, `examples`) stay as they are. */
export function componentSchema(schema: unknown): JsonSchema {
  return rewrite(schema) as JsonSchema
}

const holdsSchemas = new Set(['properties', '$defs', 'patternProperties', 'dependentSchemas'])
const holdsList = new Set(['oneOf', 'anyOf', 'allOf', 'prefixItems'])
const holdsOne = new Set(['items', 'additionalProperties', 'not', 'contains', 'propertyNames', 'if', 'then', 'else'])

function rewrite(schema: unknown): unknown {
  if (typeof schema !== 'object' || schema === null || Array.isArray(schema)) return schema
  const entries = Object.entries(schema).map(([keyword, value]): [string, unknown] => {
    if (keyword === '$ref' && typeof value === 'string')
      return [keyword, value.replace(/^#\/schemas\//, '#/components/schemas/')]
    if (holdsSchemas.has(keyword) && typeof value === 'object' && value !== null)
      return [keyword, own(Object.entries(value).map(([name, one]) => [name, rewrite(one)]))]
    if (holdsList.has(keyword) && Array.isArray(value)) return [keyword, value.map(rewrite)]
    return [keyword, holdsOne.has(keyword) ? rewrite(value) : value]
  })
  return own(entries.filter(([keyword, value]) => keyword !== '$schema' && value !== undefined))
}

/** Like `Object.fromEntries`; said again because names come from outside: `__proto__` becomes a property like any other. */
const own = (entries: readonly (readonly [string, unknown])[]): Record<string, unknown> => Object.fromEntries(entries)

/** A schema at a dotted path of an object: `ticket.id` gives an object with `ticket` with `id`. */
export function nested(path: string, schema: JsonSchema): JsonSchema {
  return path
    .split('.')
    .reduceRight<JsonSchema>((inner, name) => ({ type: 'object', properties: own([[name, inner]]) }), schema)
}

interface Building {
  readonly children: Map<string, Building>
  schema?: JsonSchema
  required: boolean
}

/** One object out of schemas at dotted paths. */
export function objectOf(
  fields: readonly { readonly path: string; readonly schema: JsonSchema; readonly required: boolean }[],
): JsonSchema {
  const root: Building = { children: new Map(), required: false }
  for (const { path, schema, required } of fields) {
    let at = root
    for (const name of path.split('.')) {
      const next = at.children.get(name) ?? { children: new Map(), required: false }
      next.required ||= required
      at.children.set(name, next)
      at = next
    }
    at.schema = schema
  }
  return built(root)
}

function built({ children, schema }: Building): JsonSchema {
  if (schema !== undefined && children.size === 0) return schema
  const required = [...children].filter(([, one]) => one.required).map(([name]) => name)
  return {
    type: 'object',
    properties: own([...children].map(([name, one]) => [name, built(one)])),
    ...(required.length === 0 ? {} : { required }),
  }
}
