import { type FieldSchema, type TypeName, typeNames, typesOf } from './field-schema.ts'
import { sameJson } from './json-value.ts'

/** One schema whose values fit both, as far as one can be written; what cannot be merged stands in `allOf` of the fields. */
export function mergeSchemas(one: FieldSchema, other: FieldSchema): FieldSchema {
  const merged: Record<string, unknown> = { ...defined(one), ...defined(other) }
  const types = bothTypes(one, other)
  if (types !== undefined) merged.type = types
  if (one.enum !== undefined && other.enum !== undefined)
    merged.enum = one.enum.filter((value) => other.enum?.some((also) => sameJson(value, also)))
  if (one.required !== undefined) merged.required = [...new Set([...one.required, ...(other.required ?? [])])]
  if (one.properties !== undefined && other.properties !== undefined)
    merged.properties = bothProperties(one.properties, other.properties)
  if (one.additionalProperties === false) merged.additionalProperties = false
  else if (one.additionalProperties !== undefined && other.additionalProperties !== undefined)
    merged.additionalProperties = bothExtras(one.additionalProperties, other.additionalProperties)
  if (typeof one.items === 'object' && typeof other.items === 'object')
    merged.items = { allOf: [one.items, other.items] }
  else if (one.items === false) merged.items = false
  for (const key of ['minimum', 'exclusiveMinimum', 'minLength', 'minItems'] as const)
    merged[key] = extreme(Math.max, one[key], other[key])
  for (const key of ['maximum', 'exclusiveMaximum', 'maxLength', 'maxItems'] as const)
    merged[key] = extreme(Math.min, one[key], other[key])
  if (one.uniqueItems === true) merged.uniqueItems = true
  return defined(merged)
}

function defined<T extends object>(object: T): T {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as T
}

function bothTypes(one: FieldSchema, other: FieldSchema): readonly TypeName[] | undefined {
  const mine = typesOf(one)
  const theirs = typesOf(other)
  if (mine === undefined || theirs === undefined) return mine ?? theirs
  const has = (types: readonly TypeName[], type: TypeName): boolean =>
    types.includes(type) || (type === 'integer' && types.includes('number'))
  return typeNames.filter((type) => has(mine, type) && has(theirs, type))
}

function bothProperties(
  one: Readonly<Record<string, FieldSchema>>,
  other: Readonly<Record<string, FieldSchema>>,
): Record<string, FieldSchema> {
  const merged = { ...one, ...other }
  for (const [name, mine] of Object.entries(one)) {
    const theirs = Object.hasOwn(other, name) ? other[name] : undefined
    if (theirs !== undefined && theirs !== mine) merged[name] = { ...access(mine, theirs), allOf: [mine, theirs] }
  }
  return merged
}

function access(one: FieldSchema, other: FieldSchema): FieldSchema {
  return {
    ...(one.readOnly === true || other.readOnly === true ? { readOnly: true } : {}),
    ...(one.writeOnly === true || other.writeOnly === true ? { writeOnly: true } : {}),
  }
}

function bothExtras(one: boolean | FieldSchema, other: boolean | FieldSchema): boolean | FieldSchema {
  if (typeof one === 'object' && typeof other === 'object') return { allOf: [one, other] }
  return one === false || other === false ? false : typeof one === 'object' ? one : other
}

function extreme(
  choose: (...values: number[]) => number,
  one: number | undefined,
  other: number | undefined,
): number | undefined {
  return one === undefined || other === undefined ? (one ?? other) : choose(one, other)
}
