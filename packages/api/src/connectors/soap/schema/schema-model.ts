import type { ExpandedName } from '../xml/names.ts'

/** What an XML Schema says, as far as reading and writing values needs it. References are names until {@link SchemaSet} resolves them. */
export interface ElementDeclaration {
  readonly name: ExpandedName
  readonly local: string
  /** Empty for elements that stand without a namespace (`elementFormDefault="unqualified"`, parts of rpc messages). */
  readonly uri: string
  readonly type: TypeReference
  readonly nillable: boolean
  readonly abstract: boolean
  readonly fixed?: string | undefined
  /** Head of the substitution group. */
  readonly substitutes?: ExpandedName | undefined
  readonly documentation?: string | undefined
}

export type TypeReference = ExpandedName | SimpleType | ComplexType

export type Particle = ElementParticle | GroupParticle | ReferencedGroup | WildcardParticle

interface Occurring {
  readonly min: number
  /** Infinity for unbounded. */
  readonly max: number
}

export interface ElementParticle extends Occurring {
  readonly kind: 'element'
  readonly element: ElementDeclaration | { readonly reference: ExpandedName }
}

export interface GroupParticle extends Occurring {
  readonly kind: 'sequence' | 'choice' | 'all'
  readonly particles: readonly Particle[]
}

export interface ReferencedGroup extends Occurring {
  readonly kind: 'group'
  readonly reference: ExpandedName
}

export interface WildcardParticle extends Occurring {
  readonly kind: 'any'
}

export interface AttributeDeclaration {
  readonly local: string
  readonly uri: string
  readonly type: TypeReference
  readonly use: 'optional' | 'required' | 'prohibited'
  readonly fixed?: string | undefined
  readonly default?: string | undefined
}

/** Attributes as they stand in a type or an attribute group. */
export interface AttributeSet {
  readonly own: readonly (AttributeDeclaration | AttributeReference)[]
  readonly groups: readonly ExpandedName[]
  readonly any: boolean
}

export interface AttributeReference {
  readonly reference: ExpandedName
  readonly use: AttributeDeclaration['use']
}

export interface ComplexType {
  readonly variety: 'complex'
  readonly name: ExpandedName | undefined
  readonly abstract: boolean
  readonly mixed: boolean
  readonly derivation: 'extension' | 'restriction' | undefined
  readonly base: TypeReference | undefined
  /** `simple`: text of the base's type, with attributes. */
  readonly content: 'elements' | 'simple'
  readonly particle: Particle | undefined
  readonly attributes: AttributeSet
}

export interface SimpleType {
  readonly variety: 'atomic' | 'list' | 'union'
  readonly name: ExpandedName | undefined
  /** What an atomic type restricts; the item of a list; the base of a restricted list or union. */
  readonly base: TypeReference | undefined
  readonly members: readonly TypeReference[]
  readonly enumeration: readonly string[] | undefined
  readonly whiteSpace: 'preserve' | 'replace' | 'collapse' | undefined
}

export interface GroupDefinition {
  readonly particle: Particle | undefined
}
