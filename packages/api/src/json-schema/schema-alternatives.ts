import { type FieldSchema, type TypeName, typeNames } from './field-schema.ts'
import { sameJson } from './json-value.ts'
import { mergeSchemas } from './merge-schemas.ts'

/** A schema of the full dialect of OpenAPI 3.1, or of 3.0 and 2.0 as they stand in the wild. */
export type ForeignSchema = boolean | Readonly<Record<string, unknown>>

/** What a `$ref` of a description refers to; undefined when it cannot be found. */
export type ResolveRef = (ref: string) => ForeignSchema | undefined

/** The values of a schema as a union of schemas without references and compositions. */
export interface Alternatives {
  readonly flat: readonly FieldSchema[]
  /** Why the union may be larger than the schema; undefined when it is exact. */
  readonly doubt: string | undefined
  /** True where `oneOf` takes away the values that fit several of its alternatives; the union has them. */
  readonly exclusive: boolean
}

const mostAlternatives = 64
const deepest = 40

/** Keywords that only take values away, and that are not looked at. */
const restricting = ['not', 'if', 'dependentSchemas', 'dependentRequired', 'dependencies', '$dynamicRef'] as const
const restrictingObjects = [
  'patternProperties',
  'propertyNames',
  'minProperties',
  'maxProperties',
  'unevaluatedProperties',
] as const
const restrictingArrays = ['contains', 'unevaluatedItems', 'additionalItems'] as const
/** Keywords of which a merged schema keeps one. */
const single = ['pattern', 'format', 'multipleOf', 'const', 'prefixItems'] as const

/** `tolerant`: as tolerant validation reads it, which keeps what `additionalProperties: false` refuses. */
export function alternativesOf(
  schema: ForeignSchema,
  resolve: ResolveRef,
  reading: 'exact' | 'tolerant' = 'exact',
): Alternatives {
  const reader = new AlternativesReader(resolve, reading === 'tolerant')
  const flat = reader.read(schema, 0)
  return { flat, doubt: reader.doubt, exclusive: reader.exclusive }
}

class AlternativesReader {
  doubt: string | undefined
  exclusive = false
  readonly #resolve: ResolveRef
  readonly #tolerant: boolean

  constructor(resolve: ResolveRef, tolerant: boolean) {
    this.#resolve = resolve
    this.#tolerant = tolerant
  }

  read(schema: ForeignSchema, level: number): readonly FieldSchema[] {
    if (schema === false) return []
    if (schema === true) return [{}]
    if (level > deepest) return this.#unknown('its references never end')
    const { $ref, allOf, anyOf, oneOf, nullable, ...rest } = schema
    const others = [...restricting, ...restrictingObjects, ...restrictingArrays].filter(
      (keyword) => rest[keyword] !== undefined,
    )
    if (others.length > 0) this.doubt ??= `${others.join(', ')} is not looked at`
    const own = normal(rest)
    let flat: readonly FieldSchema[] = [
      this.#tolerant && own.additionalProperties === false ? { ...own, additionalProperties: true } : own,
    ]
    if (typeof $ref === 'string') {
      const target = this.#resolve($ref)
      flat = this.#both(
        flat,
        target === undefined ? this.#unknown(`${$ref} is not found`) : this.read(target, level + 1),
      )
    }
    for (const part of listOf(allOf)) flat = this.#both(flat, this.read(part, level + 1))
    if (Array.isArray(oneOf) && oneOf.length > 1) this.exclusive = true
    for (const parts of [anyOf, oneOf])
      if (Array.isArray(parts))
        flat = this.#both(
          flat,
          listOf(parts).flatMap((part) => this.read(part, level + 1)),
        )
    return nullable === true ? [...flat, { type: 'null' }] : flat
  }

  #both(some: readonly FieldSchema[], others: readonly FieldSchema[]): readonly FieldSchema[] {
    if (some.length * others.length > mostAlternatives) return this.#unknown('it has too many alternatives')
    return some.flatMap((one) =>
      others.map((other) => {
        const clash = single.find(
          (key) => one[key] !== undefined && other[key] !== undefined && !sameJson(one[key], other[key]),
        )
        if (clash !== undefined) this.doubt ??= `${clash} stands in several of its parts`
        // Null counts as absent in a declared field, and not in one that the other part takes for a further one.
        if (this.#tolerant && (spansFields(one, other) || spansFields(other, one)))
          this.doubt ??= 'additionalProperties stands beside fields of another part'
        return mergeSchemas(one, other)
      }),
    )
  }

  #unknown(reason: string): readonly FieldSchema[] {
    this.doubt ??= reason
    return [{}]
  }
}

function spansFields(one: FieldSchema, other: FieldSchema): boolean {
  return typeof one.additionalProperties === 'object' && other.properties !== undefined
}

/** The keywords that both dialects share, in today's spelling. */
function normal(schema: Readonly<Record<string, unknown>>): FieldSchema {
  const { type, minimum, maximum, exclusiveMinimum, exclusiveMaximum, required, items, enum: listed, ...rest } = schema
  const types = (Array.isArray(type) ? type : [type]).filter((one) => typeNames.includes(one as TypeName)) as TypeName[]
  const low = bound(minimum, exclusiveMinimum)
  const high = bound(maximum, exclusiveMaximum)
  return {
    ...rest,
    ...(types.length > 0 && { type: types }),
    ...(low.inside !== undefined && { minimum: low.inside }),
    ...(low.outside !== undefined && { exclusiveMinimum: low.outside }),
    ...(high.inside !== undefined && { maximum: high.inside }),
    ...(high.outside !== undefined && { exclusiveMaximum: high.outside }),
    // Version 4 of JSON Schema, and descriptions out of habit, write `required: true` at the field.
    ...(Array.isArray(required) && { required: required as string[] }),
    ...(items !== undefined && items !== true && !Array.isArray(items) && { items: items as FieldSchema }),
    ...(Array.isArray(listed) && { enum: listed as unknown[] }),
  }
}

/** In OpenAPI 3.0 `exclusiveMinimum` is a boolean beside `minimum`. */
function bound(inside: unknown, outside: unknown): { readonly inside?: number; readonly outside?: number } {
  const limit = typeof inside === 'number' ? inside : undefined
  if (outside === true) return limit === undefined ? {} : { outside: limit }
  return {
    ...(limit !== undefined && { inside: limit }),
    ...(typeof outside === 'number' && { outside }),
  }
}

function listOf(value: unknown): readonly ForeignSchema[] {
  return Array.isArray(value) ? (value as ForeignSchema[]) : []
}

/** The types of the values that a flat schema describes; undefined when it says nothing at all about them. */
export function describedTypes(schema: FieldSchema): readonly TypeName[] | undefined {
  if (schema.type !== undefined) return typeof schema.type === 'string' ? [schema.type] : schema.type
  if (
    schema.properties !== undefined ||
    schema.required !== undefined ||
    typeof schema.additionalProperties === 'object'
  )
    return ['object']
  if (schema.items !== undefined || schema.prefixItems !== undefined) return ['array']
  return undefined
}

/** The values of a schema that lists them. */
export function listedValues(schema: FieldSchema): readonly unknown[] | undefined {
  return schema.const !== undefined ? [schema.const] : schema.enum
}
