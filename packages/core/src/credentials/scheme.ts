import type { CredentialScheme, CredentialSource } from '../credential.ts'
import type { JsonSchema } from '../schema.ts'

/** Makes sources from what a user supplies, and describes itself as data: `bearer({ token })` and `bearer.scheme`. */
export interface SchemeFunction<Config> {
  (config: Config): CredentialSource
  /** For `credentials: [bearer.scheme]` of a connector, forms and the catalog. */
  readonly scheme: CredentialScheme
}

export function defineScheme<Config>(
  scheme: CredentialScheme,
  make: (config: Config) => CredentialSource,
): SchemeFunction<Config> {
  return Object.assign((config: Config) => make(config), { scheme })
}

/**
 * A scheme with some of its fields settled by the connector, so that its users supply only the rest:
 * `presetScheme(apiKey, { in: 'header', name: 'x-api-key' }, { title: 'API key of the account' })`. A connector that lists the result takes
 * no other form of the same scheme, so that a key never ends up in a place that the vendor does not read.
 */
export function presetScheme<Config extends object, const Fixed extends Partial<Config>>(
  base: SchemeFunction<Config>,
  fixed: Fixed,
  naming: { readonly title?: string } = {},
): SchemeFunction<Omit<Config, keyof Fixed>> {
  const fields = base.scheme.fields as { properties?: Readonly<Record<string, unknown>>; required?: readonly string[] }
  const properties = Object.fromEntries(Object.entries(fields.properties ?? {}).filter(([name]) => !(name in fixed)))
  const required = (fields.required ?? []).filter((name) => !(name in fixed))
  const preset = JSON.stringify([base.scheme.preset, Object.entries(fixed).toSorted(([a], [b]) => (a < b ? -1 : 1))])
  const scheme = { ...base.scheme, ...naming, preset, fields: { ...fields, properties, required } }
  return defineScheme(scheme, (config) => ({ ...base({ ...config, ...fixed } as unknown as Config), preset }))
}

/** JSON Schema of a scheme's fields: an object, closed. */
export function fieldsOf(
  properties: Readonly<Record<string, JsonSchema>>,
  required: readonly string[] = Object.keys(properties),
): JsonSchema {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    type: 'object',
    properties,
    required,
    additionalProperties: false,
  }
}

export const textField = (title: string, more: JsonSchema = {}): JsonSchema => ({
  type: 'string',
  minLength: 1,
  title,
  ...more,
})
export const secretField = (title: string, more: JsonSchema = {}): JsonSchema =>
  textField(title, { writeOnly: true, ...more })
export const urlField = (title: string): JsonSchema => textField(title, { format: 'uri' })
