import type { FieldSchema } from '../json-schema/field-schema.ts'

/**
 * What a vendor's document says, as far as the check of manifests needs it: names, places and types. No prose, no examples. Facts are data
 * that can be stored, and are enough to repeat the check without the document.
 */
export type SourceFacts = DescriptionFacts | GraphqlFacts | ClientFacts

interface Source {
  /** As manifests name it in `sources`. */
  readonly ref: string
  /** Of the document; of a client the SHA-256 of the files that were read, in the order of their names. */
  readonly sha256: string
  readonly version?: string | undefined
  /** Every operation that no manifest uses, as `GET /pets/{id}`, sorted. */
  readonly others: readonly string[]
}

/** Facts of a description that is published by the vendor. */
export interface DescriptionFacts extends Source {
  readonly kind: 'description'
  /** What it was read from, such as `openapi-3.0`. */
  readonly format: string
  /** Base URLs; empty when the document names none. */
  readonly servers: readonly string[]
  /** Ways to authenticate, by the document's name for them. */
  readonly security: Readonly<Record<string, readonly SecurityFacts[]>>
  /** Those that manifests use, by method and path. */
  readonly operations: Readonly<Record<string, OperationFacts>>
}

/** Facts of a GraphQL schema. */
export interface GraphqlFacts extends Source {
  readonly kind: 'graphql'
  /** The types as far as documents of manifests use them, in GraphQL's own language and without descriptions. */
  readonly schema: string
}

/** Facts of a client package that the vendor generates: the paths that stand in it. */
export interface ClientFacts extends Source {
  readonly kind: 'client'
  readonly package: string
  /** Subresource integrity of the package, as registries tell it. */
  readonly integrity?: string | undefined
  /** Paths in the package that manifests use, in their own writing, with the methods that stand beside them. */
  readonly paths: Readonly<Record<string, readonly string[]>>
}

export interface SecurityFacts {
  readonly scheme: string
  readonly in?: string | undefined
  readonly name?: string | undefined
}

export interface OperationFacts {
  readonly id?: string | undefined
  /** Replaces those of the document. */
  readonly servers?: readonly string[] | undefined
  readonly parameters: readonly ParameterFacts[]
  /** Alternatives, each the names of schemes that are needed together. Absent: the document says nothing. */
  readonly security?: readonly (readonly string[])[] | undefined
  readonly body?: BodyFacts | undefined
  /** By status. */
  readonly answers: Readonly<Record<string, MediaFacts>>
}

export interface ParameterFacts {
  readonly name: string
  readonly in: 'path' | 'query' | 'header' | 'cookie'
  readonly required?: true | undefined
  readonly style?: string | undefined
  readonly schema?: FieldSchema | undefined
}

export interface BodyFacts {
  readonly required?: true | undefined
  readonly media: MediaFacts
}

/** By media type: a reduced schema, or null where the document gives none. */
export type MediaFacts = Readonly<Record<string, FieldSchema | null>>
