import { type Deployment, entryOf, type Manifest, type Values } from '../manifest-parts.ts'
import { onList } from './host-list.ts'
import { type ResolvedUrl, resolveUrl, TemplateProblem, variablesOf } from './url-template.ts'

/** A base URL with the word for the address guard. */
export interface Origin {
  readonly url: string
  /** `builtin` when the host is fixed in the manifest. */
  readonly origin: 'builtin' | 'tenant'
}

/** Where a connection goes: every host that it may ever reach. */
export interface Place {
  readonly base: Origin
  /** `host:port` of the base URL. */
  readonly host: string
  readonly origins: ReadonlyMap<string, Origin>
  readonly redirectTo: readonly string[]
  /**
   * Fills another URL of the manifest, such as a token endpoint; a path is below the base URL, so it follows region and deployment.
   * @throws TemplateProblem also when it leads to a host that the deployment does not name
   */
  resolve(template: string, where: string): Origin
}

/** The deployment that a configuration chooses. @throws TemplateProblem */
export function deploymentOf({ deployments }: Manifest, config: Values): Deployment {
  const { deployment: id } = config
  const found = id === undefined && deployments.length === 1 ? deployments[0] : deployments.find((one) => one.id === id)
  if (found !== undefined) return found
  throw new TemplateProblem('deployment', `must be one of ${deployments.map((one) => one.id).join(', ')}`)
}

/** The template of the base URL, by region where there are some. @throws TemplateProblem */
export function baseTemplate(deployment: Deployment, config: Values, fields: Manifest['config'] = {}): string {
  const { regions, url } = deployment
  const names = Object.keys(regions ?? {})
  const { region } = config
  if (names.length === 0) {
    // A field of this name may be part of a URL, such as that of an AWS service.
    if (region !== undefined && !Object.hasOwn(fields, 'region'))
      throw new TemplateProblem('region', `leave it out: ${deployment.id} has no regions`)
    if (url === undefined) throw new TemplateProblem(`deployments.${deployment.id}`, 'has neither url nor regions')
    return url
  }
  const chosen = region === undefined && names.length === 1 ? names[0] : region
  const template = typeof chosen === 'string' ? entryOf(regions, chosen) : undefined
  if (template !== undefined) return template
  throw new TemplateProblem('region', `must be one of ${names.join(', ')}`)
}

/** Config fields that any URL of a deployment needs, for the region that the configuration names. */
export function variablesOfDeployment(deployment: Deployment, template: string | undefined): readonly string[] {
  const { origins = {}, redirectTo = [] } = deployment
  const templates = [...(template === undefined ? [] : [template]), ...Object.values(origins), ...redirectTo]
  return [...new Set(templates.flatMap(variablesOf))]
}

/** Resolves all of a deployment's URLs. @throws TemplateProblem with the config field to blame */
export function placeOf(manifest: Manifest, config: Values): Place {
  const deployment = deploymentOf(manifest, config)
  const where = `deployments.${deployment.id}`
  const own = deployment.kind === 'self-hosted' || deployment.kind === 'appliance'
  const { hosts = [] } = deployment
  /** Hosts that the operator of a self-hosted product configured. */
  const configured = new Set<string>()
  const admit = (url: ResolvedUrl, at: string): Origin => {
    if (url.operators && !own) throw new TemplateProblem(at, 'only self-hosted deployments take a whole base URL')
    if (own && url.operators) configured.add(url.hostname)
    if (!configured.has(url.hostname) && !onList(url.hostname, hosts)) {
      const message = `leads to ${url.hostname}, which is not among the deployment's hosts`
      throw new TemplateProblem(blame(at, url, config, manifest), message)
    }
    return { url: url.url, origin: url.literal ? 'builtin' : 'tenant' }
  }
  const template = baseTemplate(deployment, config, manifest.config)
  const base = resolveUrl(template, config, where)
  if (own && hosts.length === 0) configured.add(base.hostname)
  if (/[?#]/.test(base.url)) throw new TemplateProblem(where, 'has a query or fragment')
  const resolve = (text: string, at: string): Origin =>
    admit(resolveUrl(text.startsWith('/') ? template.replace(/\/+$/, '') + text : text, config, at), at)
  const place: Place = {
    base: admit(base, firstVariable(template) ?? where),
    host: base.host,
    origins: new Map(
      Object.entries(deployment.origins ?? {}).map(([name, text]) => [name, resolve(text, `${where}.origins.${name}`)]),
    ),
    redirectTo: (deployment.redirectTo ?? []).map((text) => new URL(resolve(text, `${where}.redirectTo`).url).origin),
    resolve,
  }
  return place
}

const firstVariable = (template: string): string | undefined => variablesOf(template)[0]

/** A host out of a config field is the field's fault, a literal one the manifest's. */
function blame(at: string, url: ResolvedUrl, config: Values, { config: fields = {} }: Manifest): string {
  if (url.literal) return at
  return Object.keys(fields).find((name) => url.host.includes(String(config[name]))) ?? at
}
