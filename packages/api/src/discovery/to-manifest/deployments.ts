import type { ApiModel, OperationModel, ServerModel } from '../model.ts'
import { camelOf, freeName, kebabOf, wordsOf } from './names.ts'
import type { Guesses } from './report.ts'

const hostShape = /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$/
const most = 20
/** Addresses and names of networks of one's own. */
const own = /^(?:localhost|(?:\d{1,3}\.){3}\d{1,3})$|\.(?:local|localhost|internal|lan|home|corp|localdomain)$/

interface Template {
  readonly url: string
  readonly hosts: readonly string[]
  /** The host is the user's own. */
  readonly operated: boolean
  /** The fields of the configuration that it holds. */
  readonly fields: Readonly<Record<string, unknown>>
}

/** Where the product runs, out of the servers; `extra` are hosts of token endpoints. */
export class Deployments {
  readonly #model: ApiModel
  readonly #guesses: Guesses
  readonly #origins = new Map<string, { readonly name: string; readonly template: Template }>()
  readonly #main: Template[] = []

  constructor(model: ApiModel, guesses: Guesses) {
    this.#model = model
    this.#guesses = guesses
    const seen = new Set<string>()
    for (const server of model.servers.slice(0, most)) {
      const template = this.#templateOf(server)
      if (template === undefined || seen.has(template.url)) continue
      seen.add(template.url)
      this.#main.push(template)
    }
    if (this.#main.length === 0) this.#main.push(this.#unknownServer(model.servers[0]?.url ?? ''))
  }

  /** The first base URL when it holds no variables. */
  get base(): string | undefined {
    const url = this.#main[0]?.url
    return url?.includes('{') === false ? url : undefined
  }

  /** Name of an operation's own server among the origins; undefined: the deployment's URL. */
  originOf(operation: OperationModel): string | undefined {
    const [server] = operation.servers ?? []
    if (server === undefined) return undefined
    const template = this.#templateOf(server)
    if (template !== undefined && this.#main.some(({ url }) => url === template.url)) return undefined
    if (template === undefined || template.operated || template.url.includes('{')) {
      this.#guesses.add(
        operation.key,
        "the API's own servers",
        'low',
        `its server ${server.url.slice(0, 100)} cannot be used`,
      )
      return undefined
    }
    const known = this.#origins.get(template.url)
    if (known !== undefined) return known.name
    const names = new Set([...this.#origins.values()].map(({ name }) => name))
    const name = freeName(camelOf(wordsOf(new URL(template.url).hostname), 'origin'), names)
    this.#origins.set(template.url, { name, template })
    return name
  }

  /** @param extra further hosts that calls need, such as those of token endpoints */
  write(
    extra: readonly string[],
    used: ReadonlySet<string>,
  ): { readonly deployments: readonly unknown[]; readonly config?: unknown } {
    const taken = new Set<string>()
    const origins = [...this.#origins.values()].filter(({ name }) => used.has(name))
    const config = Object.assign({}, ...this.#main.toReversed().map(({ fields }) => fields)) as Record<string, unknown>
    const deployments = this.#main.map(({ url, hosts, operated }, at) => {
      const described = this.#model.servers[at]?.description
      const wanted =
        this.#main.length === 1
          ? operated
            ? 'self-hosted'
            : 'cloud'
          : kebabOf(wordsOf(described ?? '').slice(0, 4), 'server')
      let id = wanted
      for (let number = 2; taken.has(id); number++) id = `${wanted}-${number}`
      taken.add(id)
      const all = [
        ...new Set([
          ...hosts,
          ...origins.flatMap(({ template }) => template.hosts),
          ...extra.filter((host) => hostShape.test(host)),
        ]),
      ]
      return {
        id,
        kind: operated ? 'self-hosted' : 'saas',
        url,
        ...(operated ? {} : { hosts: all }),
        ...(origins.length === 0
          ? {}
          : { origins: Object.fromEntries(origins.map(({ name, template }) => [name, template.url])) }),
      }
    })
    return { deployments, ...(Object.keys(config).length === 0 ? {} : { config }) }
  }

  /** Undefined when the URL is relative or broken. */
  #templateOf(server: ServerModel): Template | undefined {
    let url = server.url.replace(/[?#].*$/s, '').replace(/\/+$/, '')
    if (url.startsWith('//')) url = `https:${url}`
    url = url.replace(/^\{[^{}]*\}:\/\//, 'https://')
    if (!/^https?:\/\/[^\s/]/i.test(url) || /[\s\\]/.test(url)) return undefined
    const names = new Map<string, string>()
    url = url.replaceAll(/\{([^{}]*)\}/g, (_, name: string) => {
      // A variable that holds a path, such as `{basePath}` right behind the host, is no part of the host.
      const fallback = server.variables.get(name)?.default
      if (fallback?.includes('/') === true) return fallback.replace(/^\/*/, '/').replace(/\/+$/, '')
      const key = camelOf(wordsOf(name), 'value')
      names.set(name, key)
      return `{${key}}`
    })
    if (/[{}]/.test(url.replaceAll(/\{[a-z][A-Za-z0-9]*\}/g, ''))) return undefined
    const authority = (/^https?:\/\/([^/]*)/i.exec(url)?.[1] ?? '').toLowerCase()
    if (authority.includes('@')) return undefined
    const path = url.replace(/^https?:\/\/[^/]*/i, '')
    const marked = authority.replaceAll(/\{[^{}]*\}/g, 'x').replace(/:\d*$/, '')
    const named = /^https?:\/\/([^/]*)/i.exec(url)?.[1] ?? ''
    const whole = /^\{[^{}]*\}(?::|$)/.test(named)
    const open = /[{}](?::[^.]*)?$|\{[^{}]*\}[^.]*\.[^.{}]*$/.test(named)
    const operated = whole || open || own.test(marked) || !hostShape.test(marked)
    const fields = Object.fromEntries(
      [...names].map(([name, key]) => [key, fieldOf(server.variables.get(name), named.includes(`{${key}}`), whole)]),
    )
    const http = /^http:/i.test(url)
    if (http && !operated)
      this.#guesses.add('deployments', `https for ${marked}`, 'medium', 'the description writes http')
    const scheme = operated && http ? 'http' : 'https'
    const lower = named.replaceAll(/[A-Z](?![^{]*\})/g, (letter) => letter.toLowerCase())
    return { url: `${scheme}://${lower}${path}`, hosts: operated ? [] : [patternOf(authority)], operated, fields }
  }

  #unknownServer(written: string): Template {
    this.#guesses.add(
      'deployments',
      'self-hosted, with baseUrl in the configuration',
      'low',
      'the description names no host',
    )
    const fields = { baseUrl: { type: 'string', format: 'uri', description: 'Base URL of the API.' } }
    const path = /^\/[^\s{}?#]*$/.test(written) ? written.replace(/\/+$/, '') : ''
    return { url: `{baseUrl}${path}`, hosts: [], operated: true, fields }
  }
}

interface Variable {
  readonly default?: string | undefined
  readonly values?: readonly string[] | undefined
  readonly description?: string | undefined
}

/** A field of the configuration for a variable of a URL; in hosts it takes nothing that could end the host. */
function fieldOf(variable: Variable | undefined, inHost: boolean, whole: boolean): Readonly<Record<string, unknown>> {
  const values = variable?.values?.filter((value) => value !== '')
  const fallback = variable?.default
  const closed = values !== undefined && values.length > 0
  const pattern = whole ? '^[A-Za-z0-9.-]+$' : '^[A-Za-z0-9-]+$'
  const fits =
    fallback !== undefined &&
    fallback !== '' &&
    (closed ? values.includes(fallback) : !inHost || new RegExp(pattern).test(fallback))
  const words = variable?.description?.trim().slice(0, 300)
  return {
    type: 'string',
    ...(closed ? { enum: [...new Set(values)] } : inHost ? { pattern } : {}),
    ...(fits ? { default: fallback } : {}),
    ...(words === undefined || words === '' ? {} : { description: words }),
  }
}

/** `{region}.acme.example` becomes `*.acme.example`: labels with a variable, and what stands before them. */
function patternOf(authority: string): string {
  const labels = authority
    .replace(/:\d*$/, '')
    .replaceAll(/\{[^{}]*\}/g, '{}')
    .split('.')
  const last = labels.findLastIndex((label) => label.includes('{}'))
  if (last === -1) return labels.join('.')
  const rest = labels.slice(last + 1)
  return `*.${rest.join('.')}`
}
