import type { ManifestPath } from '../issue.ts'
import { type FormatSchema, manifestJsonSchema } from '../manifest-json-schema.ts'

const isFields = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The schemas that may hold for a value: references followed, and of alternatives those that the value's own constants allow. */
function alternatives(schema: FormatSchema, value: unknown, root: FormatSchema): FormatSchema[] {
  if (schema.$ref !== undefined) {
    const target = root.$defs?.[schema.$ref.replace('#/$defs/', '')]
    return target === undefined ? [] : alternatives(target, value, root)
  }
  const several = schema.anyOf ?? schema.oneOf
  if (several === undefined) return [schema]
  const all = several.flatMap((one) => alternatives(one, value, root))
  if (!isFields(value)) return all
  const fitting = all.filter((one) =>
    Object.entries(one.properties ?? {}).every(
      ([name, { const: wanted }]) => wanted === undefined || !Object.hasOwn(value, name) || value[name] === wanted,
    ),
  )
  return fitting.length === 0 ? all : fitting
}

/** What the format says about a place of a manifest: one schema, or several where alternatives are open. */
export function schemasAt(path: ManifestPath, manifest: unknown): FormatSchema[] {
  const root = manifestJsonSchema()
  let value = manifest
  let found = alternatives(root, value, root)
  for (const part of path) {
    value = isFields(value)
      ? Object.hasOwn(value, part)
        ? value[part]
        : undefined
      : Array.isArray(value)
        ? value[Number(part)]
        : undefined
    const next = found.flatMap((schema) => {
      if (typeof part === 'number') return schema.items === undefined ? [] : [schema.items]
      const property = Object.hasOwn(schema.properties ?? {}, part) ? schema.properties?.[part] : undefined
      if (property !== undefined) return [property]
      return isFields(schema.additionalProperties) ? [schema.additionalProperties as FormatSchema] : []
    })
    found = next.flatMap((schema) => withWords(alternatives(schema, value, root), schema))
  }
  return found
}

/** A description stands beside a reference or alternatives, and holds for all of them. */
function withWords(schemas: FormatSchema[], { description, examples }: FormatSchema): FormatSchema[] {
  if (description === undefined && examples === undefined) return schemas
  return schemas.map((schema) => ({
    ...schema,
    ...(description === undefined ? {} : { description }),
    ...(examples === undefined ? {} : { examples }),
  }))
}

/** The keys that an object may have at this place. */
export function knownKeys(path: ManifestPath, manifest: unknown): string[] {
  return [...new Set(schemasAt(path, manifest).flatMap(({ properties }) => Object.keys(properties ?? {})))]
}

/** The texts and numbers that are allowed at this place; none when it is open. */
export function allowedValues(path: ManifestPath, manifest: unknown): unknown[] {
  return [...new Set(schemasAt(path, manifest).flatMap((one) => ('const' in one ? [one.const] : (one.enum ?? []))))]
}

/** What the format says in words about the place, with an example where it has one. */
export function adviceAt(path: ManifestPath, manifest: unknown): string | undefined {
  const schemas = schemasAt(path, manifest)
  const words = schemas.map(({ description }) => description).find((one) => one !== undefined)
  const example = schemas.flatMap(({ examples }) => examples ?? [])[0]
  const allowed = allowedValues(path, manifest)
  const parts = [
    words,
    example === undefined ? undefined : `Example: ${typeof example === 'string' ? example : JSON.stringify(example)}.`,
    allowed.length === 0 || allowed.length > 30 ? undefined : `Allowed: ${allowed.join(', ')}.`,
  ].filter((part) => part !== undefined)
  return parts.length === 0 ? undefined : parts.join(' ')
}
