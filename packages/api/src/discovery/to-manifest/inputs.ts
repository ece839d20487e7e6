import type { MediaTypeModel, OperationModel, ParameterModel } from '../model.ts'
import type { SchemaNode, Schemas } from '../schema.ts'
import { kindOfMedia } from './answer.ts'
import { camelOf, freeName, wordsOf } from './names.ts'
import type { Sendable } from './paging.ts'
import type { Guesses } from './report.ts'
import { clip, type SchemaWriter, shallow, type WritableSchema } from './schema-writer.ts'

export type Input = Record<string, unknown>

export interface InputsFacts {
  readonly input: Record<string, Input>
  /** The request's path with the inputs' names in braces. */
  readonly path: string
  readonly constants?: Readonly<Record<string, Readonly<Record<string, unknown>>>> | undefined
  readonly body?: string | undefined
  readonly contentType?: string | undefined
}

export interface InputsNeeds {
  readonly operation: OperationModel
  readonly schemas: Schemas
  readonly writer: SchemaWriter
  readonly guesses: Guesses
  /** Dotted path of the operation in the manifest. */
  readonly place: string
  /** Longest description. */
  readonly words: number
}

const styles = {
  form: 'comma',
  space: 'space',
  pipe: 'pipe',
  deep: 'deep',
  simple: 'comma',
  tab: 'comma',
  label: 'comma',
  matrix: 'comma',
  json: 'repeat',
} as const
const places = { json: 'body', form: 'form', multipart: 'part' } as const

/** What paging could write: query and header parameters and the fields of a JSON body. */
export function sendableOf({ parameters, body }: OperationModel, schemas: Schemas): Sendable[] {
  const found: Sendable[] = []
  for (const { name, in: place } of parameters) {
    if (place === 'query' || place === 'header') found.push({ name, in: place })
  }
  const media = body?.media.find((one) => kindOfMedia(one.type) === 'json')
  const fields = media?.schema === undefined ? undefined : schemas.fields(media.schema)
  for (const name of fields?.properties.keys() ?? []) if (!name.includes('.')) found.push({ name, in: 'body' })
  return found
}

/** The inputs of an operation without those that paging writes. Bodies are opened one level. */
export function inputsOf(needs: InputsNeeds, written: readonly Sendable[]): InputsFacts {
  const { operation, schemas, guesses, place } = needs
  const input: Record<string, Input> = {}
  const taken = new Set<string>()
  const constants: Record<string, Record<string, unknown>> = {}
  const targets = new Set<string>()
  let { path } = operation
  const skip = new Set(written.map((one) => `${one.in} ${one.name}`))
  for (const [name, value] of operation.fixedQuery ?? []) constants.query = { ...constants.query, [name]: value }
  const order = { path: 0, query: 1, header: 2, cookie: 3 }
  for (const parameter of [...operation.parameters].sort((a, b) => order[a.in] - order[b.in])) {
    const target = `${parameter.in} ${parameter.in === 'header' ? parameter.name.toLowerCase() : parameter.name}`
    if (skip.has(`${parameter.in} ${parameter.name}`) || targets.has(target)) continue
    targets.add(target)
    if (parameter.in === 'cookie') {
      guesses.add(place, `the cookie "${parameter.name}" is left out`, 'low', 'operations have no cookies of their own')
      continue
    }
    const fixed = parameter.in === 'path' ? undefined : fixedValue(parameter, schemas)
    if (fixed !== undefined && parameter.in !== 'path') {
      const group = parameter.in === 'query' ? 'query' : 'headers'
      if (!Object.hasOwn(constants[group] ?? {}, parameter.name))
        constants[group] = { ...constants[group], [parameter.name]: fixed }
      continue
    }
    if (Object.hasOwn((parameter.in === 'query' ? constants.query : constants.headers) ?? {}, parameter.name)) continue
    const one = inputOf(parameter, needs)
    if (one === undefined) continue
    const key = keyFor(parameter.name, parameter.in, taken)
    if (parameter.in === 'path') path = path.replaceAll(`{${parameter.name}}`, `{${key}}`)
    input[key] = parameter.in === 'path' || key === parameter.name ? one : { ...one, as: parameter.name }
  }
  const body = bodyOf(needs, input, taken, skip, constants)
  return { input, path, constants: Object.keys(constants).length === 0 ? undefined : constants, ...body }
}

export function keyFor(name: string, place: string, taken: Set<string>): string {
  const plain = camelOf(wordsOf(name), 'value')
  const exact = /^[a-z][A-Za-z0-9]*$/.test(name) ? name : plain
  const key = !taken.has(exact) ? exact : freeName(`${exact}${place[0]?.toUpperCase()}${place.slice(1)}`, taken)
  taken.add(key)
  return key
}

/** A required parameter with one value is none. */
function fixedValue({ required, schema, in: place }: ParameterModel, schemas: Schemas): string | undefined {
  if (!required) return undefined
  const view = schemas.view(schema)
  const value = view.const === undefined ? (view.enum?.length === 1 ? view.enum[0] : undefined) : view.const.value
  if (typeof value === 'string' && value !== '' && (place !== 'header' || /^[\x20-\x7e]+$/.test(value))) return value
  return undefined
}

function inputOf(
  parameter: ParameterModel,
  { schemas, writer, guesses, place, words }: InputsNeeds,
): Input | undefined {
  const view = schemas.view(parameter.schema)
  const isObject = view.types.includes('object')
  const at = `${place}.input`
  let schema: WritableSchema = { ...writer.write(parameter.schema, 'input') }
  const inQuery = parameter.in === 'query'
  if (parameter.style === 'json') {
    guesses.add(at, `"${parameter.name}" is text that holds JSON`, 'high', 'the description gives it a media type')
    schema = { type: 'string' }
  } else if (isObject && !(inQuery && parameter.style === 'deep')) {
    if (inQuery && !parameter.required) {
      guesses.add(at, `"${parameter.name}" is left out`, 'low', 'an object is spread over the query')
      return undefined
    }
    guesses.add(at, `"${parameter.name}" is text`, 'low', 'an object does not go into this place')
    schema = { type: 'string' }
  } else if (parameter.in === 'path' && view.types.includes('array')) {
    schema = { type: 'string' }
    guesses.add(at, `"${parameter.name}" is text`, 'medium', 'a list in a path is written by the caller, with commas')
  }
  const described = parameter.description ?? view.description
  const list = view.types.includes('array') && schema.type !== 'string'
  return {
    in: parameter.in,
    ...asInput(schema),
    ...(described === undefined || words === 0 ? {} : { description: clip(described, words) }),
    ...(parameter.required && parameter.in !== 'path' ? { required: true } : {}),
    ...(parameter.deprecated === true ? { deprecated: true } : {}),
    ...(inQuery && parameter.style === 'deep' && isObject ? { style: 'deep' } : {}),
    ...(list && inQuery && parameter.style !== 'deep' && !parameter.explode ? { style: styles[parameter.style] } : {}),
  }
}

/** `required` of an input is a flag; that of an object is called otherwise. */
export function asInput(schema: WritableSchema): Input {
  const { required, ...rest } = schema
  return required === undefined ? rest : { ...rest, requiredProperties: required }
}

type BodyFacts = Pick<InputsFacts, 'body' | 'contentType'>

function bodyOf(
  needs: InputsNeeds,
  input: Record<string, Input>,
  taken: Set<string>,
  skip: ReadonlySet<string>,
  constants: Record<string, Record<string, unknown>>,
): BodyFacts {
  const { operation, schemas, guesses, place } = needs
  const body = operation.body
  if (body === undefined || body.media.length === 0) return {}
  if (operation.method === 'GET' || operation.method === 'HEAD') {
    guesses.add(place, 'the body is left out', 'low', `a ${operation.method} has no body`)
    return {}
  }
  const { media, kind } = chosen(body.media)
  if (kind === 'bytes' || kind === 'text') {
    const key = keyFor('body', 'body', taken)
    const format = kind === 'bytes' ? { format: 'binary' } : {}
    input[key] = { in: 'body', as: '@', type: 'string', ...format, ...(body.required ? { required: true } : {}) }
    if (/xml/.test(media.type)) guesses.add(place, 'the body is XML text', 'high', 'inputs are not turned into XML')
    return { body: kind, ...(media.type.includes('*') || media.type === '' ? {} : { contentType: media.type }) }
  }
  const contentType =
    kind === 'json' && media.type !== 'application/json' && !media.type.includes('*') ? { contentType: media.type } : {}
  const fields = media.schema === undefined ? undefined : schemas.fields(media.schema)
  const names = [...(fields?.properties.keys() ?? [])]
  const open =
    kind !== 'json' || names.every((name) => name !== '' && name !== '@' && name !== '__proto__' && !name.includes('.'))
  const view = media.schema === undefined ? undefined : schemas.view(media.schema)
  const choice = (view?.oneOf.length ?? 0) + (view?.anyOf.length ?? 0) > 0
  if (fields === undefined || names.length === 0 || !open || choice || typeof fields.additional === 'object') {
    const key = keyFor('body', 'body', taken)
    const schema = media.schema === undefined ? {} : needs.writer.write(media.schema, 'input')
    if (kind === 'json')
      input[key] = { in: 'body', as: '@', ...asInput({ ...schema }), ...(body.required ? { required: true } : {}) }
    else guesses.add(place, 'the form is left out', 'low', 'the description names none of its fields')
    return kind === 'json' ? contentType : {}
  }
  for (const [name, node] of fields.properties) {
    const inside = places[kind]
    if (skip.has(`body ${name}`) || name === '' || name.length > 1000) continue
    const property = schemas.view(node)
    if (property.readOnly === true) continue
    const required = body.required && fields.required.has(name)
    const value = property.const?.value
    if (required && typeof value === 'string' && inside === 'body') {
      constants.body = { ...constants.body, [name]: value }
      continue
    }
    const key = keyFor(name, 'body', taken)
    input[key] = {
      in: inside,
      ...(key === name ? {} : { as: name }),
      ...fieldOf(node, kind, needs),
      ...(required ? { required: true } : {}),
    }
  }
  const sent =
    Object.values(input).some(({ in: where }) => where === places[kind]) ||
    constants.body !== undefined ||
    [...skip].some((one) => one.startsWith('body '))
  return { ...(sent && kind !== 'json' ? { body: kind } : {}), ...(sent ? contentType : {}) }
}

/** A field of a body. Fields of forms and parts are text, numbers, flags, files, and lists of these. */
function fieldOf(node: SchemaNode, kind: 'json' | 'form' | 'multipart', { schemas, writer }: InputsNeeds): Input {
  if (kind === 'json') return asInput({ ...writer.write(node, 'input') })
  const view = schemas.view(node)
  if (view.types.includes('object')) return { type: 'object' }
  if (view.types.includes('array')) {
    const items = view.items === undefined ? {} : shallow(schemas.view(view.items))
    return { type: 'array', items: items.type === undefined ? { type: 'string' } : items }
  }
  return asInput({ ...writer.write(node, 'input') })
}

function chosen(media: readonly MediaTypeModel[]): {
  media: MediaTypeModel
  kind: 'json' | 'form' | 'multipart' | 'text' | 'bytes'
} {
  const json = media.find((one) => kindOfMedia(one.type) === 'json' && one.type !== '*/*')
  if (json !== undefined) return { media: json, kind: 'json' }
  const form = media.find((one) => one.type === 'application/x-www-form-urlencoded')
  if (form !== undefined) return { media: form, kind: 'form' }
  const parts = media.find((one) => one.type === 'multipart/form-data' || one.type === 'application/form-data')
  if (parts !== undefined) return { media: parts, kind: 'multipart' }
  const [first] = media as [MediaTypeModel]
  const kind = kindOfMedia(first.type)
  if (first.type === '*/*' && first.schema !== undefined) return { media: first, kind: 'json' }
  return { media: first, kind: kind === 'text' || kind === 'xml' || kind === 'csv' ? 'text' : 'bytes' }
}
