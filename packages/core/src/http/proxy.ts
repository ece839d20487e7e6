import { patchbayError } from '../errors.ts'
import { portOf } from './address.ts'
import { proxyBypass } from './proxy-bypass.ts'

/** Which proxy carries requests. URLs are `http://` or `https://`, may hold `user:password@`, and never appear in a message. */
export interface ProxyOptions {
  /** For http targets. */
  readonly http?: string | undefined
  /** For https targets. */
  readonly https?: string | undefined
  /** Targets that are reached directly, in the NO_PROXY syntax: names, addresses, CIDR ranges, ports, `*`. */
  readonly bypass?: string | undefined
  /**
   * States that the proxy itself refuses private addresses. Without it, a tenant's URL is resolved here, checked, and the tunnel goes
   * to the checked address; with it, the proxy gets the name.
   */
  readonly proxyFilters?: boolean | undefined
  /** Authorities that signed the certificate of an https proxy, PEM, instead of the system's. */
  readonly ca?: string | readonly string[] | undefined
}

/** One proxy, ready to connect to. */
export interface ProxyEndpoint {
  readonly secure: boolean
  readonly host: string
  readonly port: number
  /** Value of Proxy-Authorization. Only the proxy ever sees it. */
  readonly authorization: string | undefined
  readonly ca: string | readonly string[] | undefined
  readonly filters: boolean
}

/** The proxy for a URL, or undefined for a direct connection. */
export type ProxyResolver = (url: URL) => ProxyEndpoint | undefined

/** @throws PatchbayError `config` for an address that is no http or https proxy. */
export function proxyResolver(options: ProxyOptions | undefined): ProxyResolver {
  const http = endpoint('http', options?.http, options)
  const https = endpoint('https', options?.https, options)
  if (http === undefined && https === undefined) return () => undefined
  const bypassed = proxyBypass(options?.bypass)
  return (url) => {
    const proxy = url.protocol === 'https:' ? https : http
    return proxy === undefined || bypassed(url) ? undefined : proxy
  }
}

/**
 * The proxy options that an environment asks for by the usual variables: `https_proxy`, `http_proxy`, `all_proxy` and `no_proxy`, lower
 * case before upper case. For the host application, which calls it with its own `process.env`; connectors read no environment.
 * `HTTP_PROXY` in upper case is ignored where `REQUEST_METHOD` is set: there a client's `Proxy` header fills it (CVE-2016-5385).
 */
export function proxyFromEnvironment(env: Readonly<Record<string, string | undefined>>): ProxyOptions | undefined {
  const read = (name: string): string | undefined => present(env[name]) ?? present(env[name.toUpperCase()])
  const all = read('all_proxy')
  const http = env.REQUEST_METHOD === undefined ? read('http_proxy') : present(env.http_proxy)
  const options = { http: http ?? all, https: read('https_proxy') ?? all, bypass: read('no_proxy') }
  return options.http === undefined && options.https === undefined ? undefined : options
}

function present(value: string | undefined): string | undefined {
  const trimmed = value?.trim()
  return trimmed === '' ? undefined : trimmed
}

function endpoint(
  field: string,
  value: string | undefined,
  options: ProxyOptions | undefined,
): ProxyEndpoint | undefined {
  if (value === undefined) return undefined
  const url = URL.parse(/^[a-z][a-z0-9+.-]*:\/\//i.test(value) ? value : `http://${value}`)
  if (url === null || (url.protocol !== 'http:' && url.protocol !== 'https:') || url.hostname === '') {
    throw patchbayError({
      kind: 'config',
      message: `proxy.${field}: write it like http://proxy.example:3128; other kinds of proxy are not supported`,
    })
  }
  return {
    secure: url.protocol === 'https:',
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: portOf(url),
    authorization: basic(url),
    ca: options?.ca,
    filters: options?.proxyFilters === true,
  }
}

function basic(url: URL): string | undefined {
  if (url.username === '' && url.password === '') return undefined
  const plain = `${decode(url.username)}:${decode(url.password)}`
  return `Basic ${Buffer.from(plain, 'utf8').toString('base64')}`
}

/** A stray percent sign in a password is taken as it stands. */
function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
