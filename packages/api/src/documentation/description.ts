import type { Effect, JsonSchema, Risk } from '@patchbay/core'

/** Everything that documentation says about a connector, whether it is a manifest or code. Texts are as their authors wrote them. */
export interface ConnectorDescription {
  readonly id: string
  readonly title: string
  readonly summary: string
  readonly version: string
  readonly vendor?: { readonly name: string; readonly homepage?: string | undefined } | undefined
  /** The vendor's pages. */
  readonly documentation?: string | undefined
  readonly stage?: 'preview' | 'stable' | 'deprecated' | undefined
  readonly addresses: readonly AddressDescription[]
  /** JSON Schema of the configuration, when it can be told. */
  readonly config?: JsonSchema | undefined
  readonly credentials: readonly CredentialDescription[]
  readonly limits: readonly LimitDescription[]
  readonly operations: readonly OperationDescription[]
  readonly streams: readonly StreamDescription[]
  readonly webhooks: readonly WebhookDescription[]
  readonly mappings: readonly MappingDescription[]
  /** What `#/schemas/<Name>` stands for. */
  readonly schemas: Readonly<Record<string, JsonSchema>>
  /** Of the whole connector: that of its lowest operation. */
  readonly evidence?: string | undefined
}

export interface AddressDescription {
  readonly id: string
  readonly kind: string
  /** With {name} for fields of the configuration. */
  readonly urls: readonly { readonly region?: string | undefined; readonly url: string }[]
}

export interface CredentialDescription {
  readonly id: string
  readonly scheme: string
  readonly title: string
  /** Where a person gets it. */
  readonly help?: { readonly text?: string | undefined; readonly link?: string | undefined } | undefined
  readonly fields: readonly {
    readonly name: string
    readonly title: string
    readonly required: boolean
    readonly secret: boolean
    readonly help?: string | undefined
  }[]
  /** The vendor's permissions with their meaning. */
  readonly scopes: Readonly<Record<string, string>>
}

export interface LimitDescription {
  readonly units: number
  readonly perMs: number
  readonly scope?: string | undefined
  readonly operations?: readonly string[] | undefined
  /** The page that states it. */
  readonly source?: string | undefined
  readonly date?: string | undefined
}

export interface OperationDescription {
  readonly name: string
  readonly summary?: string | undefined
  readonly effect: Effect
  readonly risk: Risk
  /** `GET /tickets/{id}`, where the connector is a manifest. */
  readonly request?: string | undefined
  readonly input?: JsonSchema | undefined
  /** Of the answer, or of one record where the answers are pages. */
  readonly output?: JsonSchema | undefined
  readonly paged: boolean
  readonly scopes: readonly string[]
  readonly cost?: number | undefined
  readonly deprecated?: boolean | undefined
  readonly note?: string | undefined
  readonly reversedBy?: string | undefined
  /** `E1` to `E5`, when it was computed. */
  readonly evidence?: string | undefined
}

export interface StreamDescription {
  readonly name: string
  readonly summary?: string | undefined
  readonly operation?: string | undefined
  readonly order: string
  readonly boundary?: string | undefined
  readonly cursor: string
  readonly lagMs?: number | undefined
}

export interface WebhookDescription {
  readonly name: string
  readonly summary?: string | undefined
  /** How messages are verified. */
  readonly verification: string
  readonly documentation?: string | undefined
  readonly events: readonly { readonly type: string; readonly summary?: string | undefined }[]
}

export interface MappingDescription {
  readonly name: string
  readonly model: string
  readonly from: string
  readonly fields: readonly string[]
  readonly unmapped: readonly string[]
}

export interface DescribeOptions {
  /** Evidence levels by operation, as computed. */
  readonly evidence?: Readonly<Record<string, string>> | undefined
}

/** The lowest of all operations; undefined when one of them has none. `E5` is the strongest, then come `E1` to `E4`. */
export function lowestEvidence(
  names: readonly string[],
  evidence: Readonly<Record<string, string>> = {},
): string | undefined {
  const strength = ['E5', 'E1', 'E2', 'E3', 'E4']
  const levels = names.map((name) => (Object.hasOwn(evidence, name) ? evidence[name] : undefined))
  if (names.length === 0 || levels.some((level) => level === undefined || !strength.includes(level))) return undefined
  return strength[Math.max(...levels.map((level) => strength.indexOf(level as string)))]
}
