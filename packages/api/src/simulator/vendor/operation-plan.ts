import type { FieldSchema } from '../../json-schema/field-schema.ts'
import type { IntegrationManifest } from '../../manifest/manifest.ts'
import { sameJson, valueAt } from '../wire/own-value.ts'
import { type RequestPlace, readPlace, type VendorRequest } from './request.ts'

export type Operation = IntegrationManifest['operations'][string]
export type Input = NonNullable<Operation['input']>[string]
export type Pagination = NonNullable<IntegrationManifest['pagination']>[string]

/** One operation as the vendor routes it. */
export interface OperationPlan {
  readonly name: string
  readonly noun: string
  readonly verb: string
  readonly operation: Operation
  readonly method: string
  /** Of the origin that the operation belongs to; undefined for the base. */
  readonly origin: string | undefined
  readonly pattern: RegExp
  /** Names in the braces of the template, in order. */
  readonly placeholders: readonly string[]
  readonly template: string
  readonly inputs: readonly PlacedInput[]
  readonly pagination: Pagination | undefined
  /** How many things a request must have to be this operation's: the more, the better it fits. */
  readonly weight: number
  /** Whether constants, document and method of a request are those of the operation. */
  matches(request: VendorRequest): boolean
}

export interface PlacedInput {
  readonly name: string
  readonly as: string
  readonly input: Input
}

export function planOf(manifest: IntegrationManifest, name: string, operation: Operation): OperationPlan {
  const [noun = '', verb = ''] = name.split('.')
  const [method = '', target = ''] = operation.request.split(' ')
  const [template = '', query = ''] = target.split('?')
  const route = routeOf(template)
  const constants = [
    ...new URLSearchParams(query),
    ...Object.entries(operation.constants?.query ?? {}).map(([key, value]) => [key, value] as const),
  ].filter(([key]) => !Object.values(operation.input ?? {}).some((input) => input.in === 'query' && input.as === key))
  const bodyConstants = Object.entries(operation.constants?.body ?? {}).filter(
    ([path]) => !Object.entries(operation.input ?? {}).some(([key, input]) => (input.as ?? key) === path),
  )
  // Such as X-Amz-Target, which tells apart what has one address.
  const headers = Object.entries(operation.constants?.headers ?? {}).filter(
    ([key]) =>
      !/^(accept|content-type)$/i.test(key) && !Object.values(operation.input ?? {}).some((input) => input.as === key),
  )
  const { pagination } = operation.list ?? {}
  return {
    name,
    noun,
    verb,
    operation,
    method,
    origin: operation.origin,
    ...route,
    template,
    inputs: Object.entries(operation.input ?? {}).map(([key, input]) => ({ name: key, as: input.as ?? key, input })),
    pagination: typeof pagination === 'string' ? manifest.pagination?.[pagination] : pagination,
    weight:
      template.replace(/\{[^}]*\}/g, '').length +
      1000 * (constants.length + bodyConstants.length + headers.length) +
      (operation.graphql === undefined && operation.rpc === undefined ? 0 : 1000),
    matches(request) {
      for (const [key, value] of constants)
        if (!request.url.searchParams.getAll(key).includes(String(value)) && !Array.isArray(value)) return false
      for (const [key, value] of headers) if (request.headers[key.toLowerCase()] !== value) return false
      for (const [path, value] of bodyConstants) {
        const found = valueAt(request.body, path) ?? valueAt(request.body, path.replaceAll('.', '\u0000'))
        if (!sameJson(found, value) && String(found) !== String(value)) return false
      }
      if (operation.graphql !== undefined)
        return squeezed(valueAt(request.body, 'query')) === squeezed(operation.graphql)
      return operation.rpc === undefined || valueAt(request.body, 'method') === operation.rpc
    },
  }
}

const squeezed = (text: unknown): string =>
  String(text)
    .replace(/[\s,]+/g, ' ')
    .trim()

/** A template as an expression over the path, with the names of its variables. */
export function routeOf(template: string): { readonly pattern: RegExp; readonly placeholders: readonly string[] } {
  const placeholders: string[] = []
  const source = template
    .split(/(\{[^{}]*\})/)
    .map((part) => {
      const name = /^\{(.*)\}$/.exec(part)?.[1]
      if (name === undefined) return part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
      placeholders.push(name)
      return '([^/]+?)'
    })
    .join('')
  return { pattern: new RegExp(`^${source}$`), placeholders }
}

/** Where a vendor looks for an input. */
export function placeOfInput({ as, input }: PlacedInput): RequestPlace | undefined {
  switch (input.in) {
    case 'query':
      return { query: as }
    case 'header':
      return { header: as }
    case 'variable':
      return { variable: as }
    case 'rpc':
      return { body: `params.${as}` }
    case 'body':
      return { body: as === '@' ? '' : as }
    case 'form':
    case 'part':
      return { body: as }
    default:
      return undefined
  }
}

/** Whether a request carries an input. Objects in queries may stand in keys with brackets, lists in keys with an ending. */
export function carries(request: VendorRequest, placed: PlacedInput): boolean {
  const place = placeOfInput(placed)
  if (place === undefined) return true
  if ('query' in place)
    return [...request.url.searchParams.keys()].some((key) => key === place.query || key.startsWith(`${place.query}[`))
  if ('body' in place && (place.body === '' || request.body === undefined)) return request.bytes.length > 0
  // Names of forms are flat.
  if ('body' in place && Object.hasOwn(request.body as object, place.body)) return true
  if ('body' in place && Object.keys(request.body as object).some((key) => key.startsWith(`${place.body}[`)))
    return true
  return readPlace(request, place) !== undefined
}

/** The value of an input as the request writes it; undefined where it carries none. */
export function inputValue(
  request: VendorRequest,
  placed: PlacedInput,
  path: Readonly<Record<string, string>>,
): unknown {
  const { as, name, input } = placed
  if (input.in === 'path') return path[as] ?? path[name]
  if (input.in === 'query') {
    const all = request.url.searchParams.getAll(as)
    return all.length > 1 ? all : all[0]
  }
  const place = placeOfInput(placed)
  if (place === undefined) return undefined
  if ('header' in place) return request.headers[place.header.toLowerCase()]
  if ('variable' in place) return valueAt(request.body, `variables.${place.variable}`)
  if (!('body' in place)) return undefined
  const { body } = request
  return typeof body === 'object' && body !== null && Object.hasOwn(body, place.body)
    ? (body as Record<string, unknown>)[place.body]
    : valueAt(body, place.body)
}

/** A schema in place, or the name of one of `schemas`. */
export const schemaOf = (schema: unknown): FieldSchema =>
  typeof schema === 'string' ? { $ref: `#/schemas/${schema}` } : ((schema ?? {}) as FieldSchema)
