import { type Issue, type JsonSchema, patchbayError } from '@patchbay/core'
import type { DeclaredCredential, Manifest, Values } from '../manifest-parts.ts'
import type { SchemePlan } from './scheme-plan.ts'
import { schemePlan } from './scheme-plans.ts'

/** What users supply for one credential of a manifest: JSON Schema of an object, closed. Fields with `writeOnly` are secrets. */
export function credentialFields(manifest: Manifest, credential: DeclaredCredential): JsonSchema {
  return fieldsOfPlan(schemePlan(manifest, credential), credential)
}

export function fieldsOfPlan(plan: SchemePlan, credential: DeclaredCredential): JsonSchema {
  const known =
    (plan.base.scheme.fields as { readonly properties?: Readonly<Record<string, JsonSchema>> }).properties ?? {}
  const properties: Record<string, JsonSchema> = {}
  for (const name of plan.fields) {
    const own =
      credential.fields !== undefined && Object.hasOwn(credential.fields, name) ? credential.fields[name] : undefined
    const usual: JsonSchema = Object.hasOwn(known, name)
      ? (known[name] as JsonSchema)
      : { type: 'string', title: titleOf(name) }
    const secret = plan.secrets?.includes(name) === true ? { writeOnly: true } : {}
    properties[name] = { ...usual, ...(own as JsonSchema | undefined), ...secret }
  }
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    type: 'object',
    properties,
    required: plan.fields.filter((name) => !plan.optional.includes(name)),
    additionalProperties: false,
  }
}

const titleOf = (name: string): string =>
  name
    .replace(/^[a-z]/, (letter) => letter.toUpperCase())
    .replace(/[A-Z]/g, (letter, at: number) => (at === 0 ? letter : ` ${letter.toLowerCase()}`))

/** Refuses what is no field of the credential before core does, whose messages would name fields that the manifest has settled. */
export function checkFields(id: string, plan: SchemePlan, fields: unknown): Values {
  const issues: Issue[] = []
  if (typeof fields !== 'object' || fields === null) {
    issues.push({ path: '', message: `must be an object with ${plan.fields.join(', ') || 'no fields'}` })
  } else {
    for (const name of Object.keys(fields))
      if (!plan.fields.includes(name))
        issues.push({ path: name, message: `is not a field; there are ${plan.fields.join(', ') || 'none'}` })
    for (const name of plan.fields)
      if (!plan.optional.includes(name) && (fields as Values)[name] === undefined)
        issues.push({ path: name, message: 'is missing' })
  }
  if (issues.length === 0) return fields as Values
  throw patchbayError({
    kind: 'config',
    code: 'credential-config',
    message: `the credential ${id} cannot be used`,
    issues,
  })
}
