import type { JsonSchema } from '@patchbay/core'
import type { FieldSchema } from '../../json-schema/field-schema.ts'
import { isRequired, schemaOfInput } from '../../manifest/lint/schema-places.ts'
import type { IntegrationManifest } from '../../manifest/manifest.ts'
import { inputSchema } from '../describe-manifest.ts'
import { defined } from './document.ts'
import { componentSchema, nested, objectOf } from './schemas.ts'

type Operation = IntegrationManifest['operations'][string]
type Input = NonNullable<Operation['input']>[string]

/** How OpenAPI calls the ways in which several values are written. */
const styles: Readonly<Record<string, { readonly style: string; readonly explode: boolean }>> = {
  repeat: { style: 'form', explode: true },
  bracket: { style: 'form', explode: true },
  comma: { style: 'form', explode: false },
  space: { style: 'spaceDelimited', explode: false },
  pipe: { style: 'pipeDelimited', explode: false },
  index: { style: 'deepObject', explode: true },
  deep: { style: 'deepObject', explode: true },
}

function parameter(key: string, input: Input, arrays: string): Record<string, unknown> {
  const schema = schemaOfInput(input)
  const many = schema.type === 'array' || schema.type === 'object'
  const style = input.in === 'query' && many ? styles[input.style ?? arrays] : undefined
  const name = input.as ?? key
  return defined({
    name: style !== undefined && (input.style ?? arrays) === 'bracket' ? `${name}[]` : name,
    in: input.in,
    required: input.in === 'path' || isRequired(input),
    description: input.description,
    deprecated: input.deprecated,
    ...style,
    schema: componentSchema(schema),
  })
}

const constant = (name: string, place: 'query' | 'header', value: unknown): Record<string, unknown> => ({
  name,
  in: place,
  required: true,
  schema: { const: value },
})

/** Parameters of the path, query and headers: the inputs, and what is always sent. */
export function parametersOf(one: Operation, arrays: string): Record<string, unknown>[] {
  const { input = {}, constants = {} } = one
  const given = Object.entries(input).filter(
    ([, { in: place }]) => place === 'path' || place === 'query' || place === 'header',
  )
  return [
    ...given.map(([key, value]) => parameter(key, value, arrays)),
    ...Object.entries(constants.query ?? {}).map(([name, value]) => constant(name, 'query', value)),
    // OpenAPI ignores parameters with these names, since content and security say them.
    ...Object.entries(constants.headers ?? {})
      .filter(([name]) => !/^(?:accept|content-type|authorization)$/i.test(name))
      .map(([name, value]) => constant(name, 'header', value)),
  ]
}

const mediaTypes: Readonly<Record<string, string>> = {
  json: 'application/json',
  form: 'application/x-www-form-urlencoded',
  multipart: 'multipart/form-data',
  ndjson: 'application/x-ndjson',
  text: 'text/plain',
  bytes: 'application/octet-stream',
}

/** The body of a request; undefined when it has none. */
export function bodyOf(one: Operation): Record<string, unknown> | undefined {
  const { graphql, rpc, soap, input = {}, constants = {}, contentType } = one
  const content = (type: string, schema: JsonSchema): Record<string, unknown> => ({
    required: true,
    content: { [contentType ?? type]: { schema } },
  })
  const callers = componentSchema(inputSchema(one))
  if (graphql !== undefined)
    return content(
      'application/json',
      objectOf([
        { path: 'query', schema: { const: graphql }, required: true },
        { path: 'variables', schema: callers, required: false },
      ]),
    )
  if (rpc !== undefined)
    return content(
      'application/json',
      objectOf([
        { path: 'jsonrpc', schema: { const: '2.0' }, required: true },
        { path: 'method', schema: { const: rpc }, required: true },
        { path: 'params', schema: callers, required: false },
        { path: 'id', schema: {}, required: true },
      ]),
    )
  if (soap !== undefined)
    return content(soap.version === '1.1' ? 'text/xml' : 'application/soap+xml', { type: 'string' })
  const inside = Object.entries(input).filter(
    ([, { in: place }]) => place === 'body' || place === 'form' || place === 'part',
  )
  const fixed = Object.entries(constants.body ?? {})
  if (inside.length === 0 && fixed.length === 0) return undefined
  const kind =
    one.body ??
    (inside.some(([, { in: place }]) => place === 'part')
      ? 'multipart'
      : inside.some(([, { in: place }]) => place === 'form')
        ? 'form'
        : 'json')
  const type = mediaTypes[kind] as string
  const whole = inside.find(([key, { as }]) => (as ?? key) === '@')
  if (whole !== undefined) return content(type, kind === 'bytes' ? {} : componentSchema(schemaOfInput(whole[1])))
  const dotted = kind === 'json'
  return content(
    type,
    objectOf([
      ...inside.map(([key, value]) => ({
        path: dotted ? (value.as ?? key) : (value.as ?? key).replaceAll('.', '\u2024'),
        schema: componentSchema(schemaOfInput(value)),
        required: isRequired(value),
      })),
      ...fixed.map(([path, value]) => ({
        path: dotted ? path : path.replaceAll('.', '\u2024'),
        schema: { const: value },
        required: true,
      })),
    ]),
  )
}

/** A path of plain names: what stands there can be told; of any other expression not. */
const plainPath = /^[A-Za-z_][\w-]*(?:\.[A-Za-z_][\w-]*)*$/

/** The vendor's answer, as far as the part that callers get tells about it. */
export function answersOf({ output, list }: Operation): Record<string, unknown> {
  const named = (schema: string | FieldSchema | undefined): JsonSchema =>
    schema === undefined ? {} : componentSchema(typeof schema === 'string' ? { $ref: `#/schemas/${schema}` } : schema)
  const answer = (type: string, schema: JsonSchema): Record<string, unknown> => ({
    200: { description: 'Success', content: { [type]: { schema } } },
    default: { description: 'Failure' },
  })
  if (list !== undefined) {
    const items = { type: 'array', items: list.each === undefined ? named(list.schema as FieldSchema | string) : {} }
    return answer('application/json', list.items === undefined || list.items === '' ? items : nested(list.items, items))
  }
  if (output?.as === 'nothing') return { 204: { description: 'Success' }, default: { description: 'Failure' } }
  if (output === undefined) return { 200: { description: 'Success' }, default: { description: 'Failure' } }
  const schema = named(output.schema as FieldSchema | string | undefined)
  if (output.as !== undefined && output.as !== 'json') return answer(answerTypes[output.as] as string, {})
  if (output.from === undefined) return answer('application/json', schema)
  return answer('application/json', plainPath.test(output.from) ? nested(output.from, schema) : {})
}

const answerTypes: Readonly<Record<string, string>> = {
  text: 'text/plain',
  bytes: 'application/octet-stream',
  stream: 'application/octet-stream',
  xml: 'application/xml',
  csv: 'text/csv',
  ndjson: 'application/x-ndjson',
}
