import type { ApiModel, SecurityMethod, SecurityScheme } from '../model.ts'
import { camelOf, freeName, wordsOf } from './names.ts'
import type { Guesses } from './report.ts'

export type Credential = Readonly<Record<string, unknown>>

export interface CredentialsFacts {
  readonly credentials: readonly Credential[]
  /** Hosts of token endpoints. */
  readonly hosts: readonly string[]
  /** True when operations may name scopes. */
  readonly scoped: boolean
}

const headerShape = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/
const most = 10

/** Ways to authenticate, from the security schemes that operations use. */
export function credentialsOf(
  model: ApiModel,
  used: ReadonlySet<string>,
  scopes: ReadonlySet<string>,
  base: string | undefined,
  guesses: Guesses,
): CredentialsFacts {
  const found: Credential[] = []
  const taken = new Set<string>()
  const seen = new Set<string>()
  const hosts = new Set<string>()
  const asked =
    used.size === 0 ? [...model.security.values()] : [...model.security.values()].filter(({ name }) => used.has(name))
  for (const scheme of asked) {
    for (const method of scheme.methods) {
      const credential = credentialOf(method, scheme, { model, scopes, base, guesses })
      if (credential === undefined) continue
      const key = JSON.stringify(credential)
      if (seen.has(key) || found.length >= most) continue
      seen.add(key)
      const id = freeName(
        camelOf(wordsOf(scheme.methods.length > 1 ? `${scheme.name} ${method.scheme}` : scheme.name), 'credential'),
        taken,
      )
      taken.add(id)
      for (const url of endpointsOf(credential)) hosts.add(new URL(url).hostname)
      found.push({ id, ...credential })
    }
  }
  if (found.length === 0 && model.protocol === 'soap') {
    guesses.add(
      'credentials',
      'none, basic, wsSecurity',
      'low',
      'a WSDL names no credential; keep what the server asks for',
    )
    found.push(
      { id: 'none', scheme: 'none' },
      { id: 'basic', ...basic },
      { id: 'wsSecurity', scheme: 'ws-security', settle: {} },
    )
  }
  if (found.length === 0) {
    const because =
      model.security.size === 0 ? 'the description declares no security' : 'no scheme of the description can be used'
    guesses.add('credentials', 'none', 'low', because)
    found.push({ id: 'none', scheme: 'none' })
  }
  return { credentials: found, hosts: [...hosts], scoped: found.some((one) => 'scopes' in one) }
}

const basic = { scheme: 'basic', settle: {} }

interface Needs {
  readonly model: ApiModel
  readonly scopes: ReadonlySet<string>
  readonly base: string | undefined
  readonly guesses: Guesses
}

function credentialOf(method: SecurityMethod, scheme: SecurityScheme, needs: Needs): Credential | undefined {
  const { guesses } = needs
  const place = `credentials.${scheme.name}`
  switch (method.scheme) {
    case 'basic':
      return basic
    case 'none':
    case 'bearer':
    case 'mtls':
      return { scheme: method.scheme }
    case 'api-key':
      return apiKey(method, scheme, guesses)
    case 'aws-sigv4': {
      const service = method.service ?? serviceOf(needs.model)
      if (method.service === undefined)
        guesses.add(
          place,
          `service "${service}"`,
          'medium',
          "the description names no signing name; it is the host's first part",
        )
      return { scheme: 'aws-sigv4', settle: { service } }
    }
    case 'oauth2-code':
    case 'oauth2-client-credentials':
    case 'oauth2-password':
    case 'oauth2-jwt-bearer':
      return oauth2(method, scheme, needs)
    case 'oauth2-implicit':
      guesses.add(place, 'bearer', 'high', 'the implicit flow is retired (RFC 9700); the token comes from elsewhere')
      return { scheme: 'bearer', ...scopesOf(method, needs.scopes) }
    case 'openid-connect':
      guesses.add(place, 'bearer', 'medium', 'only the OpenID configuration is named; the token comes from elsewhere')
      return { scheme: 'bearer' }
    default:
      guesses.add(place, 'left out', 'low', `"${method.word ?? ''}" is no scheme that is known`)
      return undefined
  }
}

function apiKey(
  { in: place, name = '' }: SecurityMethod,
  { name: scheme, description = '' }: SecurityScheme,
  guesses: Guesses,
): Credential | undefined {
  const at = `credentials.${scheme}`
  if (place === 'cookie') {
    guesses.add(at, `header Cookie with ${name}=`, 'medium', 'the key is a cookie')
    return { scheme: 'api-key', settle: { in: 'header', name: 'Cookie', prefix: `${name}=` } }
  }
  if (place === 'query') return { scheme: 'api-key', settle: { in: 'query', name } }
  const header = name.trim()
  if (!headerShape.test(header)) {
    guesses.add(at, 'left out', 'low', `"${header.slice(0, 60)}" is no header name`)
    return undefined
  }
  if (header.toLowerCase() !== 'authorization') return { scheme: 'api-key', settle: { in: 'header', name: header } }
  if (/\bbearer\b|\bjwt\b/i.test(`${scheme} ${description}`)) {
    guesses.add(at, 'bearer', 'medium', 'the key goes into the Authorization header and is called a bearer token')
    return { scheme: 'bearer' }
  }
  if (/\bbasic\b/i.test(`${scheme} ${description}`)) {
    guesses.add(at, 'basic', 'medium', 'the key goes into the Authorization header and is called basic')
    return basic
  }
  const word =
    /prefix[^`"'.]{0,40}[`"'“](\w{2,20})[`"'”]|\bprefixed with (\w{2,20})\b|`(?:Authorization: )?(\w{2,20}) [{<]/i.exec(
      description,
    )
  const prefix = word?.[1] ?? word?.[2] ?? word?.[3]
  guesses.add(
    at,
    prefix === undefined ? 'no word in front of the key' : `the word ${prefix} in front of the key`,
    prefix === undefined ? 'low' : 'medium',
    'the key goes into the Authorization header',
  )
  return {
    scheme: 'api-key',
    settle: { in: 'header', name: header, ...(prefix === undefined ? {} : { prefix: `${prefix} ` }) },
  }
}

function oauth2(method: SecurityMethod, scheme: SecurityScheme, needs: Needs): Credential {
  const { guesses, base } = needs
  const tokenEndpoint = endpoint(method.tokenUrl, base)
  const authorizationEndpoint = endpoint(method.authorizationUrl, base)
  const scopes = scopesOf(method, needs.scopes)
  const code = method.scheme === 'oauth2-code'
  if (tokenEndpoint === undefined || (code && authorizationEndpoint === undefined)) {
    guesses.add(
      `credentials.${scheme.name}`,
      'bearer',
      'low',
      `the ${method.scheme} flow names no https endpoint; the token comes from elsewhere`,
    )
    return { scheme: 'bearer', ...scopes }
  }
  return { scheme: method.scheme, settle: { tokenEndpoint, ...(code ? { authorizationEndpoint } : {}) }, ...scopes }
}

/** Scopes with their meaning, those that operations ask for. */
function scopesOf(
  { scopes }: SecurityMethod,
  used: ReadonlySet<string>,
): { readonly scopes?: Readonly<Record<string, string>> } {
  const kept = [...used].filter((scope) => scope !== '' && scope.length <= 2000 && scope !== '__proto__')
  if (scopes === undefined || kept.length === 0) return {}
  return { scopes: Object.fromEntries(kept.map((scope) => [scope, meaning(scopes.get(scope)) ?? scope])) }
}

function meaning(text: string | undefined): string | undefined {
  const words = text?.trim().slice(0, 300)
  return words === '' ? undefined : words
}

function endpoint(url: string | undefined, base: string | undefined): string | undefined {
  const parsed = url === undefined || url === '' ? null : URL.parse(url, base)
  if (parsed === null || parsed.username !== '' || !/^https?:$/.test(parsed.protocol)) return undefined
  if (!/^[a-z0-9.-]+\.[a-z0-9-]+$/.test(parsed.hostname)) return undefined
  parsed.protocol = 'https:'
  parsed.hash = ''
  return /[\s{}]|%7B/i.test(parsed.href) ? undefined : parsed.href
}

function endpointsOf({ settle }: Credential): string[] {
  const { tokenEndpoint, authorizationEndpoint } = (settle ?? {}) as {
    tokenEndpoint?: string
    authorizationEndpoint?: string
  }
  return [tokenEndpoint, authorizationEndpoint].filter((url) => url !== undefined)
}

function serviceOf({ servers, title }: ApiModel): string {
  const host = /^https?:\/\/([a-z0-9-]+)/.exec(servers[0]?.url ?? '')?.[1]
  return host ?? (wordsOf(title).join('').toLowerCase() || 'service')
}
