import type { JsonSchema } from '@patchbay/core'

/** An OpenAPI 3.1 document, as far as it is written here. */
export interface OpenApiDocument {
  readonly openapi: '3.1.0'
  readonly info: {
    readonly title: string
    readonly version: string
    readonly summary?: string | undefined
    readonly description?: string | undefined
  }
  readonly externalDocs?: { readonly url: string } | undefined
  readonly servers?: readonly OpenApiServer[] | undefined
  readonly tags?: readonly { readonly name: string }[] | undefined
  readonly paths: Readonly<Record<string, Readonly<Record<string, unknown>>>>
  readonly webhooks?: Readonly<Record<string, Readonly<Record<string, unknown>>>> | undefined
  readonly components?:
    | {
        readonly schemas?: Readonly<Record<string, JsonSchema>> | undefined
        readonly securitySchemes?: Readonly<Record<string, Readonly<Record<string, unknown>>>> | undefined
      }
    | undefined
  readonly security?: readonly Readonly<Record<string, readonly string[]>>[] | undefined
}

export interface OpenApiServer {
  readonly url: string
  readonly description?: string | undefined
  readonly variables?: Readonly<Record<string, OpenApiVariable>> | undefined
}

export interface OpenApiVariable {
  readonly default: string
  readonly enum?: readonly string[] | undefined
  readonly description?: string | undefined
}

/** Without the keys whose value is undefined: the document is data and is compared as such. */
export function defined<Value extends object>(value: Value): Value {
  return Object.fromEntries(Object.entries(value).filter(([, one]) => one !== undefined)) as Value
}
