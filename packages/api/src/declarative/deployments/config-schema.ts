import { type Issue, type Schema, schema } from '@patchbay/core'
import { compileSchema, type Verdict } from '../../json-schema/compile-schema.ts'
import type { FieldSchema } from '../../json-schema/field-schema.ts'
import { toJsonSchema } from '../../json-schema/to-json-schema.ts'
import { type Manifest, schemasOf, type Values } from '../manifest-parts.ts'
import { baseTemplate, deploymentOf, placeOf, variablesOfDeployment } from './place.ts'
import { TemplateProblem } from './url-template.ts'

type Check = (value: unknown) => Verdict

/**
 * The schema of a connection's configuration: the fields of the manifest, `deployment` and `region` where there is a choice, and
 * `apiVersion` where several are supported. Only fields that the chosen deployment uses are required, and those that no URL uses.
 */
export function configSchema<Config>(manifest: Manifest): Schema<Config> {
  let checks: ReadonlyMap<string, Check> | undefined
  let json: ReturnType<typeof toJsonSchema> | undefined
  const made = schema<Config>((value) => {
    checks ??= compileFields(manifest)
    return checkConfig(manifest, checks, value) as { readonly value: Config } | { readonly issues: readonly Issue[] }
  })
  const jsonSchema = () => {
    json ??= toJsonSchema(formOf(manifest), schemasOf(manifest))
    return { ...json }
  }
  Object.assign(made['~standard'], { jsonSchema: { input: jsonSchema, output: jsonSchema } })
  return made
}

function compileFields(manifest: Manifest): ReadonlyMap<string, Check> {
  const named = schemasOf(manifest)
  return new Map(
    Object.entries(manifest.config ?? {}).map(([name, field]) => [name, compileSchema(field, named, 'strict')]),
  )
}

function checkConfig(manifest: Manifest, checks: ReadonlyMap<string, Check>, value: unknown) {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return { issues: [{ path: '', message: 'must be an object' }] }
  const given = value as Values
  const issues: Issue[] = []
  const config: Record<string, unknown> = {}
  const choices = choicesOf(manifest)
  const known = [...choices.keys(), ...checks.keys()]
  for (const name of Object.keys(given))
    if (!known.includes(name) && given[name] !== undefined)
      issues.push({ path: name, message: `is not a field; there are ${known.join(', ')}` })
  for (const [name, options] of choices) {
    const chosen = Object.hasOwn(given, name) ? given[name] : undefined
    if (chosen === undefined) continue
    if (options.includes(chosen as string)) config[name] = chosen
    else issues.push({ path: name, message: `must be one of ${options.join(', ')}` })
  }
  for (const [name, check] of checks) {
    const own = Object.hasOwn(given, name) ? given[name] : undefined
    const field = manifest.config?.[name] as FieldSchema
    const verdict = own === undefined ? { value: field.default } : check(own)
    if ('value' in verdict) {
      if (verdict.value !== undefined) config[name] = verdict.value
    } else
      for (const issue of verdict.issues) issues.push({ ...issue, path: [name, issue.path].filter(Boolean).join('.') })
  }
  if (issues.length > 0) return { issues }
  try {
    settle(manifest, config)
  } catch (problem) {
    if (!(problem instanceof TemplateProblem)) throw problem
    return { issues: [problem.issue] }
  }
  return { value: config }
}

/** Writes what was chosen by default, and refuses what is missing and what leads nowhere. */
function settle(manifest: Manifest, config: Record<string, unknown>): void {
  const deployment = deploymentOf(manifest, config)
  const template = baseTemplate(deployment, config, manifest.config)
  const needed = new Set(variablesOfDeployment(deployment, template))
  const inUrls = new Set(
    manifest.deployments.flatMap((one) => variablesOfDeployment(one, undefined).concat(templatesOf(one))),
  )
  for (const name of Object.keys(manifest.config ?? {}))
    if (config[name] === undefined && (needed.has(name) || !inUrls.has(name)))
      throw new TemplateProblem(name, 'is missing')
  config.deployment = deployment.id
  const regions = Object.keys(deployment.regions ?? {})
  if (regions.length === 1) config.region ??= regions[0]
  if (manifest.apiVersions !== undefined) config.apiVersion ??= manifest.apiVersions.default
  placeOf(manifest, config)
}

function templatesOf(deployment: Manifest['deployments'][number]): readonly string[] {
  const templates = [deployment.url ?? '', ...Object.values(deployment.regions ?? {})]
  return templates.flatMap((template) => variablesOfDeployment(deployment, template))
}

function choicesOf(manifest: Manifest): ReadonlyMap<string, readonly string[]> {
  const choices = new Map([['deployment', manifest.deployments.map(({ id }) => id)]])
  const regions = manifest.deployments.flatMap((one) => Object.keys(one.regions ?? {}))
  if (regions.length > 0) choices.set('region', [...new Set(regions)])
  const versions = manifest.apiVersions?.supported.map(({ version }) => version)
  if (versions !== undefined) choices.set('apiVersion', versions)
  return choices
}

/** For forms: the choices first. What is required depends on the deployment; here stands what all of them need. */
function formOf(manifest: Manifest): FieldSchema {
  const properties: Record<string, FieldSchema> = {}
  for (const [name, options] of choicesOf(manifest))
    if (options.length > 1) properties[name] = { enum: options, title: titles[name] }
  Object.assign(properties, manifest.config)
  const needs = manifest.deployments.map(
    (one) => new Set(variablesOfDeployment(one, undefined).concat(templatesOf(one))),
  )
  const required = Object.entries(manifest.config ?? {})
    .filter(([name, field]) => (field as FieldSchema).default === undefined && needs.every((one) => one.has(name)))
    .map(([name]) => name)
  if (manifest.deployments.length > 1) required.unshift('deployment')
  return { type: 'object', properties, required, additionalProperties: false }
}

const titles: Readonly<Record<string, string>> = {
  deployment: 'Deployment',
  region: 'Region',
  apiVersion: 'API version',
}
