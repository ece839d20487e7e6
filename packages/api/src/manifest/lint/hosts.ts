import { onList } from '../../declarative/deployments/host-list.ts'
import type { ManifestPath } from '../issue.ts'
import type { IntegrationManifest } from '../manifest.ts'
import { bracesOf, entriesOf, type ManifestDeployment, type Rule } from './rule.ts'

/** Every URL to which calls of a deployment may go. */
function templatesOf(
  { url, regions, origins, redirectTo }: ManifestDeployment,
  at: ManifestPath,
): [ManifestPath, string][] {
  return [
    ...(url === undefined ? [] : ([[[...at, 'url'], url]] as [ManifestPath, string][])),
    ...entriesOf(regions).map(([name, text]): [ManifestPath, string] => [[...at, 'regions', name], text]),
    ...entriesOf(origins).map(([name, text]): [ManifestPath, string] => [[...at, 'origins', name], text]),
    ...(redirectTo ?? []).map((text, index): [ManifestPath, string] => [[...at, 'redirectTo', index], text]),
  ]
}

/** The host of a template with each variable as the label `x`; undefined when a variable is the beginning of the URL. */
function hostOf(template: string): string | undefined {
  const match = /^https?:\/\/([^/?#]*)/.exec(template)
  return match === null
    ? undefined
    : (match[1] ?? '')
        .replaceAll(/\{[^{}]*\}/g, 'x')
        .replace(/:\d*$/, '')
        .toLowerCase()
}

const operated = ({ kind }: ManifestDeployment): boolean => kind === 'self-hosted' || kind === 'appliance'

/** The list of hosts covers every URL, so that nothing else is ever called. */
export const hostsCover: Rule = {
  code: 'host-not-listed',
  check(manifest, report) {
    for (const [index, one] of manifest.deployments.entries()) {
      const at = ['deployments', index] as const
      if (one.hosts === undefined && !operated(one)) {
        report(
          [...at],
          `The deployment "${one.id}" names no hosts.`,
          'Add hosts: [...] with every host that may be called.',
        )
        continue
      }
      for (const [path, template] of templatesOf(one, at)) {
        const host = hostOf(template)
        if (host !== undefined && !onList(host, one.hosts ?? []) && one.hosts !== undefined)
          report(path, `The host of ${template} is not among hosts.`, `Add "${host.replace(/^x\./, '*.')}" to hosts.`)
      }
      for (const [place, pattern] of (one.hosts ?? []).entries())
        if (pattern.startsWith('*.') && pattern.split('.').length < 3)
          report(
            [...at, 'hosts', place],
            `${pattern} is every host below a top-level domain.`,
            "Name the vendor's own domain.",
          )
    }
    for (const [path, endpoint] of endpointsOf(manifest)) {
      const host = hostOf(endpoint)
      if (host === undefined || manifest.deployments.every(({ hosts }) => hosts === undefined)) continue
      if (!manifest.deployments.some(({ hosts = [] }) => onList(host, hosts)))
        report(
          path,
          `The host of ${endpoint} is not among hosts.`,
          `Add "${host.replace(/^x\./, '*.')}" to hosts of the deployment.`,
        )
    }
  },
}

function endpointsOf(manifest: IntegrationManifest): [ManifestPath, string][] {
  return manifest.credentials.flatMap((credential, index) => {
    if (!('settle' in credential) || !('tokenEndpoint' in credential.settle)) return []
    const path: ManifestPath = ['credentials', index, 'settle', 'tokenEndpoint']
    return [[path, credential.settle.tokenEndpoint] as [ManifestPath, string]]
  })
}

/** Calls are encrypted wherever the vendor runs the product. */
export const encrypted: Rule = {
  code: 'not-encrypted',
  check({ deployments }, report) {
    for (const [index, one] of deployments.entries()) {
      if (operated(one)) continue
      for (const [path, template] of templatesOf(one, ['deployments', index])) {
        if (template.startsWith('http://')) report(path, `${template} is not encrypted.`, 'Write https.')
        if (template.startsWith('{'))
          report(
            path,
            'A whole URL out of the configuration fits self-hosted products.',
            "Write https:// and the vendor's host, with a variable in it.",
          )
      }
    }
  },
}

/** A deployment is at one URL or in regions. */
export const oneAddress: Rule = {
  code: 'one-address',
  check({ deployments }, report) {
    for (const [index, { id, url, regions }] of deployments.entries())
      if ((url === undefined) === (regions === undefined))
        report(
          ['deployments', index],
          `The deployment "${id}" needs either url or regions.`,
          url === undefined ? 'Add url.' : 'Remove one of them.',
        )
  },
}

/** A variable inside a host takes labels, and nothing that could end the host. */
export const hostVariables: Rule = {
  code: 'loose-host-variable',
  check({ deployments, config = {} }, report) {
    const told = new Set<string>()
    for (const [index, one] of deployments.entries())
      for (const [, template] of templatesOf(one, ['deployments', index])) {
        const authority = /^https?:\/\/([^/?#]*)/.exec(template)?.[1] ?? ''
        for (const name of bracesOf(authority)) {
          const field = Object.hasOwn(config, name) ? config[name] : undefined
          if (field === undefined || told.has(name)) continue
          told.add(name)
          const closed = field.enum !== undefined || field.const !== undefined
          const strict =
            field.pattern !== undefined &&
            /^\^.*\$$/.test(field.pattern) &&
            !/[/@?#\\:]|\.(?:[*+]|\{)/.test(field.pattern.replaceAll(/\\[.-]/g, ''))
          if (!closed && !strict)
            report(
              ['config', name],
              `"${name}" stands in a host and may hold anything.`,
              'Add pattern: "^[a-z0-9-]+$", or an enum.',
            )
        }
      }
  },
}

/** Which deployment, region and version a connection uses is asked by the engine itself, under these names. */
export const configNames: Rule = {
  code: 'reserved-config-name',
  check({ config = {}, deployments, apiVersions }, report) {
    const taken = [
      'deployment',
      ...(deployments.some(({ regions }) => regions !== undefined) ? ['region'] : []),
      ...(apiVersions === undefined ? [] : ['apiVersion']),
    ]
    for (const name of taken)
      if (Object.hasOwn(config, name))
        report(['config', name], `"${name}" is a field that every connection has.`, 'Give yours a name of its own.')
  },
}
