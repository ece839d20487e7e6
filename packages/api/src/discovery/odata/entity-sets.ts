import type { MediaTypeModel, OperationModel, ParameterModel, ResponseModel } from '../model.ts'
import type { Fields } from '../own.ts'
import type { XmlElement } from '../source-document.ts'
import { definition, type Translated } from '../translated.ts'
import type { Edm } from './edm.ts'

type Node = Translated['node']

/** What versions of the protocol do differently. */
export interface Dialect {
  /** Around a single answer. */
  single(schema: Fields): Fields
  list(schema: Fields): Fields
  readonly items: string
  readonly nextLink: string
  readonly update: 'PATCH' | 'PUT'
  readonly count: string
}

const wrapped = (schema: Fields): Fields => ({ type: 'object', properties: { d: schema } })

export const dialects: Readonly<Record<2 | 3 | 4, Dialect>> = {
  2: {
    single: wrapped,
    list: (schema) =>
      wrapped({
        type: 'object',
        properties: {
          results: { type: 'array', items: schema },
          __next: { type: 'string' },
          __count: { type: 'string' },
        },
      }),
    items: 'd.results',
    nextLink: 'd.__next',
    update: 'PUT',
    count: '$inlinecount',
  },
  3: {
    single: (schema) => schema,
    list: (schema) => listOf(schema, 'odata.nextLink', 'odata.count'),
    items: 'value',
    nextLink: 'odata.nextLink',
    update: 'PATCH',
    count: '$inlinecount',
  },
  4: {
    single: (schema) => schema,
    list: (schema) => listOf(schema, '@odata.nextLink', '@odata.count'),
    items: 'value',
    nextLink: '@odata.nextLink',
    update: 'PATCH',
    count: '$count',
  },
}

function listOf(schema: Fields, next: string, count: string): Fields {
  return {
    type: 'object',
    properties: { value: { type: 'array', items: schema }, [next]: { type: 'string' }, [count]: { type: 'integer' } },
  }
}

/** List, create, get, update and delete of one entity set. */
export function setOperations(set: string, type: string, edm: Edm, node: Node): OperationModel[] {
  const dialect = dialects[edm.version]
  const entity = definition(edm.qualified(type))
  const collection = `/${set}`
  const one = (verb: string, method: string, path: string, more: Partial<OperationModel>): OperationModel => ({
    ...base(`${set}.${verb}`, method, path, [set]),
    ...more,
  })
  const found = [
    one('list', 'GET', collection, {
      parameters: queryOptions(
        ['$filter', '$select', '$expand', '$orderby', '$top', '$skip', dialect.count],
        edm,
        node,
      ),
      responses: answer('200', dialect.list(entity), node),
      paging: { by: 'odata', items: dialect.items, nextLink: dialect.nextLink, limitInput: '$top' },
    }),
    one('create', 'POST', collection, {
      body: { required: true, media: json(entity, node) },
      responses: answer('201', dialect.single(entity), node),
    }),
  ]
  const key = keyOf(type, edm, node)
  if (key === undefined) return found
  const path = `${collection}${key.path}`
  const options = queryOptions(['$select', '$expand'], edm, node)
  return [
    ...found,
    one('get', 'GET', path, {
      parameters: [...key.parameters, ...options],
      responses: answer('200', dialect.single(entity), node),
    }),
    one('update', dialect.update, path, {
      parameters: key.parameters,
      body: { required: true, media: json(entity, node) },
      responses: answer('204', undefined, node),
    }),
    one('delete', 'DELETE', path, { parameters: key.parameters, responses: answer('204', undefined, node) }),
  ]
}

export function singletonOperations(element: XmlElement, edm: Edm, node: Node): OperationModel[] {
  const name = element.attributes.get('Name') ?? ''
  const type = element.attributes.get('Type') ?? ''
  if (name === '' || edm.typeNamed(type) === undefined) return []
  const parameters = queryOptions(['$select', '$expand'], edm, node)
  const responses = answer('200', definition(edm.qualified(type)), node)
  return [{ ...base(`${name}.get`, 'GET', `/${name}`, [name]), parameters, responses }]
}

/** `({Id})`, `('{Code}')` or `(A={A},B='{B}')`; undefined for types without a key. */
export function keyOf(
  type: string,
  edm: Edm,
  node: Node,
): { readonly path: string; readonly parameters: ParameterModel[] } | undefined {
  const keys = edm.keysOf(type)
  if (keys.length === 0 || keys.some(({ name }) => name === '' || name.includes('/'))) return undefined
  const written = keys.map(({ name, type: edmType }) => literal(name, edmType, edm.version))
  const path =
    keys.length === 1 ? `(${written[0]})` : `(${keys.map(({ name }, at) => `${name}=${written[at]}`).join(',')})`
  return { path, parameters: keys.map(({ name, type: edmType }) => keyParameter(name, edmType, edm, node)) }
}

export function keyParameter(name: string, type: string, edm: Edm, node: Node): ParameterModel {
  const schema = edm.schemaOf(type)
  // An apostrophe would end the literal: it is refused, not doubled, since nothing here could double it.
  const safe = type === 'Edm.String' ? { ...schema, pattern: "^[^']*$" } : schema
  return { name, in: 'path', required: true, schema: node(safe), style: 'simple', explode: false }
}

/** How a value stands in a URL (OData 4.01 URL conventions, section 4.3.1; version 2 marks more types). */
export function literal(name: string, type: string, version: 2 | 3 | 4): string {
  if (type === 'Edm.String') return `'{${name}}'`
  if (version < 4 && type === 'Edm.Guid') return `guid'{${name}}'`
  if (version < 4 && type === 'Edm.DateTime') return `datetime'{${name}}'`
  return `{${name}}`
}

function queryOptions(names: readonly string[], edm: Edm, node: Node): ParameterModel[] {
  return names.map((name) => {
    const number = name === '$top' || name === '$skip'
    const flag = name === '$count' && edm.version === 4
    const schema = node(number ? { type: 'integer', minimum: 0 } : { type: flag ? 'boolean' : 'string' })
    return { name, in: 'query', required: false, schema, style: 'form', explode: true }
  })
}

export function base(id: string, method: string, path: string, tags: readonly string[]): OperationModel {
  const key = `${method} ${path}`
  return { key, id, method, path, tags, deprecated: false, parameters: [], responses: [], security: [] }
}

export function json(schema: Fields, node: Node): MediaTypeModel[] {
  return [{ type: 'application/json', schema: node(schema) }]
}

export function answer(status: string, schema: Fields | undefined, node: Node): ResponseModel[] {
  return [{ status, media: schema === undefined ? [] : json(schema, node), headers: new Map() }]
}
