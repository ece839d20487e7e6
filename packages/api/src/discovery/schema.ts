import type { SourceDocument } from './source-document.ts'

/** A schema as it stands in a document, not yet looked at. Equal `raw` objects are the same schema. */
export interface SchemaNode {
  readonly raw: unknown
  readonly document: SourceDocument
}

export type JsonType = 'string' | 'number' | 'integer' | 'boolean' | 'object' | 'array' | 'null'

/** One level of a schema in the words of JSON Schema 2020-12, whatever dialect it is written in. References are followed. */
export interface SchemaView {
  /** Name under which the document declares it; undefined for schemas in place. */
  readonly name?: string | undefined
  /** What identifies it, for cycle checks. */
  readonly identity: unknown
  /** Empty: any. */
  readonly types: readonly JsonType[]
  readonly title?: string | undefined
  readonly description?: string | undefined
  readonly format?: string | undefined
  readonly enum?: readonly unknown[] | undefined
  readonly const?: { readonly value: unknown } | undefined
  readonly default?: { readonly value: unknown } | undefined
  readonly examples: readonly unknown[]
  readonly pattern?: string | undefined
  readonly minLength?: number | undefined
  readonly maxLength?: number | undefined
  readonly minimum?: number | undefined
  readonly maximum?: number | undefined
  readonly exclusiveMinimum?: number | undefined
  readonly exclusiveMaximum?: number | undefined
  readonly multipleOf?: number | undefined
  readonly minItems?: number | undefined
  readonly maxItems?: number | undefined
  readonly uniqueItems?: boolean | undefined
  readonly properties: ReadonlyMap<string, SchemaNode>
  readonly required: ReadonlySet<string>
  /** False: closed. Undefined: the document says nothing. */
  readonly additional?: boolean | SchemaNode | undefined
  readonly items?: SchemaNode | undefined
  readonly prefixItems?: readonly SchemaNode[] | undefined
  readonly allOf: readonly SchemaNode[]
  readonly oneOf: readonly SchemaNode[]
  readonly anyOf: readonly SchemaNode[]
  readonly readOnly?: boolean | undefined
  readonly writeOnly?: boolean | undefined
  readonly deprecated?: boolean | undefined
}

/** The schemas of one API, read when they are asked for and never expanded as a whole. */
export interface Schemas {
  readonly names: Iterable<string>
  named(name: string): SchemaNode | undefined
  /** Looks at one level. A reference that leads nowhere is a schema that accepts anything, with a finding. */
  view(node: SchemaNode): SchemaView
  /** The fields of an object with those of its `allOf`; undefined when it is surely no object. */
  fields(node: SchemaNode): ObjectFields | undefined
}

export interface ObjectFields {
  readonly properties: ReadonlyMap<string, SchemaNode>
  readonly required: ReadonlySet<string>
  readonly additional?: boolean | SchemaNode | undefined
}
