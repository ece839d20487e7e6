import { Fault, type Random } from '@patchbay/core'
import { belongsToOther } from './compile-object.ts'
import { compileSchema } from './compile-schema.ts'
import type { Side } from './compiler.ts'
import { Draws } from './draws.ts'
import { type FieldSchema, type NamedSchemas, type TypeName, typesOf } from './field-schema.ts'
import { allDifferent, copyJson, kindOf, setOwn } from './json-value.ts'
import { mergeSchemas } from './merge-schemas.ts'
import { resolveRef } from './references.ts'
import { sampleNumber, sampleString } from './sample-scalar.ts'
import { sampleNamed } from './sample-text.ts'

export interface SampleOptions {
  /** Whose value it is: fields of the other side (`readOnly`, `writeOnly`) are left out. Default `output`. */
  readonly side?: Side | undefined
  /** Probability that a field which is not required is there, 0 to 1. Default 0.8. */
  readonly optional?: number | undefined
  /** Most elements of a list, where its schema does not ask for more. Default 3. */
  readonly listLength?: number | undefined
  /** Levels after which only what is required is made. Default 6. */
  readonly depth?: number | undefined
  /** Milliseconds since 1970 that dates lie before (up to 90 days). Default 2026-01-01T00:00:00Z. */
  readonly now?: number | undefined
  /** The name of the field that the value is for. */
  readonly name?: string | undefined
}

/** No value was found below; the level above may do without it. */
const none: unique symbol = Symbol('none')
const rounds = 30
const deepest = 60
/** Fields and elements after which only what is required is made. */
const plenty = 5_000
/** Failed attempts after which a schema counts as one without values: retries multiply with its levels. */
const mostFailures = 300

/**
 * A value that fits the schema, in strict mode of the same side: types, limits, patterns, formats, alternatives. Names and formats give
 * plausible texts (addresses under example.com, RFC 5737 networks, ISO dates). The same source of randomness gives the same value.
 * @throws Fault `config` when no value was found: the schema contradicts itself, or a required recursion has no end.
 */
export function sample(schema: FieldSchema, named: NamedSchemas, random: Random, options: SampleOptions = {}): unknown {
  const sampler = new Sampler(named, random, options)
  const value = sampler.value(schema, options.name ?? '', 0)
  if (value !== none) return value
  const message =
    'has no value that could be found; look for limits that exclude each other and for recursion without an end'
  throw new Fault({ kind: 'config', issues: [{ path: options.name ?? '', message }] })
}

class Sampler {
  readonly #named: NamedSchemas
  readonly #draws: Draws
  readonly #options: SampleOptions
  readonly #checks = new WeakMap<FieldSchema, ReturnType<typeof compileSchema>>()
  #made = 0
  #failures = 0

  constructor(named: NamedSchemas, random: Random, options: SampleOptions) {
    this.#named = named
    this.#draws = new Draws(random)
    this.#options = options
  }

  /** Composed schemas are flattened by one choice of alternatives at a time, until the result fits the whole. */
  value(schema: FieldSchema, name: string, depth: number): unknown {
    if (depth > deepest || this.#failures > mostFailures) return none
    if (!isComposed(schema)) {
      const value = this.#plain(schema, name, depth)
      return value === none || this.#holds(schema, value) ? value : none
    }
    for (let round = 0; round < rounds; round++) {
      const flat = this.#flatten(schema, depth, 0)
      const value = flat === none ? none : this.#plain(flat, name, depth)
      if (value !== none && this.#fits(schema, value)) return value
      if (++this.#failures > mostFailures || (depth > 10 && round > 3)) return none
    }
    return none
  }

  #flatten(schema: FieldSchema, depth: number, level: number): FieldSchema | typeof none {
    if (level > deepest) return none
    const { $ref, allOf = [], anyOf, oneOf, ...own } = schema
    const chosen = [anyOf, oneOf].flatMap((alternatives) =>
      alternatives === undefined ? [] : [this.#choose(alternatives, depth)],
    )
    let flat: FieldSchema = own
    for (const part of [...($ref === undefined ? [] : [resolveRef($ref, this.#named)]), ...allOf, ...chosen]) {
      const inner = isComposed(part) ? this.#flatten(part, depth, level + 1) : part
      if (inner === none) return none
      flat = mergeSchemas(flat, inner)
    }
    return flat
  }

  /** Deep down the alternatives that end the recursion: those without further references. */
  #choose(alternatives: readonly FieldSchema[], depth: number): FieldSchema {
    const short = alternatives.filter((schema) => !JSON.stringify(schema).includes('"$ref"'))
    return this.#draws.pick(this.#sparing(depth) && short.length > 0 ? short : alternatives)
  }

  #sparing(depth: number): boolean {
    return depth >= (this.#options.depth ?? 6) || this.#made > plenty
  }

  #plain(schema: FieldSchema, name: string, depth: number): unknown {
    this.#made++
    if (schema.const !== undefined) return copyJson(schema.const)
    if (schema.enum !== undefined) {
      const fitting = schema.enum.filter((value) => this.#holds({ ...schema, enum: undefined }, value))
      return fitting.length === 0 ? none : copyJson(this.#draws.pick(fitting))
    }
    const examples = (schema.examples ?? []).filter((value) => kindOf(value) !== 'other' && this.#fits(schema, value))
    if (examples.length > 0 && this.#draws.chance(0.5)) return copyJson(this.#draws.pick(examples))
    const type = this.#type(schema, depth)
    const text = { draws: this.#draws, now: this.#options.now ?? Date.UTC(2026, 0, 1) }
    switch (type) {
      case 'string':
        return sampleString(schema, name, text) ?? none
      case 'number':
      case 'integer':
        return sampleNumber(schema, type === 'integer', text) ?? none
      case 'boolean':
        return this.#draws.chance(0.5)
      case 'null':
        return null
      case 'array':
        return this.#array(schema, name, depth)
      case 'object':
        return this.#object(schema, depth)
      default:
        return none
    }
  }

  #type(schema: FieldSchema, depth: number): TypeName | undefined {
    const types = typesOf(schema)
    if (types === undefined) return impliedType(schema)
    const [first] = types
    if (types.length < 2) return first
    if (this.#sparing(depth)) return types.find((type) => type !== 'object' && type !== 'array') ?? first
    // A value that may be null mostly is not.
    const others = types.filter((type) => type !== 'null')
    return types.includes('null') && this.#draws.chance(0.15) ? 'null' : this.#draws.pick(others)
  }

  #array(schema: FieldSchema, name: string, depth: number): unknown {
    const { items = {}, prefixItems = [], minItems = 0, maxItems = Number.POSITIVE_INFINITY, uniqueItems } = schema
    const room = items === false ? prefixItems.length : Number.POSITIVE_INFINITY
    const usual = this.#sparing(depth)
      ? minItems
      : Math.max(minItems, prefixItems.length, this.#options.listLength ?? 3)
    const most = Math.min(maxItems, room, usual)
    if (most < minItems) return none
    const length = this.#draws.whole(minItems, most)
    const single = name.replace(/(?:ies|s)$/, (ending) => (ending === 'ies' ? 'y' : ''))
    const values: unknown[] = []
    for (let tries = 0; values.length < length && tries < length + rounds; tries++) {
      const value = this.value(prefixItems[values.length] ?? (items || {}), single, depth + 1)
      if (value === none || (uniqueItems === true && !allDifferent([...values, value]))) continue
      values.push(value)
    }
    return values.length < minItems ? none : values
  }

  #object(schema: FieldSchema, depth: number): unknown {
    const { properties = {}, required = [], additionalProperties: extra } = schema
    const needed = new Set(required)
    const sparing = this.#sparing(depth)
    const side = this.#options.side ?? 'output'
    const result: Record<string, unknown> = {}
    for (const [name, property] of Object.entries(properties)) {
      const optional = !needed.delete(name)
      if (belongsToOther(property, side)) continue
      if (optional && (sparing || !this.#draws.chance(this.#options.optional ?? 0.8))) continue
      const value = this.value(property, name, depth + 1)
      if (value === none && !optional) return none
      if (value !== none) setOwn(result, name, value)
    }
    const others = typeof extra === 'object' ? extra : {}
    // Our inputs are closed where they name fields: what they require beyond those cannot be given.
    const closed = extra === false || (side === 'input' && extra === undefined && schema.properties !== undefined)
    for (const name of needed) {
      const value = this.value(others, name, depth + 1)
      if (value === none || closed) return none
      setOwn(result, name, value)
    }
    if (typeof extra === 'object' && !sparing) this.#entries(result, extra, depth)
    return result
  }

  #entries(result: Record<string, unknown>, schema: FieldSchema, depth: number): void {
    const count = this.#draws.whole(0, this.#options.listLength ?? 3)
    for (let index = 0; index < count; index++) {
      const name = sampleNamed('slug', { draws: this.#draws, now: 0 })
      const value = Object.hasOwn(result, name) ? none : this.value(schema, name, depth + 1)
      if (value !== none) result[name] = value
    }
  }

  /** Everything but what is inside: that was checked when it was made. */
  #holds(schema: FieldSchema, value: unknown): boolean {
    return (typeof value === 'object' && value !== null && schema.enum === undefined) || this.#fits(schema, value)
  }

  #fits(schema: FieldSchema, value: unknown): boolean {
    let check = this.#checks.get(schema)
    if (check === undefined) {
      const { side = 'output' } = this.#options
      // Vendors' objects need not be closed; ours are.
      const unknownFields = side === 'input' ? 'refused' : 'kept'
      check = compileSchema(schema, this.#named, 'strict', { side, unknownFields })
      this.#checks.set(schema, check)
    }
    return 'value' in check(value)
  }
}

function isComposed(schema: FieldSchema): boolean {
  return [schema.$ref, schema.allOf, schema.anyOf, schema.oneOf].some((part) => part !== undefined)
}

/** What a schema without `type` speaks of. */
function impliedType(schema: FieldSchema): TypeName {
  if (schema.properties !== undefined || schema.required !== undefined || schema.additionalProperties !== undefined)
    return 'object'
  if (schema.items !== undefined || schema.prefixItems !== undefined || schema.minItems !== undefined) return 'array'
  const numeric = ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf'] as const
  return numeric.some((key) => schema[key] !== undefined) ? 'number' : 'string'
}
