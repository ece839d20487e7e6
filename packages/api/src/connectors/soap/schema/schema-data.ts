/**
 * XML schemas as a manifest holds them: what reading and writing values needs, in JSON, with no text of the vendor's. Names are those of XML
 * with a prefix of `prefixes`; without a prefix they belong to no namespace. `xs` is XML Schema, `xml` is XML's own.
 */
export interface SchemaData {
  readonly prefixes: Readonly<Record<string, string>>
  readonly elements: Readonly<Record<string, ElementData>>
  readonly types?: Readonly<Record<string, TypeData>> | undefined
  readonly groups?: Readonly<Record<string, ParticleData>> | undefined
}

/** The name of a type, or the type itself. */
export type TypeReferenceData = string | TypeData
export type TypeData = SimpleData | ComplexData

export interface ElementData {
  /** Left out: anything. */
  readonly type?: TypeReferenceData | undefined
  readonly nillable?: boolean | undefined
  readonly abstract?: boolean | undefined
  readonly fixed?: string | undefined
  /** The element in whose place it may stand. */
  readonly substitutes?: string | undefined
}

export interface SimpleData {
  readonly simple: 'atomic' | 'list' | 'union'
  /** What it restricts; the item of a list. Default xs:string. */
  readonly base?: TypeReferenceData | undefined
  readonly members?: readonly TypeReferenceData[] | undefined
  readonly values?: readonly string[] | undefined
  readonly space?: 'preserve' | 'replace' | 'collapse' | undefined
}

export interface ComplexData {
  readonly base?: TypeReferenceData | undefined
  /** How it comes from its base. */
  readonly by?: 'extension' | 'restriction' | undefined
  /** True: text of the base's type, with attributes. */
  readonly text?: boolean | undefined
  readonly abstract?: boolean | undefined
  readonly mixed?: boolean | undefined
  readonly content?: ParticleData | undefined
  readonly attributes?: Readonly<Record<string, AttributeData>> | undefined
  readonly anyAttribute?: boolean | undefined
}

export interface AttributeData {
  /** Left out: xs:string. */
  readonly type?: TypeReferenceData | undefined
  readonly use?: 'required' | 'prohibited' | undefined
  readonly fixed?: string | undefined
  readonly default?: string | undefined
}

/** How often it stands: once unless said otherwise. */
interface Occurring {
  readonly min?: number | undefined
  readonly max?: number | 'unbounded' | undefined
}

export type ParticleData = Occurring &
  (
    | (ElementData & { readonly element: string })
    | { readonly ref: string }
    | { readonly group: string }
    | { readonly sequence: readonly ParticleData[] }
    | { readonly choice: readonly ParticleData[] }
    | { readonly all: readonly ParticleData[] }
    | { readonly any: true }
  )
