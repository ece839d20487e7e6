import {
  apiKey,
  awsSigV4,
  basic,
  bearer,
  httpMessageSignature,
  mtls,
  oauth1,
  oauth2ClientCredentials,
  oauth2Code,
  oauth2JwtBearer,
  oauth2Password,
  oauth2RefreshToken,
  oauth2TokenExchange,
  type Value,
} from '@patchbay/core/credentials'
import type { IntegrationManifest } from './manifest.ts'

type ManifestCredential = IntegrationManifest['credentials'][number]

/** One thing that a user supplies for a credential. */
export interface CredentialField {
  readonly name: string
  readonly required: boolean
  readonly secret: boolean
  readonly title: string
  /** Where a person finds it. */
  readonly help: string | undefined
}

const schemes = {
  'api-key': apiKey,
  bearer,
  basic,
  mtls,
  oauth1,
  'aws-sigv4': awsSigV4,
  'http-message-signature': httpMessageSignature,
  'oauth2-code': oauth2Code,
  'oauth2-client-credentials': oauth2ClientCredentials,
  'oauth2-refresh-token': oauth2RefreshToken,
  'oauth2-password': oauth2Password,
  'oauth2-jwt-bearer': oauth2JwtBearer,
  'oauth2-token-exchange': oauth2TokenExchange,
} as const

interface FieldsSchema {
  readonly properties?: Readonly<Record<string, { readonly title?: string; readonly writeOnly?: boolean }>>
  readonly required?: readonly string[]
}

/** What the vendor settles of core's fields; users cannot change it. */
export const settledNames = (credential: ManifestCredential): readonly string[] =>
  'settle' in credential ? Object.keys(credential.settle) : []

/** The names that a scheme of core knows; undefined for signers and logins, whose fields the manifest names itself. */
export function schemeNames(credential: ManifestCredential): readonly string[] | undefined {
  if (credential.scheme === 'none') return []
  if (credential.scheme === 'signer' || credential.scheme === 'session') return undefined
  return Object.keys((schemes[credential.scheme].scheme.fields as FieldsSchema).properties ?? {})
}

/** What users supply for a credential, in the order of forms. */
export function credentialFields(credential: ManifestCredential): CredentialField[] {
  const { fields = {}, scheme } = credential
  if (scheme === 'none') return []
  if (scheme === 'signer' || scheme === 'session')
    return Object.entries(fields).map(([name, field]) => ({
      name,
      required: field.default === undefined,
      secret: field.writeOnly === true,
      title: field.title ?? name,
      help: field['x-help'],
    }))
  const { properties = {}, required = [] } = schemes[scheme].scheme.fields as FieldsSchema
  const settled = new Set(settledNames(credential))
  return Object.entries(properties)
    .filter(([name]) => !settled.has(name))
    .map(([name, field]) => {
      const more = Object.hasOwn(fields, name) ? fields[name] : undefined
      return {
        name,
        required: required.includes(name),
        secret: field.writeOnly === true,
        title: more?.title ?? field.title ?? name,
        help: more?.['x-help'],
      }
    })
}

/** Names of secrets and plain fields that the values of a signer or login refer to. */
export function valueNames(values: readonly unknown[]): {
  readonly secrets: Set<string>
  readonly fields: Set<string>
} {
  const found = { secrets: new Set<string>(), fields: new Set<string>() }
  const waiting: unknown[] = [...values]
  for (let value = waiting.pop(); value !== undefined; value = waiting.pop()) {
    if (typeof value !== 'object' || value === null) continue
    const one = value as Partial<Record<'secret' | 'field', unknown>>
    if (typeof one.secret === 'string') found.secrets.add(one.secret)
    if (typeof one.field === 'string') found.fields.add(one.field)
    waiting.push(...Object.values(value).filter((part) => part !== undefined))
  }
  return found
}

/** The values that a signer or login writes; those of other schemes have none. */
export function valuesOf(
  credential: ManifestCredential,
  manifest: Pick<IntegrationManifest, 'signers'>,
): readonly Value[] {
  if (credential.scheme === 'signer') {
    const { signer } = credential.settle
    const found = Object.hasOwn(manifest.signers ?? {}, signer) ? manifest.signers?.[signer] : undefined
    return (found?.writes ?? []).map(({ value }) => value as Value)
  }
  if (credential.scheme !== 'session') return []
  const { steps, writes, logout } = credential.settle
  return [...steps, ...(logout === undefined ? [] : [logout])]
    .flatMap((step) => [
      ...Object.values(step.headers ?? {}),
      ...Object.values(step.json ?? {}),
      ...Object.values(step.form ?? {}),
      ...(step.text === undefined ? [] : [step.text]),
    ])
    .concat(writes.map(({ value }) => value)) as Value[]
}
