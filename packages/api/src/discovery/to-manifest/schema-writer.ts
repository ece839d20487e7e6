import { compileSchema } from '../../json-schema/compile-schema.ts'
import type { FieldSchema, TypeName } from '../../json-schema/field-schema.ts'
import { safePattern } from '../../json-schema/pattern.ts'
import type { SchemaNode, Schemas, SchemaView } from '../schema.ts'
import { freeName, pascalOf, wordsOf } from './names.ts'

/** Inputs leave out what only the vendor sets, outputs what it never answers. */
export type Side = 'input' | 'output'

export type WritableSchema = { -readonly [Key in keyof FieldSchema]: FieldSchema[Key] }

export interface SchemaWriterOptions {
  /** How many named schemas deep references are followed; beyond, only the types are kept. */
  readonly depth: number
  /** Longest description that is kept, in characters; 0 keeps none. */
  readonly words: number
}

/** Schemas in place are followed to this depth. */
const deepest = 8
/** Schemas that one input or output may lead to. */
const mostParts = 3000
const mostValues = 200

/** Writes schemas of a description in the part of JSON Schema that manifests may use. Named ones are written once and referred to. */
export class SchemaWriter {
  /** By the name in the manifest. */
  readonly named: Record<string, FieldSchema> = {}
  readonly #schemas: Schemas
  readonly #options: SchemaWriterOptions
  readonly #names = new Map<string, string>()
  readonly #taken = new Set<string>()
  #left = mostParts
  /** At which depth a named schema was written; one that is met nearer to the top is written again. */
  readonly #written = new Map<string, number>()

  constructor(schemas: Schemas, options: SchemaWriterOptions) {
    this.#schemas = schemas
    this.#options = options
  }

  /** A schema in place, or `{ $ref }` of a named one. */
  write(node: SchemaNode, side: Side): FieldSchema {
    this.#left = mostParts
    return this.#node(node, side, 0, 0)
  }

  /** The name of a node's schema when it is written under one. */
  nameOf(schema: FieldSchema): string | undefined {
    return Object.keys(schema).length === 1 ? schema.$ref?.replace('#/schemas/', '') : undefined
  }

  #node(node: SchemaNode, side: Side, named: number, inPlace: number): FieldSchema {
    const view = this.#schemas.view(node)
    if (--this.#left < 0 || inPlace > deepest) return shallow(view)
    // Inputs are checked before they are sent: a name for them would keep what only answers hold.
    if (view.name === undefined || !isObject(view)) return this.#view(view, node, side, named, inPlace)
    if (named >= this.#options.depth) return shallow(view)
    const name = this.#nameFor(view.name, side)
    if ((this.#written.get(name) ?? Number.POSITIVE_INFINITY) > named) {
      this.#written.set(name, named)
      this.named[name] = this.#view(view, node, side, named + 1, 0)
    }
    return { $ref: `#/schemas/${name}` }
  }

  #nameFor(declared: string, side: Side): string {
    const key = `${side} ${declared}`
    const known = this.#names.get(key)
    if (known !== undefined) return known
    // Types of XML are named with their namespace, which would stand in front of every name.
    const wanted = pascalOf(wordsOf(declared.replace(/^\{[^{}]*\}(?=.)/, '')), 'Schema')
    const name = freeName(side === 'input' ? `${wanted}Input` : wanted, this.#taken)
    this.#taken.add(name)
    this.#names.set(key, name)
    return name
  }

  #view(view: SchemaView, node: SchemaNode, side: Side, named: number, inPlace: number): FieldSchema {
    const schema: WritableSchema = { ...shallow(view), ...scalars(view) }
    const inner = (part: SchemaNode): FieldSchema => this.#node(part, side, named, inPlace + 1)
    if (this.#options.words > 0 && view.description !== undefined)
      schema.description = clip(view.description, this.#options.words)
    if (this.#isObject(view, node)) {
      this.#object(view, node, side, schema, inner)
    } else if (view.types.includes('array')) {
      if (view.items !== undefined) schema.items = inner(view.items)
      else if (view.prefixItems !== undefined) schema.prefixItems = view.prefixItems.slice(0, 50).map(inner)
      copyCounts(view, schema)
    }
    for (const word of ['oneOf', 'anyOf'] as const) {
      const parts = view[word]
      // A choice of which one part accepts anything says nothing; neither does a list too long to be checked.
      if (parts.length === 0 || parts.length > 30) continue
      const written = parts.map(inner)
      if (written.every((part) => Object.keys(part).length > 0)) schema.anyOf = written
    }
    if (view.allOf.length > 0 && schema.properties === undefined) {
      const [only] = view.allOf
      if (view.allOf.length === 1 && only !== undefined && schema.type === undefined)
        return { ...inner(only), ...schema }
    }
    return withDefault(view, schema)
  }

  /** Wholes of several parts often do not say themselves that they are objects. */
  #isObject(view: SchemaView, node: SchemaNode): boolean {
    if (view.types.includes('object')) return true
    return view.types.length === 0 && view.allOf.length > 1 && (this.#schemas.fields(node)?.properties.size ?? 0) > 0
  }

  #object(
    view: SchemaView,
    node: SchemaNode,
    side: Side,
    schema: WritableSchema,
    inner: (part: SchemaNode) => FieldSchema,
  ): void {
    const fields = view.allOf.length === 0 ? view : this.#schemas.fields(node)
    const properties: [string, FieldSchema][] = []
    for (const [name, part] of fields?.properties ?? view.properties) {
      if (name === '__proto__') continue
      const property = this.#schemas.view(part)
      if (side === 'input' ? property.readOnly === true : property.writeOnly === true) continue
      properties.push([name, inner(part)])
    }
    const there = new Set(properties.map(([name]) => name))
    const required = [...(fields?.required ?? view.required)].filter((name) => there.has(name))
    schema.type ??= 'object'
    if (properties.length > 0) schema.properties = Object.fromEntries(properties)
    if (required.length > 0) schema.required = required
    const additional = fields?.additional ?? view.additional
    if (typeof additional === 'object') schema.additionalProperties = inner(additional)
    else if (additional === false && side === 'input') schema.additionalProperties = false
  }
}

function isObject(view: SchemaView): boolean {
  return [view.properties.size, view.allOf.length, view.oneOf.length, view.anyOf.length].some((count) => count > 0)
}

/** Only what a value is, without its parts. */
export function shallow(view: SchemaView): FieldSchema {
  const types = view.types as readonly TypeName[]
  if (types.length === 0) return view.allOf.length > 0 && view.properties.size > 0 ? { type: 'object' } : {}
  return types.length === 1 ? { type: types[0] as TypeName } : { type: types }
}

function scalars(view: SchemaView): FieldSchema {
  const schema: WritableSchema = {}
  if (view.format !== undefined && view.format.length <= 50) schema.format = view.format
  const values = fitting(view)
  if (values !== undefined) schema.enum = values
  if (view.const !== undefined) schema.const = view.const.value
  if (view.types.includes('string')) {
    if (view.pattern !== undefined && view.pattern.length <= 500 && isSafe(view.pattern)) schema.pattern = view.pattern
    range(schema, 'minLength', 'maxLength', count(view.minLength), count(view.maxLength))
  }
  if (view.types.includes('number') || view.types.includes('integer')) {
    range(schema, 'minimum', 'maximum', view.minimum, view.maximum)
    if (view.exclusiveMinimum !== undefined) schema.exclusiveMinimum = view.exclusiveMinimum
    if (view.exclusiveMaximum !== undefined) schema.exclusiveMaximum = view.exclusiveMaximum
    if (view.multipleOf !== undefined && view.multipleOf > 0) schema.multipleOf = view.multipleOf
  }
  if (view.deprecated === true) schema.deprecated = true
  return schema
}

/** The values of an enum that the schema's own types admit, null where it may be null. Numbers written as text stay out. */
function fitting(view: SchemaView): readonly unknown[] | undefined {
  if (view.enum === undefined || view.enum.length > mostValues) return undefined
  const nullable = view.types.includes('null')
  const all = nullable && !view.enum.includes(null) ? [...view.enum, null] : view.enum
  const admitted = all.filter((value) => view.types.length === 0 || view.types.some((type) => isOf(value, type)))
  return admitted.length === 0 || admitted.every((value) => value === null) ? undefined : [...new Set(admitted)]
}

function isOf(value: unknown, type: string): boolean {
  if (type === 'null') return value === null
  if (type === 'array') return Array.isArray(value)
  if (type === 'object') return typeof value === 'object' && value !== null && !Array.isArray(value)
  if (type === 'integer') return Number.isInteger(value)
  return typeof value === type
}

function copyCounts(view: SchemaView, schema: WritableSchema): void {
  range(schema, 'minItems', 'maxItems', count(view.minItems), count(view.maxItems))
}

function range(
  schema: WritableSchema,
  low: 'minimum' | 'minLength' | 'minItems',
  high: 'maximum' | 'maxLength' | 'maxItems',
  from: number | undefined,
  to: number | undefined,
): void {
  if (from !== undefined && to !== undefined && from > to) return
  if (from !== undefined) schema[low] = from
  if (to !== undefined) schema[high] = to
}

function count(value: number | undefined): number | undefined {
  return value !== undefined && Number.isSafeInteger(value) && value >= 0 ? value : undefined
}

function isSafe(pattern: string): boolean {
  try {
    safePattern(pattern)
    return true
  } catch {
    return false
  }
}

/** Defaults that do not fit their own schema are left out; those of objects and lists are not checked and not kept. */
function withDefault(view: SchemaView, schema: WritableSchema): FieldSchema {
  const value = view.default?.value
  if (value === undefined || value === null || typeof value === 'object' || schema.anyOf !== undefined) return schema
  try {
    const { description: _, ...rest } = schema
    if ('value' in compileSchema(rest, {}, 'strict')(value)) schema.default = value
  } catch {
    // A schema that cannot be compiled has no default that fits.
  }
  return schema
}

/** The first sentence, or as much of it as fits. */
export function clip(text: string, most: number): string {
  const line = text
    .replaceAll(/<[^<>]*>/g, ' ')
    .replaceAll(/[\s\p{Cc}]+/gu, ' ')
    .trim()
  const [sentence = ''] = line.split(/(?<=[.!?])\s/, 1)
  const chosen = sentence === '' ? line : sentence
  return chosen.length <= most ? chosen : `${chosen.slice(0, most - 3).trimEnd()}...`
}
