import type { Findings } from '../finding.ts'
import type { BodyModel, MediaTypeModel, OperationModel, ParameterModel, ResponseModel } from '../model.ts'
import { pathParts } from '../openapi/path-parts.ts'
import { type Fields, isFields, own, ownEntries, ownFlag, ownList, ownNumber, ownText, ownWords } from '../own.ts'
import type { SchemaNode } from '../schema.ts'
import { definition, type Translated } from '../translated.ts'
import { type AwsWords, awsSchema, bodyMembers, nameOf } from './aws-shapes.ts'

export interface AwsModel {
  readonly value: unknown
  readonly metadata: unknown
  readonly protocol: string
  readonly words: AwsWords
  readonly findings: Findings
}

const places = { uri: 'path', querystring: 'query', header: 'header' } as const

export function awsOperation(name: string, operation: Fields, model: AwsModel, { node }: Translated): OperationModel {
  const http = own(operation, 'http')
  const method = (ownText(http, 'method') ?? 'POST').toUpperCase()
  const published = ownText(http, 'requestUri') ?? '/'
  const parts = pathParts(published)
  const input = shapeOf(own(operation, 'input'), model)
  const rpc = model.protocol === 'json' || model.protocol === 'query' || model.protocol === 'ec2'
  const parameters = rpc ? rpcParameters(name, model, node) : restParameters(input, parts.names, model, node)
  const signed = ownText(operation, 'authtype') !== 'none' && ownText(model.metadata, 'signatureVersion') !== undefined
  return {
    key: rpc ? `${method} ${parts.path}#${name}` : `${method} ${published}`,
    id: name,
    method,
    path: parts.path,
    description: ownWords(operation, 'documentation'),
    tags: [],
    deprecated: ownFlag(operation, 'deprecated') === true,
    parameters,
    fixedQuery: rpc ? undefined : parts.query,
    body: bodyOf(name, input, operation, model, node),
    responses: responsesOf(own(operation, 'output'), ownNumber(http, 'responseCode') ?? 200, model, node),
    security: signed ? [new Map([['aws', []]])] : [new Map()],
    binding: { kind: 'aws', protocol: model.protocol, action: name },
  }
}

/** The structure behind `{ "shape": "Name" }`, or one that is written in place. */
function shapeOf(value: unknown, model: AwsModel): unknown {
  let at = value
  for (let hops = 0; hops < 20; hops++) {
    const name = ownText(at, 'shape')
    if (name === undefined) return at
    at = own(own(model.value, 'shapes'), name)
  }
  return undefined
}

function constant(name: string, place: 'header' | 'query', value: string, node: Translated['node']): ParameterModel {
  const schema = node({ type: 'string', const: value })
  return { name, in: place, required: true, schema, style: place === 'header' ? 'simple' : 'form', explode: false }
}

/** One URL for all operations: the action is told in a header. (The query protocols tell it in the form.) */
function rpcParameters(name: string, { protocol, metadata }: AwsModel, node: Translated['node']): ParameterModel[] {
  if (protocol !== 'json') return []
  return [constant('X-Amz-Target', 'header', `${ownText(metadata, 'targetPrefix') ?? ''}.${name}`, node)]
}

function restParameters(
  input: unknown,
  names: ReadonlyMap<string, boolean>,
  { words }: AwsModel,
  node: Translated['node'],
): ParameterModel[] {
  const required = new Set(ownList(input, 'required'))
  const found: ParameterModel[] = []
  for (const [member, facts] of ownEntries(input, 'members')) {
    const place = places[ownText(facts, 'location') as keyof typeof places]
    if (place === undefined) continue
    const name = nameOf(member, facts)
    if (place === 'path' && !names.has(name)) continue
    const schema = node(awsSchema(facts, words))
    const style = place === 'query' ? 'form' : 'simple'
    const slashes = names.get(name) === true ? { slashes: true } : {}
    found.push({
      name,
      in: place,
      required: place === 'path' || required.has(member),
      schema,
      style,
      explode: place === 'query',
      ...slashes,
    })
  }
  for (const [name] of names) {
    if (found.some((one) => one.in === 'path' && one.name === name)) continue
    found.push({ name, in: 'path', required: true, schema: node({ type: 'string' }), style: 'simple', explode: false })
  }
  return found
}

function bodyOf(
  action: string,
  input: unknown,
  operation: Fields,
  model: AwsModel,
  node: Translated['node'],
): BodyModel | undefined {
  const { protocol, words } = model
  if (protocol === 'query' || protocol === 'ec2') {
    const { properties = {}, required = [] } = awsSchema(input, words) as { properties?: object; required?: string[] }
    const version = ownText(model.metadata, 'apiVersion') ?? ''
    const fixed = { Action: { type: 'string', const: action }, Version: { type: 'string', const: version } }
    const schema = node({
      type: 'object',
      properties: { ...fixed, ...properties },
      required: ['Action', 'Version', ...required],
    })
    return { required: true, media: [{ type: 'application/x-www-form-urlencoded', schema }] }
  }
  const payload = ownText(input, 'payload')
  const member = payload === undefined ? undefined : own(own(input, 'members'), payload)
  if (member !== undefined) {
    const blob = /^(?:blob|string)$/.test(ownText(shapeOf(member, model), 'type') ?? 'string')
    const type = blob ? 'application/octet-stream' : protocol === 'rest-xml' ? 'application/xml' : 'application/json'
    const required = ownList(input, 'required').includes(payload)
    return { required, media: [{ type, schema: node(awsSchema(member, words)) }] }
  }
  const json = protocol === 'json'
  if (!json && bodyMembers(input).length === 0) return undefined
  const header = json ? `application/x-amz-json-${ownText(model.metadata, 'jsonVersion') ?? '1.0'}` : undefined
  const type = header ?? (protocol === 'rest-xml' ? 'application/xml' : 'application/json')
  const named = ownText(own(operation, 'input'), 'shape')
  const schema = node(
    named === undefined ? awsSchema(isFields(input) ? input : { type: 'structure' }, words) : definition(named),
  )
  return { required: json || ownList(input, 'required').length > 0, media: [{ type, schema }] }
}

function responsesOf(output: unknown, status: number, model: AwsModel, node: Translated['node']): ResponseModel[] {
  const shape = shapeOf(output, model)
  const headers = new Map<string, SchemaNode>()
  for (const [member, facts] of ownEntries(shape, 'members')) {
    if (ownText(facts, 'location') === 'header')
      headers.set(nameOf(member, facts).toLowerCase(), node({ type: 'string' }))
  }
  const payload = ownText(shape, 'payload')
  const member = payload === undefined ? undefined : own(own(shape, 'members'), payload)
  const media: MediaTypeModel[] = []
  const type = model.words.json ? 'application/json' : 'text/xml'
  if (member !== undefined) {
    const blob = ownText(shapeOf(member, model), 'type') === 'blob'
    media.push({ type: blob ? 'application/octet-stream' : type, schema: node(awsSchema(member, model.words)) })
  } else if (bodyMembers(shape).length > 0) {
    const named = ownText(output, 'shape')
    media.push({ type, schema: node(named === undefined ? awsSchema(shape, model.words) : definition(named)) })
  }
  return [{ status: String(status), media, headers }]
}
