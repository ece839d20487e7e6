import type { SchemaData } from '../connectors/soap/schema/schema-data.ts'
import type { Finding } from './finding.ts'
import type { SchemaNode, Schemas } from './schema.ts'

/** How an API is spoken. Formats of one protocol give the same model, whatever they are written in. */
export type Protocol = 'rest' | 'graphql' | 'soap'

/** One API, read from whatever its vendor publishes. */
export interface ApiModel {
  readonly protocol: Protocol
  /** What it was read from, such as `openapi-3.0`, `swagger-2.0`, `google-discovery`, `aws-rest-json`, `odata-4.0`. */
  readonly format: string
  /** URL that the description was read from; undefined for text. */
  readonly location?: string | undefined
  /** Of the description's bytes, in hex. */
  readonly sha256?: string | undefined
  readonly title: string
  /** The API's own version, as published; empty when the document names none. */
  readonly version: string
  readonly summary?: string | undefined
  readonly description?: string | undefined
  readonly links: { readonly documentation?: string | undefined; readonly terms?: string | undefined }
  readonly licence?: string | undefined
  readonly servers: readonly ServerModel[]
  /** By the name that security requirements use. */
  readonly security: ReadonlyMap<string, SecurityScheme>
  readonly operations: readonly OperationModel[]
  readonly schemas: Schemas
  /** `soap`: the XML schemas of its messages, with elements for all that `binding` names. */
  readonly xml?: SchemaData | undefined
  /** What was repaired or left out while reading. */
  readonly findings: readonly Finding[]
}

export interface ServerModel {
  /** May hold `{name}` of `variables`. Relative when the document was not read from a URL. */
  readonly url: string
  readonly description?: string | undefined
  readonly variables: ReadonlyMap<string, ServerVariable>
}

export interface ServerVariable {
  readonly default?: string | undefined
  readonly values?: readonly string[] | undefined
  readonly description?: string | undefined
}

export type SchemeName =
  | 'none'
  | 'basic'
  | 'bearer'
  | 'api-key'
  | 'oauth2-client-credentials'
  | 'oauth2-code'
  | 'oauth2-password'
  | 'oauth2-implicit'
  | 'oauth2-jwt-bearer'
  | 'openid-connect'
  | 'aws-sigv4'
  | 'mtls'
  | 'unknown'

/** One way in which a security scheme can be satisfied, under the names of core's credential schemes where core has one. */
export interface SecurityMethod {
  readonly scheme: SchemeName
  /** `api-key`: where it goes. */
  readonly in?: 'header' | 'query' | 'cookie' | undefined
  /** `api-key`: the header's, key's or cookie's name. */
  readonly name?: string | undefined
  /** `bearer`: a hint of the token's format. */
  readonly bearerFormat?: string | undefined
  readonly authorizationUrl?: string | undefined
  readonly tokenUrl?: string | undefined
  readonly refreshUrl?: string | undefined
  /** OAuth scopes with their meaning. */
  readonly scopes?: ReadonlyMap<string, string> | undefined
  /** `aws-sigv4`: the service's signing name. */
  readonly service?: string | undefined
  /** `unknown`: the word that the document uses. */
  readonly word?: string | undefined
}

export interface SecurityScheme {
  readonly name: string
  readonly description?: string | undefined
  /** More than one for OAuth schemes with several flows. Never empty. */
  readonly methods: readonly SecurityMethod[]
}

/** Scheme names that together open an operation, with the scopes asked of each. Empty: no credential is needed. */
export type SecurityRequirement = ReadonlyMap<string, readonly string[]>

export type ParameterPlace = 'path' | 'query' | 'header' | 'cookie'
export type ParameterStyle = 'simple' | 'form' | 'space' | 'pipe' | 'tab' | 'deep' | 'label' | 'matrix' | 'json'

export interface ParameterModel {
  readonly name: string
  readonly in: ParameterPlace
  readonly required: boolean
  readonly description?: string | undefined
  readonly deprecated?: boolean | undefined
  readonly schema: SchemaNode
  /** How lists and objects are written. `json`: the value is JSON text. */
  readonly style: ParameterStyle
  /** True: one entry per value (`a=1&a=2`). */
  readonly explode: boolean
  /** True for path parameters that may span several segments (`{name+}`). */
  readonly slashes?: boolean | undefined
}

export interface MediaTypeModel {
  /** Lower case, without parameters that say nothing about the shape, such as `application/json`. */
  readonly type: string
  readonly schema?: SchemaNode | undefined
  /** The header as published when it has parameters. */
  readonly header?: string | undefined
}

export interface BodyModel {
  readonly required: boolean
  readonly description?: string | undefined
  /** In the order of the document. */
  readonly media: readonly MediaTypeModel[]
}

export interface ResponseModel {
  /** `200`, `2XX` or `default`. */
  readonly status: string
  readonly description?: string | undefined
  readonly media: readonly MediaTypeModel[]
  readonly headers: ReadonlyMap<string, SchemaNode>
}

/** What a description says about paging in so many words. Names and dotted paths are the vendor's. */
export interface PagingHint {
  readonly by: 'microsoft' | 'google' | 'aws' | 'odata'
  readonly items?: string | undefined
  readonly nextLink?: string | undefined
  readonly tokenInput?: string | undefined
  readonly tokenOutput?: string | undefined
  readonly limitInput?: string | undefined
}

/** What the other protocols need beside path and method. */
export type Binding =
  | {
      readonly kind: 'graphql'
      readonly operation: 'query' | 'mutation' | 'subscription'
      readonly field: string
      readonly [more: string]: unknown
    }
  | {
      readonly kind: 'soap'
      readonly action: string
      readonly version: '1.1' | '1.2'
      readonly [more: string]: unknown
    }
  | { readonly kind: 'aws'; readonly protocol: string; readonly action: string; readonly [more: string]: unknown }

/** Read from the description when it is asked for: keep what is used more than once in a variable, and do not spread it. */
export interface OperationModel {
  /** Unique and stable within the API: method and published path, such as `GET /pets/{id}`. */
  readonly key: string
  /** As published; not always there and not always unique. */
  readonly id?: string | undefined
  /** Upper case. */
  readonly method: string
  /** The path that is requested, with `{name}` for path parameters; no query, no fragment. */
  readonly path: string
  readonly summary?: string | undefined
  readonly description?: string | undefined
  readonly tags: readonly string[]
  readonly deprecated: boolean
  readonly parameters: readonly ParameterModel[]
  /** Query keys that the published path itself holds. */
  readonly fixedQuery?: ReadonlyMap<string, string> | undefined
  readonly body?: BodyModel | undefined
  readonly responses: readonly ResponseModel[]
  /** Alternatives; one suffices. Empty: the document says nothing. */
  readonly security: readonly SecurityRequirement[]
  /** Replaces the API's servers. */
  readonly servers?: readonly ServerModel[] | undefined
  readonly paging?: PagingHint | undefined
  readonly binding?: Binding | undefined
  readonly documentation?: string | undefined
}
