import type { SchemaNode, Schemas, SchemaView } from '../discovery/index.ts'
import type { FieldSchema, NamedSchemas } from '../json-schema/field-schema.ts'
import { refName } from '../json-schema/field-schema.ts'
import { safePattern } from '../json-schema/pattern.ts'

type Writable = { -readonly [Key in keyof FieldSchema]: FieldSchema[Key] }

/** A schema of a manifest, with what its references refer to. */
export interface Interesting {
  readonly schema: FieldSchema
  readonly named: NamedSchemas
}

/** Schemas whose fields are of interest. `all`: every field, because an expression may read it. */
export type Interest = readonly Interesting[] | 'all'

const deepest = 14
const deepestOfAll = 6
const mostValues = 400

/**
 * Reduces schemas to what a comparison reads: types, listed values, limits, names of fields, which are required. Fields in which nobody is
 * interested keep their name and type.
 */
export class SchemaReducer {
  readonly #schemas: Schemas

  constructor(schemas: Schemas) {
    this.#schemas = schemas
  }

  reduce(node: SchemaNode, interest: Interest): FieldSchema {
    return this.#node(node, interest === 'all' ? 'all' : flat(interest), 0)
  }

  #node(node: SchemaNode, interest: Interest, depth: number): FieldSchema {
    const view = this.#schemas.view(node)
    if (depth > (interest === 'all' ? deepestOfAll : deepest)) return {}
    const schema: Writable = { ...scalars(view) }
    const fields = view.allOf.length === 0 ? view : this.#merged(node, view)
    const parts = fields === view ? view.allOf : []
    if (fields !== undefined && (fields.properties.size > 0 || fields.required.size > 0)) {
      schema.type ??= 'object'
      const properties: [string, FieldSchema][] = []
      for (const [name, part] of fields.properties) {
        if (name === '__proto__') continue
        const inner = interest === 'all' ? 'all' : ofField(interest, name)
        properties.push([name, inner.length === 0 ? this.#outline(part) : this.#node(part, inner, depth + 1)])
      }
      if (properties.length > 0) schema.properties = Object.fromEntries(properties)
      if (fields.required.size > 0) schema.required = [...fields.required]
    }
    const additional = fields?.additional ?? view.additional
    if (additional === false) schema.additionalProperties = false
    else if (additional === true) schema.additionalProperties = true
    else if (additional !== undefined)
      schema.additionalProperties = this.#node(additional, ofFurtherFields(interest), depth + 1)
    if (view.items !== undefined) schema.items = this.#node(view.items, ofElements(interest), depth + 1)
    if (view.prefixItems !== undefined)
      schema.prefixItems = view.prefixItems.map((part) => this.#node(part, ofElements(interest), depth + 1))
    const same = (part: SchemaNode): FieldSchema => this.#node(part, interest, depth + 1)
    if (fields === view && parts.length > 0) schema.allOf = parts.map(same)
    else if (fields === undefined && view.allOf.length > 0) schema.allOf = view.allOf.map(same)
    // Whether alternatives exclude each other is lost with the fields that are left out, so oneOf counts as anyOf.
    const [first, second] = [view.anyOf, view.oneOf].filter((list) => list.length > 0)
    if (first !== undefined) schema.anyOf = first.map(same)
    if (second !== undefined) schema.allOf = [...(schema.allOf ?? []), { anyOf: second.map(same) }]
    return schema
  }

  /** The fields of all parts as those of one object; undefined when a part is a choice, which cannot be written so. */
  #merged(node: SchemaNode, view: SchemaView) {
    const plain = (one: SchemaNode, depth: number): boolean => {
      const part = this.#schemas.view(one)
      if (depth > 20 || part.anyOf.length > 0 || part.oneOf.length > 0) return false
      return part.allOf.every((inner) => plain(inner, depth + 1))
    }
    const fields = view.allOf.every((part) => plain(part, 0)) ? this.#schemas.fields(node) : undefined
    return fields !== undefined && fields.properties.size > 0 ? fields : undefined
  }

  #outline(node: SchemaNode): FieldSchema {
    const view = this.#schemas.view(node)
    const { type } = scalars(view)
    return {
      ...(type === undefined ? {} : { type }),
      ...(view.readOnly === true ? { readOnly: true } : {}),
      ...(view.writeOnly === true ? { writeOnly: true } : {}),
    }
  }
}

/** Without references and compositions: all schemas that say something about a value. */
function flat(interest: readonly Interesting[], depth = 0): readonly Interesting[] {
  if (depth > 20) return []
  return interest.flatMap((one) => {
    const { schema, named } = one
    const name = schema.$ref === undefined ? undefined : refName(schema.$ref)
    const target = name !== undefined && Object.hasOwn(named, name) ? named[name] : undefined
    const { allOf = [], anyOf = [], oneOf = [] } = schema
    const parts = [...(target === undefined ? [] : [target]), ...allOf, ...anyOf, ...oneOf]
    return parts.length === 0 ? [one] : [one, ...flat(within(parts, named), depth + 1)]
  })
}

const within = (schemas: readonly FieldSchema[], named: NamedSchemas): Interesting[] =>
  schemas.map((schema) => ({ schema, named }))

const schemasIn = (extra: FieldSchema['additionalProperties']): readonly FieldSchema[] =>
  typeof extra === 'object' ? [extra] : []

function ofField(interest: readonly Interesting[], name: string): readonly Interesting[] {
  return flat(
    interest.flatMap(({ schema: { properties, additionalProperties }, named }) => {
      if (properties !== undefined && Object.hasOwn(properties, name))
        return within([properties[name] as FieldSchema], named)
      return within(schemasIn(additionalProperties), named)
    }),
  )
}

function ofFurtherFields(interest: Interest): Interest {
  if (interest === 'all') return 'all'
  return flat(
    interest.flatMap(({ schema: { properties = {}, additionalProperties }, named }) =>
      within([...Object.values(properties), ...schemasIn(additionalProperties)], named),
    ),
  )
}

function ofElements(interest: Interest): Interest {
  if (interest === 'all') return 'all'
  return flat(
    interest.flatMap(({ schema: { items, prefixItems = [] }, named }) =>
      within([...(typeof items === 'object' ? [items] : []), ...prefixItems], named),
    ),
  )
}

function scalars(view: SchemaView): FieldSchema {
  const schema: Writable = {}
  const [first] = view.types
  if (view.types.length === 1 && first !== undefined) schema.type = first
  else if (view.types.length > 1) schema.type = view.types
  if (view.enum !== undefined && view.enum.length <= mostValues) schema.enum = valuesOf(view)
  if (view.const !== undefined) schema.const = view.const.value
  if (view.format !== undefined && view.format.length <= 50) schema.format = view.format
  if (view.pattern !== undefined && view.pattern.length <= 500 && isSafe(view.pattern)) schema.pattern = view.pattern
  for (const key of ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'] as const)
    if (view[key] !== undefined && (key !== 'multipleOf' || view[key] > 0)) schema[key] = view[key]
  for (const key of ['minLength', 'maxLength', 'minItems', 'maxItems'] as const)
    if (Number.isSafeInteger(view[key]) && (view[key] as number) >= 0) schema[key] = view[key]
  for (const key of ['uniqueItems', 'readOnly', 'writeOnly'] as const) if (view[key] === true) schema[key] = true
  return schema
}

/** Lists of values often leave out the null that the types allow. */
function valuesOf({ enum: values = [], types }: SchemaView): readonly unknown[] {
  return types.includes('null') && !values.includes(null) ? [...values, null] : values
}

function isSafe(pattern: string): boolean {
  try {
    safePattern(pattern)
    return true
  } catch {
    return false
  }
}
