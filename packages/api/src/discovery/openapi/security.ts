import { quoted } from '../finding.ts'
import type { SecurityMethod, SecurityRequirement, SecurityScheme } from '../model.ts'
import { isFields, own, ownEntries, ownList, ownText, ownWords, textsOf } from '../own.ts'
import { pointerOf } from '../reference/json-pointer.ts'
import type { OpenApiPlace } from './place.ts'

const flows = {
  authorizationCode: 'oauth2-code',
  accessCode: 'oauth2-code',
  clientCredentials: 'oauth2-client-credentials',
  application: 'oauth2-client-credentials',
  password: 'oauth2-password',
  implicit: 'oauth2-implicit',
} as const

/** `securityDefinitions` of Swagger 2.0, `components.securitySchemes` of OpenAPI 3. */
export function readSecuritySchemes(place: OpenApiPlace): ReadonlyMap<string, SecurityScheme> {
  const { value } = place.document
  const parent = place.version === '2.0' ? value : own(value, 'components')
  const key = place.version === '2.0' ? 'securityDefinitions' : 'securitySchemes'
  const where = place.version === '2.0' ? [key] : ['components', key]
  const schemes = new Map<string, SecurityScheme>()
  for (const [name, definition] of ownEntries(parent, key)) {
    const at = pointerOf(...where, name)
    const part = place.follow({ value: definition, document: place.document }, at)
    if (part === undefined) continue
    const methods = methodsOf(part.value)
    if (methods.some((method) => method.scheme === 'unknown')) {
      place.findings.add('security-unknown', at, `The security scheme ${quoted(name)} is of no known kind.`)
    }
    schemes.set(name, { name, description: ownWords(part.value, 'description'), methods })
  }
  return schemes
}

function methodsOf(value: unknown): readonly SecurityMethod[] {
  const type = (ownText(value, 'type') ?? '').toLowerCase()
  switch (type) {
    case 'basic':
      return [{ scheme: 'basic' }]
    case 'apikey':
      return [apiKey(value)]
    case 'http':
      return [http(value)]
    case 'mutualtls':
      return [{ scheme: 'mtls' }]
    case 'openidconnect':
      return [{ scheme: 'openid-connect', authorizationUrl: ownWords(value, 'openIdConnectUrl') }]
    case 'oauth2':
      return oauth2(value)
    default:
      return [{ scheme: 'unknown', word: type }]
  }
}

function apiKey(value: unknown): SecurityMethod {
  const said = ownText(value, 'in')
  const name = ownWords(value, 'name')
  const known = said === 'header' || said === 'query' || said === 'cookie'
  if (!known || name === undefined) return { scheme: 'unknown', word: 'apiKey' }
  // AWS descriptions write their signature down as a key in the Authorization header.
  if (ownText(value, 'x-amazon-apigateway-authtype')?.toLowerCase() === 'awssigv4') return { scheme: 'aws-sigv4' }
  return { scheme: 'api-key', in: said, name }
}

function http(value: unknown): SecurityMethod {
  const word = (ownText(value, 'scheme') ?? '').toLowerCase()
  if (word === 'basic') return { scheme: 'basic' }
  if (word === 'bearer' || word === 'oauth') return { scheme: 'bearer', bearerFormat: ownWords(value, 'bearerFormat') }
  if (word === 'mutual') return { scheme: 'mtls' }
  return { scheme: 'unknown', word }
}

function oauth2(value: unknown): readonly SecurityMethod[] {
  const found: SecurityMethod[] = []
  const single = ownText(value, 'flow')
  const all = single === undefined ? ownEntries(value, 'flows') : ([[single, value]] as [string, unknown][])
  for (const [name, flow] of all) {
    if (!isFields(flow) || !Object.hasOwn(flows, name)) continue
    const scopes = new Map<string, string>()
    for (const [scope, meaning] of ownEntries(flow, 'scopes'))
      scopes.set(scope, typeof meaning === 'string' ? meaning : '')
    found.push({
      scheme: flows[name as keyof typeof flows],
      authorizationUrl: ownWords(flow, 'authorizationUrl'),
      tokenUrl: ownWords(flow, 'tokenUrl'),
      refreshUrl: ownWords(flow, 'refreshUrl'),
      scopes,
    })
  }
  return found.length === 0 ? [{ scheme: 'unknown', word: 'oauth2' }] : found
}

/** `security` of the document or of an operation; undefined when it is not there. */
export function readRequirements(value: unknown): readonly SecurityRequirement[] | undefined {
  const list = own(value, 'security')
  if (!Array.isArray(list)) return undefined
  return ownList(value, 'security')
    .filter(isFields)
    .map(
      (one) =>
        new Map(Object.entries(one).map(([name, scopes]) => [name, textsOf(Array.isArray(scopes) ? scopes : [])])),
    )
}
