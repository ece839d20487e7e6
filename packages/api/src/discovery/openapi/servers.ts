import type { Findings } from '../finding.ts'
import { quoted } from '../finding.ts'
import type { ServerModel, ServerVariable } from '../model.ts'
import { isFields, own, ownEntries, ownList, ownText, ownWords, textsOf } from '../own.ts'
import type { DataDocument } from '../source-document.ts'

const noVariables: ReadonlyMap<string, ServerVariable> = new Map()

/** Servers of OpenAPI 3; addresses that are relative start from the document's own. */
export function readServers(
  value: unknown,
  where: string,
  document: DataDocument,
  findings: Findings,
): readonly ServerModel[] {
  const found: ServerModel[] = []
  for (const [index, server] of (Array.isArray(value) ? value : []).entries()) {
    const written = ownWords(server, 'url')
    if (!isFields(server) || written === undefined) {
      findings.add('server-left-out', `${where}/${index}`, 'A server has no url and is left out.')
      continue
    }
    const variables = new Map<string, ServerVariable>()
    for (const [name, variable] of ownEntries(server, 'variables')) {
      const values = ownList(variable, 'enum').map(String)
      variables.set(name, {
        default: ownText(variable, 'default'),
        values: values.length === 0 ? undefined : values,
        description: ownWords(variable, 'description'),
      })
    }
    const url = absolute(written, document.location)
    found.push({ url, description: ownWords(server, 'description'), variables })
  }
  return found
}

/** `schemes`, `host` and `basePath` of Swagger 2.0. */
export function readSwaggerServers(value: unknown, document: DataDocument, findings: Findings): readonly ServerModel[] {
  const base = ownWords(value, 'basePath') ?? ''
  const path = base === '' || base.startsWith('/') ? base : `/${base}`
  const host = ownWords(value, 'host')
  if (host === undefined) {
    const url = absolute(path === '' ? '/' : path, document.location)
    return [{ url, variables: noVariables }]
  }
  const schemes = textsOf(ownList(value, 'schemes')).filter((scheme) => scheme === 'https' || scheme === 'http')
  if (own(value, 'schemes') !== undefined && schemes.length === 0) {
    findings.add('scheme-guessed', '#/schemes', `${quoted(host)} offers neither http nor https; https is taken.`)
  }
  const wanted = schemes.length === 0 || schemes.includes('https') ? ['https'] : schemes
  return wanted.map((scheme) => ({ url: `${scheme}://${host}${path}`.replace(/\/$/, ''), variables: noVariables }))
}

/** Templates are no URLs yet, so only the part before the path is looked at. */
function absolute(url: string, location: string | undefined): string {
  if (/^(?:[a-z][a-z0-9+.-]*|\{[^{}]*\}):\/\//i.test(url)) return url
  if (url.startsWith('//')) return `https:${url}`
  if (location === undefined || !location.startsWith('http')) return url
  const marked = url.replaceAll('{', '%7B').replaceAll('}', '%7D')
  const whole = URL.parse(marked, location)?.href ?? url
  return whole.replaceAll('%7B', '{').replaceAll('%7D', '}')
}
