import type { Value } from '@patchbay/core/credentials'
import { credentialFields as fieldsOf } from '../declarative/credentials/credential-fields.ts'
import { fieldsInPath } from '../declarative/credentials/references.ts'
import type { FieldSchema } from '../json-schema/field-schema.ts'
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

type Manifest = Pick<IntegrationManifest, 'signers'>

interface FieldsSchema {
  readonly properties: Readonly<Record<string, FieldSchema>>
  readonly required: readonly string[]
}

/** What users supply for a credential, in the order of forms. */
export function credentialFields(credential: ManifestCredential, manifest: Manifest): CredentialField[] {
  const { properties, required } = fieldsOf(manifest as IntegrationManifest, credential) as unknown as FieldsSchema
  return Object.entries(properties).map(([name, field]) => ({
    name,
    required: required.includes(name),
    secret: field.writeOnly === true,
    title: field.title ?? name,
    help: field['x-help'],
  }))
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
export function valuesOf(credential: ManifestCredential, manifest: Manifest): readonly Value[] {
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
      ...fieldsInPath(step.path).map((field) => ({ field })),
    ])
    .concat(writes.map(({ value }) => value)) as Value[]
}
