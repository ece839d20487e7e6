import type { Random } from '@patchbay/core'
import { onList } from '../declarative/deployments/host-list.ts'
import type { FieldSchema } from '../json-schema/field-schema.ts'
import { sample } from '../json-schema/sampler.ts'
import type { IntegrationManifest } from '../manifest/manifest.ts'

export interface ConfigChoice {
  readonly deployment?: string | undefined
  readonly region?: string | undefined
  /** A credential whose endpoints the configuration must lead to. */
  readonly credential?: string | undefined
}

/** A configuration that the integration takes, for a deployment of the vendor that does not exist. */
export function simulatedConfig(
  manifest: IntegrationManifest,
  random: Random,
  choice: ConfigChoice = {},
): Record<string, unknown> {
  const { deployments, config = {}, id } = manifest
  const deployment =
    deployments.find((one) => one.id === choice.deployment) ?? deploymentFor(manifest, choice.credential)
  const chosen: Record<string, unknown> = {}
  if (deployments.length > 1) chosen.deployment = deployment?.id
  const regions = Object.keys(deployment?.regions ?? {})
  const region = choice.region ?? regions[0]
  if (regions.length > 1) chosen.region = region
  const base = deployment?.url ?? deployment?.regions?.[region ?? ''] ?? ''
  const others = [...Object.values(deployment?.origins ?? {}), ...(deployment?.redirectTo ?? [])]
  const used = new Set([base, ...others].flatMap(variables))
  const anywhere = new Set(deployments.flatMap(variablesOf))
  for (const [name, field] of Object.entries(config)) {
    if (anywhere.has(name) && !used.has(name)) continue
    const schema = field as FieldSchema
    chosen[name] = valueFor(name, schema, [base, ...others], id, random)
  }
  return chosen
}

type Deployment = IntegrationManifest['deployments'][number]

const variablesOf = ({ url = '', regions = {}, origins = {} }: Deployment): string[] =>
  [url, ...Object.values(regions), ...Object.values(origins)].flatMap(variables)

/** The first deployment in whose configuration the endpoints of a credential can be filled, and whose hosts have them. */
function deploymentFor(
  { deployments, credentials }: IntegrationManifest,
  id: string | undefined,
): Deployment | undefined {
  const credential = credentials.find((one) => one.id === id)
  const needed = credential !== undefined && 'settle' in credential ? variables(JSON.stringify(credential.settle)) : []
  const anywhere = new Set(deployments.flatMap(variablesOf))
  const endpoint =
    credential !== undefined && 'settle' in credential && 'tokenEndpoint' in credential.settle
      ? credential.settle.tokenEndpoint
      : ''
  const host = /^https:\/\/([^/{}:]+)/.exec(endpoint)?.[1]
  const fitting = deployments.find((one) => {
    const own = variablesOf(one)
    const reached = host === undefined || onList(host, one.hosts ?? [])
    return reached && needed.every((name) => own.includes(name) || !anywhere.has(name))
  })
  return fitting ?? deployments[0]
}

const variables = (template: string): string[] =>
  [...template.matchAll(/\{([a-z][A-Za-z0-9]*)\}/g)].map(([, name]) => name as string)

function valueFor(
  name: string,
  schema: FieldSchema,
  templates: readonly string[],
  id: string,
  random: Random,
): unknown {
  const whole = templates.find((template) => template.startsWith(`{${name}}`))
  if (whole !== undefined) return `https://${id}.example.com`
  if (templates.some((template) => new RegExp(`^https?://\\{${name}\\}(?=[:/]|$)`).test(template)))
    return `${id}.example.com`
  const [example] = schema.examples ?? []
  if (schema.default !== undefined && schema.default !== '') return schema.default
  if (example !== undefined) return example
  const inHost = templates.some((template) => new RegExp(`^https?://[^/]*\\{${name}\\}`).test(template))
  if (inHost && schema.enum === undefined && schema.pattern === undefined) return 'acme'
  const made = sample(schema, {}, random, { side: 'input', name, optional: 0 })
  return inHost && typeof made === 'string' && schema.enum === undefined && schema.pattern !== undefined
    ? new RegExp(schema.pattern).test('acme')
      ? 'acme'
      : made
    : made
}
