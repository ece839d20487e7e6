import { type FieldSchema, type TypeName, typeNames, typesOf } from './field-schema.ts'
import { sameJson, setOwn } from './json-value.ts'

/** One schema whose values fit both, as far as one can be written; what cannot be merged stands in `allOf` of the fields. */
export function mergeSchemas(one: FieldSchema, other: FieldSchema): FieldSchema {
  const merged: Record<string, unknown> = { ...defined(one), ...defined(other) }
  const types = bothTypes(one, other)
  if (types !== undefined) merged.type = types
  if (one.enum !== undefined && other.enum !== undefined)
    merged.enum = one.enum.filter((value) => other.enum?.some((also) => sameJson(value, also)))
  if (one.required !== undefined) merged.required = [...new Set([...one.required, ...(other.required ?? [])])]
  if (one.properties !== undefined || other.properties !== undefined) merged.properties = bothProperties(one, other)
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

/** Without the keywords that are undefined. */
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

/** A field that only one of them names is described by what the other says about further fields. */
function bothProperties(one: FieldSchema, other: FieldSchema): Record<string, FieldSchema> {
  const merged: Record<string, FieldSchema> = {}
  for (const name of new Set([...Object.keys(one.properties ?? {}), ...Object.keys(other.properties ?? {})])) {
    const [mine, theirs] = [fieldOf(one, name), fieldOf(other, name)]
    if (mine === false || theirs === false) continue
    if (mine === true || theirs === true || mine === theirs) setOwn(merged, name, mine === true ? theirs : mine)
    else setOwn(merged, name, { ...access(mine, theirs), allOf: [mine, theirs] })
  }
  return merged
}

/** What a schema says about a field: its schema, free, or never there. */
export function fieldOf(
  { properties = {}, additionalProperties = true }: FieldSchema,
  name: string,
): boolean | FieldSchema {
  return Object.hasOwn(properties, name) ? (properties[name] as FieldSchema) : additionalProperties
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
