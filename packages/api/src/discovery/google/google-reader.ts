import { kindOf } from '../finding.ts'
import type { ApiModel, BodyModel, OperationModel, PagingHint, ParameterModel, SecurityScheme } from '../model.ts'
import { pathParts } from '../openapi/path-parts.ts'
import { isFields, own, ownEntries, ownFlag, ownText, ownWords, textsOf } from '../own.ts'
import type { DescriptionReader, ReadingContext } from '../reader.ts'
import type { DataDocument } from '../source-document.ts'
import { definition, type Translated, translated } from '../translated.ts'
import { googleSchema } from './google-schemas.ts'

const authorizationUrl = 'https://accounts.google.com/o/oauth2/v2/auth'
const tokenUrl = 'https://oauth2.googleapis.com/token'
/** Parameters of all methods that concern how answers are written, or that credentials bring. */
const leftOut = new Set([
  '$.xgafv',
  'access_token',
  'alt',
  'callback',
  'key',
  'oauth_token',
  'prettyPrint',
  'upload_protocol',
  'uploadType',
])

/**
 * Google API Discovery documents (`discovery#restDescription`).
 * @see https://developers.google.com/discovery/v1/reference/apis
 */
export const googleReader: DescriptionReader = {
  format: 'google-discovery',
  detects: (document) =>
    (document.syntax === 'json' || document.syntax === 'yaml') &&
    (ownText(document.value, 'kind') === 'discovery#restDescription' ||
      (ownText(document.value, 'discoveryVersion') !== undefined && isFields(own(document.value, 'resources')))),
  read(document, context) {
    if (document.syntax !== 'json' && document.syntax !== 'yaml') throw new TypeError('detects() comes before read()')
    return readGoogle(document, context)
  },
}

function readGoogle(document: DataDocument, { findings }: ReadingContext): ApiModel {
  const { value, location } = document
  const definitions = ownEntries(value, 'schemas').map(([name, one]) => [name, googleSchema(one)] as const)
  const all = translated(Object.fromEntries(definitions), location, findings)
  const shared = ownEntries(value, 'parameters').filter(([name]) => !leftOut.has(name))
  const operations: OperationModel[] = []
  const walk = (at: unknown, tags: readonly string[]): void => {
    for (const [name, method] of ownEntries(at, 'methods')) {
      if (isFields(method)) operations.push(readMethod(method, tags, shared, all))
      else
        findings.add('operation-left-out', `#/resources/${tags.join('/')}`, `"${name}" is ${kindOf(method)}; left out.`)
    }
    if (tags.length < 20) for (const [name, resource] of ownEntries(at, 'resources')) walk(resource, [...tags, name])
  }
  walk(value, [])
  const root = ownWords(value, 'rootUrl')
  const url = root === undefined ? ownWords(value, 'baseUrl') : `${root}${ownText(value, 'servicePath') ?? ''}`
  return {
    protocol: 'rest',
    format: 'google-discovery',
    title: ownWords(value, 'title') ?? ownWords(value, 'name') ?? '',
    version: ownText(value, 'version') ?? '',
    description: ownWords(value, 'description'),
    links: { documentation: ownWords(value, 'documentationLink') },
    servers: url === undefined ? [] : [{ url: url.replace(/\/$/, ''), variables: new Map() }],
    security: securityOf(value),
    operations,
    schemas: all.schemas,
    findings: findings.list,
  }
}

function readMethod(
  method: unknown,
  tags: readonly string[],
  shared: readonly [string, unknown][],
  { node, schemas }: Translated,
): OperationModel {
  const published = ownText(method, 'path') ?? ownText(method, 'flatPath') ?? ''
  const parts = pathParts(published)
  const own_ = ownEntries(method, 'parameters')
  const parameters: ParameterModel[] = []
  for (const [name, value] of [...shared, ...own_]) {
    const inPath = parts.names.has(name)
    if (ownText(value, 'location') === 'path' && !inPath) continue
    const repeated = ownFlag(value, 'repeated') === true
    const one = googleSchema(value)
    parameters.push({
      name,
      in: inPath ? 'path' : 'query',
      required: inPath || ownFlag(value, 'required') === true,
      description: ownWords(value, 'description'),
      deprecated: ownFlag(value, 'deprecated'),
      schema: node(repeated ? { type: 'array', items: one } : one),
      style: inPath ? 'simple' : 'form',
      explode: !inPath,
      ...(parts.names.get(name) === true ? { slashes: true } : {}),
    })
  }
  const request = ownText(own(method, 'request'), '$ref')
  const response = ownText(own(method, 'response'), '$ref')
  const scopes = textsOf(Array.isArray(own(method, 'scopes')) ? (own(method, 'scopes') as unknown[]) : [])
  const httpMethod = (ownText(method, 'httpMethod') ?? 'GET').toUpperCase()
  const answer = response === undefined ? undefined : node(definition(response))
  return {
    // Several methods may share one URL template and differ in what their names must look like.
    key: `${httpMethod} /${(ownText(method, 'flatPath') ?? published).replace(/^\//, '')}`,
    id: ownText(method, 'id'),
    method: httpMethod,
    path: parts.path,
    description: ownWords(method, 'description'),
    tags,
    deprecated: ownFlag(method, 'deprecated') === true,
    parameters,
    body: request === undefined ? undefined : bodyOf(request, node),
    responses: [
      {
        status: '200',
        media: answer === undefined ? [] : [{ type: 'application/json', schema: answer }],
        headers: new Map(),
      },
    ],
    // Any one of the scopes opens the method.
    security: scopes.length === 0 ? [] : scopes.map((scope) => new Map([['oauth2', [scope]]])),
    paging: pagingOf(own_, answer === undefined ? undefined : schemas.fields(answer)?.properties),
  }
}

function bodyOf(request: string, node: Translated['node']): BodyModel {
  return { required: true, media: [{ type: 'application/json', schema: node(definition(request)) }] }
}

/** `pageToken` in, `nextPageToken` out: Google's AIP-158. */
function pagingOf(
  parameters: readonly [string, unknown][],
  answer: ReadonlyMap<string, unknown> | undefined,
): PagingHint | undefined {
  if (!parameters.some(([name]) => name === 'pageToken') || answer?.has('nextPageToken') !== true) return undefined
  const size = ['pageSize', 'maxResults'].find((name) => parameters.some(([one]) => one === name))
  return { by: 'google', tokenInput: 'pageToken', tokenOutput: 'nextPageToken', limitInput: size }
}

function securityOf(value: unknown): ReadonlyMap<string, SecurityScheme> {
  const scopes = new Map<string, string>()
  for (const [scope, facts] of ownEntries(own(own(value, 'auth'), 'oauth2'), 'scopes')) {
    scopes.set(scope, ownWords(facts, 'description') ?? '')
  }
  const schemes = new Map<string, SecurityScheme>()
  if (scopes.size > 0) {
    const code = { scheme: 'oauth2-code', authorizationUrl, tokenUrl, scopes } as const
    schemes.set('oauth2', { name: 'oauth2', methods: [code, { scheme: 'oauth2-jwt-bearer', tokenUrl, scopes }] })
  }
  if (isFields(own(own(value, 'parameters'), 'key'))) {
    schemes.set('key', { name: 'key', methods: [{ scheme: 'api-key', in: 'query', name: 'key' }] })
  }
  return schemes
}
