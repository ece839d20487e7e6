import type { Issue } from '@patchbay/core'
import { encodeText } from '@patchbay/core/http'
import type { Values } from '../manifest-parts.ts'

/** A URL that was made out of a template. */
export interface ResolvedUrl {
  /** Without a slash at its end. */
  readonly url: string
  /** `host:port` as `URL.host` gives it. */
  readonly host: string
  readonly hostname: string
  /** True when every character of the host stands in the manifest. */
  readonly literal: boolean
  /** True when a variable is the whole base URL: only the operator knows where it leads. */
  readonly operators: boolean
}

const variable = /\{([^{}]*)\}/
const variableName = /^[a-z][A-Za-z0-9]*$/
const label = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/i
const hostName = /^(?=.{1,253}$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$/i
const address = /^\[[0-9a-f:.]{2,45}\]$/i
const port = /^[1-9][0-9]{0,4}$/
const dotSegment = /(?:^|[/\\])\.{1,2}(?:[/\\]|$)/

/** A template cannot be filled, with the variable to blame. */
export class TemplateProblem extends Error {
  readonly issue: Issue

  constructor(path: string, message: string) {
    super(message)
    this.issue = { path, message }
  }
}

/** Names of the variables of a template, in order. */
export function variablesOf(template: string): readonly string[] {
  return [...template.matchAll(/\{([^{}]*)\}/g)].map(([, name]) => name as string)
}

/**
 * Fills a URL template. In the host a variable is one label, or all of the host; alone at the beginning it is a whole base URL. In the path
 * it is part of one segment. No value can add user information, another host, a port, a segment, a query or a fragment.
 * @param where of the manifest, for problems of the template itself
 * @throws TemplateProblem
 */
export function resolveUrl(template: string, values: Values, where: string): ResolvedUrl {
  for (const name of variablesOf(template))
    if (!variableName.test(name)) throw new TemplateProblem(where, `{${name}} is no name of a config field`)
  const whole = /^\{([^{}]*)\}([\s\S]*)$/.exec(template)
  if (whole !== null) return operatorUrl(whole[1] as string, whole[2] as string, values, where)
  const match = /^(https?):\/\/([^/?#]*)([\s\S]*)$/.exec(template)
  if (match === null) throw new TemplateProblem(where, 'is no http(s) URL')
  const [, protocol, authority = '', rest = ''] = match
  const filled = fillAuthority(authority, values, where)
  return checked(`${protocol}://${filled}${fillPath(rest, values)}`, filled, where, !variable.test(authority), false)
}

function operatorUrl(name: string, rest: string, values: Values, where: string): ResolvedUrl {
  const text = textOf(values, name)
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || (url.protocol !== 'https:' && url.protocol !== 'http:'))
    throw new TemplateProblem(name, 'must be an http(s) URL, such as https://desk.example.com')
  if (url.username !== '' || url.password !== '' || text.includes('@'))
    throw new TemplateProblem(name, 'must not hold user information; pass it as the credential')
  if (/[?#\\\s]/.test(text)) throw new TemplateProblem(name, 'must have no query, fragment, backslash or blank')
  if (rest !== '' && !rest.startsWith('/')) throw new TemplateProblem(where, `must go on with a slash after {${name}}`)
  const base = url.origin + url.pathname.replace(/\/+$/, '')
  return checked(base + fillPath(rest, values), url.host, name, false, true)
}

function fillAuthority(authority: string, values: Values, where: string): string {
  if (/[@\\\s]/.test(authority)) throw new TemplateProblem(where, 'must not hold user information')
  const alone = /^\{([^{}]*)\}(:[^:]*)?$/.exec(authority)
  if (alone !== null) {
    const name = alone[1] as string
    return hostOf(textOf(values, name), name) + fillPort(alone[2] ?? '', values)
  }
  const [host = '', end = ''] = splitPort(authority)
  const filled = host.replace(/\{([^{}]*)\}/g, (_, name: string) => {
    const text = textOf(values, name)
    if (label.test(text)) return text
    throw new TemplateProblem(name, 'must be one label of a host name: letters, digits and dashes, without dots')
  })
  return filled + fillPort(end, values)
}

function splitPort(authority: string): readonly [string, string] {
  const at = authority.lastIndexOf(':')
  return at === -1 ? [authority, ''] : [authority.slice(0, at), authority.slice(at)]
}

function hostOf(text: string, name: string): string {
  if (hostName.test(text) || address.test(text)) return text
  throw new TemplateProblem(name, 'must be a host name, such as acme.example.com, without scheme, port and path')
}

function fillPort(text: string, values: Values): string {
  const name = /^:\{([^{}]*)\}$/.exec(text)?.[1]
  if (name === undefined) return text
  const value = textOf(values, name)
  if (port.test(value) && Number(value) <= 65_535) return `:${value}`
  throw new TemplateProblem(name, 'must be a port number')
}

function fillPath(rest: string, values: Values): string {
  return rest.replace(/\{([^{}]*)\}/g, (_, name: string) => {
    const text = textOf(values, name)
    if (dotSegment.test(text) || !text.isWellFormed())
      throw new TemplateProblem(name, 'must not hold a dot segment, which would lead to another path')
    return encodeText(text)
  })
}

function textOf(values: Values, name: string): string {
  const value = Object.hasOwn(values, name) ? values[name] : undefined
  if (typeof value === 'number' && Number.isFinite(value)) return String(value)
  if (typeof value === 'string' && value !== '') return value
  throw new TemplateProblem(name, value === undefined ? 'is missing' : 'must be text')
}

/** The parser has the last word on where a URL leads. */
function checked(text: string, host: string, where: string, literal: boolean, operators: boolean): ResolvedUrl {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const meant = URL.canParse(`http://${host}`) ? new URL(`http://${host}`).hostname : undefined
  if (url === undefined || url.hostname !== meant) throw new TemplateProblem(where, 'does not give a URL')
  return { url: text.replace(/\/+$/, ''), host: url.host, hostname: url.hostname, literal, operators }
}
