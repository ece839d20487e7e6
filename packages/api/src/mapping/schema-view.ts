import type { JsonSchema } from '@patchbay/core'
import { elements, properties, type ReadPath, type Segment } from '../expression/reads.ts'

/** References and combinations inside one another, as deep as they are followed. */
const deepest = 20

/** What a JSON Schema says about the values at a path. It reads `$ref` inside the document, `allOf`, `anyOf` and `oneOf`. */
export class SchemaView {
  readonly #root: JsonSchema

  constructor(root: JsonSchema) {
    this.#root = root
  }

  /** The schemas that describe the values at `path`: none when there is surely no such value, undefined when the schema does not tell. */
  at(path: ReadPath, start: readonly JsonSchema[] = [this.#root]): readonly JsonSchema[] | undefined {
    let here: readonly JsonSchema[] | undefined = start
    for (const segment of path) {
      if (here === undefined || here.length === 0) return here
      here = this.#step(here, segment)
    }
    return here
  }

  /** Types of the values; undefined when the schema does not tell. */
  types(schemas: readonly JsonSchema[]): ReadonlySet<string> | undefined {
    const found = new Set<string>()
    for (const one of schemas.flatMap((schema) => this.#expand(schema))) {
      if (typeof one.type === 'string') found.add(one.type)
      else if (Array.isArray(one.type)) for (const type of one.type) found.add(String(type))
      else if ('const' in one) found.add(typeOfJson(one.const))
      else if (Array.isArray(one.enum)) for (const value of one.enum) found.add(typeOfJson(value))
      else if ('properties' in one) found.add('object')
    }
    return found.size === 0 ? undefined : found
  }

  /** All values that are allowed, when the schema lists them. */
  values(schemas: readonly JsonSchema[]): readonly unknown[] | undefined {
    const lists = schemas
      .flatMap((schema) => this.#expand(schema))
      .map((one) => ('const' in one ? [one.const] : one.enum))
    return lists.find((list): list is unknown[] => Array.isArray(list))
  }

  /** Names of the fields of an object; undefined when the schema does not list them. */
  fields(schemas: readonly JsonSchema[]): readonly string[] | undefined {
    const objects = this.#objects(schemas)
    return objects.length === 0 ? undefined : objects.flatMap((one) => Object.keys(one.properties as object))
  }

  /** Fields that every value has. */
  required(schemas: readonly JsonSchema[]): readonly string[] {
    return schemas.flatMap((schema) => this.#certain(schema)).flatMap(requiredBy)
  }

  /** Choices between sets of fields, of which every value has at least one: `anyOf: [{ required: [a] }, { required: [b, c] }]`. */
  choices(schemas: readonly JsonSchema[]): readonly (readonly (readonly string[])[])[] {
    return schemas
      .flatMap((schema) => this.#certain(schema))
      .flatMap(({ anyOf, oneOf }) => [anyOf, oneOf])
      .filter((list) => Array.isArray(list))
      .map((list) => list.filter(isSchema).map((one) => this.required([one])))
      .filter((sets) => sets.length > 0 && sets.every((names) => names.length > 0))
  }

  #objects(schemas: readonly JsonSchema[]): readonly JsonSchema[] {
    return schemas
      .flatMap((schema) => this.#expand(schema))
      .filter((one) => typeof one.properties === 'object' && one.properties !== null)
  }

  #step(schemas: readonly JsonSchema[], segment: Segment): readonly JsonSchema[] | undefined {
    const all = schemas.flatMap((schema) => this.#expand(schema))
    if (segment === elements) return children(all.map((one) => one.items))
    if (segment === properties) return undefined
    const objects = this.#objects(schemas)
    const open = all.map((one) => one.additionalProperties).filter((one) => one === true || isSchema(one))
    const found = objects
      .map((one) => (one.properties as Record<string, unknown>)[segment as string])
      .filter((one) => one !== undefined)
    if (found.length > 0) return children(found)
    if (open.length > 0) return children(open)
    return objects.length > 0 ? [] : undefined
  }

  /** The schema and what holds whenever it does: alternatives are not among them. */
  #certain(schema: JsonSchema, depth = 0): readonly JsonSchema[] {
    if (depth > deepest) return []
    const parts: unknown[] = Array.isArray(schema.allOf) ? [...schema.allOf] : []
    if (typeof schema.$ref === 'string') parts.push(this.#reference(schema.$ref))
    return [schema, ...parts.filter(isSchema).flatMap((part) => this.#certain(part, depth + 1))]
  }

  #expand(schema: JsonSchema, depth = 0): readonly JsonSchema[] {
    if (depth > deepest) return []
    const parts = [schema.allOf, schema.anyOf, schema.oneOf].flatMap((list) => (Array.isArray(list) ? list : []))
    if (typeof schema.$ref === 'string') parts.push(this.#reference(schema.$ref))
    return [schema, ...parts.filter(isSchema).flatMap((part) => this.#expand(part, depth + 1))]
  }

  #reference(reference: string): unknown {
    if (!reference.startsWith('#')) return undefined
    let at: unknown = this.#root
    for (const key of reference.slice(1).split('/').slice(1)) {
      const name = key.replaceAll('~1', '/').replaceAll('~0', '~')
      if (!isSchema(at) || !Object.hasOwn(at, name)) return undefined
      at = at[name]
    }
    return at
  }
}

const requiredBy = ({ required }: JsonSchema): readonly string[] =>
  Array.isArray(required) ? (required as string[]) : []

function children(candidates: readonly unknown[]): readonly JsonSchema[] | undefined {
  const found = candidates.filter(isSchema)
  return found.length === 0 ? undefined : found
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function typeOfJson(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number'
  return typeof value
}
