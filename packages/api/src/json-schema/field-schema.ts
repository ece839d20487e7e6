/** The names of JSON's types (JSON Schema Validation 2020-12, 6.1.1). */
export type TypeName = 'string' | 'number' | 'integer' | 'boolean' | 'object' | 'array' | 'null'

export const typeNames: readonly TypeName[] = ['string', 'number', 'integer', 'boolean', 'object', 'array', 'null']

/** What kind of data a field holds, for data-flow records and redaction. `none` says that somebody looked and found nothing personal. */
export type DataClass =
  | 'identifier'
  | 'contact'
  | 'financial'
  | 'credential'
  | 'health'
  | 'location'
  | 'free-text'
  | 'special-category'
  | 'none'

export const dataClasses: readonly DataClass[] = [
  'identifier',
  'contact',
  'financial',
  'credential',
  'health',
  'location',
  'free-text',
  'special-category',
  'none',
]

/**
 * The part of JSON Schema 2020-12 that manifests may use for inputs and outputs. Its meaning is that of the specification; what the two
 * modes of validation do beyond it stands at {@link import('./compile-schema.ts').compileSchema}. An empty schema accepts everything.
 */
export interface FieldSchema {
  readonly type?: TypeName | readonly TypeName[] | undefined
  readonly enum?: readonly unknown[] | undefined
  readonly const?: unknown

  readonly properties?: Readonly<Record<string, FieldSchema>> | undefined
  readonly required?: readonly string[] | undefined
  /** Fields that `properties` does not name: refused (`false`), free (`true`), or of one shape. */
  readonly additionalProperties?: boolean | FieldSchema | undefined

  /** Every element, or those after `prefixItems`; `false` allows none. */
  readonly items?: false | FieldSchema | undefined
  readonly prefixItems?: readonly FieldSchema[] | undefined
  readonly minItems?: number | undefined
  readonly maxItems?: number | undefined
  readonly uniqueItems?: boolean | undefined

  /** In Unicode code points, as the specification counts. */
  readonly minLength?: number | undefined
  readonly maxLength?: number | undefined
  /** A regular expression of the safe kind that `pattern.ts` describes; it is not anchored. */
  readonly pattern?: string | undefined
  /** Checked in inputs when it is one of those in `formats.ts`; `binary` is a body of bytes, any other name an annotation. */
  readonly format?: string | undefined

  readonly minimum?: number | undefined
  readonly maximum?: number | undefined
  readonly exclusiveMinimum?: number | undefined
  readonly exclusiveMaximum?: number | undefined
  readonly multipleOf?: number | undefined

  readonly oneOf?: readonly FieldSchema[] | undefined
  readonly anyOf?: readonly FieldSchema[] | undefined
  readonly allOf?: readonly FieldSchema[] | undefined
  /** `#/schemas/<Name>`: one of the manifest's named schemas. Keywords beside it apply as well. */
  readonly $ref?: string | undefined

  readonly title?: string | undefined
  readonly description?: string | undefined
  readonly default?: unknown
  readonly examples?: readonly unknown[] | undefined
  readonly deprecated?: boolean | undefined
  /** Set by the vendor alone: no part of inputs. */
  readonly readOnly?: boolean | undefined
  /** Never answered by the vendor: no part of outputs. */
  readonly writeOnly?: boolean | undefined

  readonly 'x-data'?: DataClass | undefined
  /** Where a person finds the value, or what it does: one sentence for forms. */
  readonly 'x-help'?: string | undefined
}

/** The manifest's `schemas`, by name. */
export type NamedSchemas = Readonly<Record<string, FieldSchema>>

const place = '#/schemas/'

/** Names that a `$ref` can carry and that TypeScript takes as the name of a type. */
const nameShape = /^[A-Za-z_][A-Za-z0-9_]*$/

/** The name in `#/schemas/<Name>`; undefined for any other reference. */
export function refName(ref: string): string | undefined {
  const name = ref.startsWith(place) ? ref.slice(place.length) : undefined
  return name !== undefined && nameShape.test(name) ? name : undefined
}

/** The types that a schema names itself; undefined when it names none. */
export function typesOf(schema: FieldSchema): readonly TypeName[] | undefined {
  const { type } = schema
  return type === undefined ? undefined : typeof type === 'string' ? [type] : type
}
