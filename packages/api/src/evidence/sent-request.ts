import { entryOf, type Manifest, type OperationEntry, type PaginationEntry } from '../declarative/manifest-parts.ts'
import type { FieldSchema } from '../json-schema/field-schema.ts'
import { isRequired, schemaOfInput } from '../manifest/lint/schema-places.ts'
import { type BodyPlace, bodySchema } from './sent-body.ts'

/** A parameter that our requests carry. */
export interface SentParameter {
  readonly name: string
  readonly in: 'path' | 'query' | 'header'
  /** Sent with every request, not only when a caller gives it. */
  readonly always: boolean
  /** Of its values; undefined where the engine makes them. */
  readonly schema?: FieldSchema | undefined
  readonly style?: string | undefined
  /** What writes it, for messages: the name of an input, `pagination`, `constants`, `transport`, `apiVersions`. */
  readonly by: string
}

export type BodyKind = NonNullable<OperationEntry['body']>

export interface SentBody {
  readonly kind: BodyKind
  readonly contentType?: string | undefined
  /** Undefined for text and bytes. */
  readonly schema?: FieldSchema | undefined
}

/** What an operation sends, as far as the manifest fixes it. */
export interface SentRequest {
  readonly method: string
  /** With `{name}` of inputs; once per supported version of the API where the path names it. */
  readonly paths: readonly string[]
  readonly parameters: readonly SentParameter[]
  readonly body?: SentBody | undefined
}

export function sentRequest(manifest: Manifest, operation: OperationEntry): SentRequest {
  const [method = 'GET', target = '/'] = operation.request.split(' ')
  const [path = '/', query = ''] = target.split('?')
  const { apiVersions } = manifest
  const versions = path.includes('{apiVersion}')
    ? [...new Set([apiVersions?.default ?? '', ...(apiVersions?.supported ?? []).map(({ version }) => version)])]
    : ['']
  return {
    method,
    paths: versions.map((version) => path.replaceAll('{apiVersion}', version)),
    parameters: [
      ...fromInputs(manifest, operation),
      ...fixed(manifest, operation, query),
      ...paging(manifest, operation),
    ],
    body: bodyOf(manifest, operation),
  }
}

function fromInputs(manifest: Manifest, { input = {} }: OperationEntry): SentParameter[] {
  return Object.entries(input).flatMap(([key, entry]) => {
    const { in: place } = entry
    if (place !== 'path' && place !== 'query' && place !== 'header') return []
    const style = entry.style ?? (place === 'query' ? (manifest.transport?.arrays ?? 'repeat') : undefined)
    const always = place === 'path' || isRequired(entry) || entry.default !== undefined
    return [{ name: entry.as ?? key, in: place, always, schema: schemaOfInput(entry), style, by: `input ${key}` }]
  })
}

const always = (name: string, place: 'query' | 'header', by: string, value?: unknown): SentParameter => ({
  name,
  in: place,
  always: true,
  by,
  ...(value === undefined ? {} : { schema: { const: value } }),
})

function fixed({ transport = {}, apiVersions }: Manifest, operation: OperationEntry, query: string): SentParameter[] {
  const { constants = {}, idempotencyHeader, accept } = operation
  const constant = (value: unknown): unknown => (typeof value === 'object' ? undefined : value)
  const send = apiVersions?.send
  return [
    ...[...new URLSearchParams(query)].map(([name, value]) => always(name, 'query', 'request', value)),
    ...Object.entries(constants.query ?? {}).map(([name, value]) => always(name, 'query', 'constants', value)),
    ...Object.entries(constants.headers ?? {}).map(([name, value]) => always(name, 'header', 'constants', value)),
    ...Object.entries(transport.query ?? {}).map(([name, value]) =>
      always(name, 'query', 'transport', constant(value)),
    ),
    ...Object.entries(transport.headers ?? {}).map(([name, value]) =>
      always(name, 'header', 'transport', constant(value)),
    ),
    ...(idempotencyHeader === undefined ? [] : [always(idempotencyHeader, 'header', 'idempotencyHeader')]),
    ...(accept === undefined ? [] : [always('accept', 'header', 'accept')]),
    ...(send !== undefined && 'header' in send ? [always(send.header, 'header', 'apiVersions')] : []),
    ...(send !== undefined && 'query' in send ? [always(send.query, 'query', 'apiVersions')] : []),
  ]
}

/** The pagination of a list, whether it stands in place or is named. */
export function paginationOf(manifest: Manifest, { list }: OperationEntry): PaginationEntry | undefined {
  const pagination = list?.pagination
  return typeof pagination === 'string' ? entryOf(manifest.pagination, pagination) : pagination
}

function paging(manifest: Manifest, operation: OperationEntry): SentParameter[] {
  const pagination = paginationOf(manifest, operation)
  if (pagination === undefined || pagination.kind === 'none') return []
  const found: SentParameter[] = []
  const add = (name: string | undefined, place: 'query' | 'header', sent: boolean): void => {
    if (name !== undefined) found.push({ name, in: place, always: sent, by: 'pagination' })
  }
  if (!isInBody(pagination, operation)) add(pagination.sizeKey, 'query', pagination.size !== undefined)
  if ('send' in pagination) {
    if ('query' in pagination.send) add(pagination.send.query, 'query', false)
    if ('header' in pagination.send) add(pagination.send.header, 'header', false)
  }
  const counted = !isInBody(pagination, operation)
  if (pagination.kind === 'page' && counted) add(pagination.page, 'query', true)
  if (pagination.kind === 'offset' && counted) add(pagination.offset, 'query', true)
  if (pagination.kind === 'odata' && pagination.size !== undefined) add(pagination.top ?? '$top', 'query', true)
  if (pagination.kind === 'range-header') add('range', 'header', true)
  if (pagination.kind === 'time-window') {
    add(pagination.from, 'query', true)
    add(pagination.to, 'query', true)
  }
  return found
}

/** The engine writes numbers of pages and offsets where the operation's own inputs go, unless the manifest says where. */
function isInBody(pagination: PaginationEntry, operation: OperationEntry): boolean {
  if ('send' in pagination) return 'body' in pagination.send
  if (pagination.kind === 'offset' && pagination.in !== undefined) return pagination.in === 'body'
  if (pagination.kind !== 'page' && pagination.kind !== 'offset') return false
  const inputs = Object.values(operation.input ?? {})
  const bodied = !operation.request.startsWith('GET ') && inputs.length > 0
  return bodied && !inputs.some(({ in: place }) => place === 'query')
}

/** Callers may ask for other sizes, up to the vendor's largest. */
const pageSize = ({
  size = 1,
  max = size,
}: {
  readonly size?: number | undefined
  readonly max?: number | undefined
}): FieldSchema => ({
  type: 'integer',
  minimum: 1,
  maximum: max,
})

/** Fields that the pagination writes into bodies. */
function pagingInBody(manifest: Manifest, operation: OperationEntry): BodyPlace[] {
  const pagination = paginationOf(manifest, operation)
  if (pagination === undefined || pagination.kind === 'none' || !isInBody(pagination, operation)) return []
  const places: BodyPlace[] = []
  if (pagination.sizeKey !== undefined)
    places.push({ path: pagination.sizeKey, schema: pageSize(pagination), always: pagination.size !== undefined })
  if (pagination.kind === 'offset')
    places.push({ path: pagination.offset, schema: { type: 'integer', minimum: 0 }, always: true })
  if ('send' in pagination && 'body' in pagination.send)
    places.push({
      path: pagination.send.body,
      // The key of a record has the record's own type; all other cursors are text.
      schema: pagination.kind === 'keyset' ? {} : { type: 'string' },
      always: false,
    })
  return places
}

function bodyOf(manifest: Manifest, operation: OperationEntry): SentBody | undefined {
  const { graphql, rpc, soap, input = {}, constants = {}, contentType } = operation
  if (graphql !== undefined || rpc !== undefined || soap !== undefined) return undefined
  const inside = Object.entries(input).filter(([, { in: place }]) => ['body', 'form', 'part'].includes(place))
  const constant = Object.entries(constants.body ?? {})
  const pages = pagingInBody(manifest, operation)
  if (inside.length + constant.length + pages.length === 0) return undefined
  const has = (place: string): boolean => inside.some(([, entry]) => entry.in === place)
  const kind = operation.body ?? (has('part') ? 'multipart' : has('form') ? 'form' : 'json')
  if (kind === 'text' || kind === 'bytes') return { kind, contentType }
  const whole = inside.find(([key, { as = key }]) => as === '@')
  if (whole !== undefined) return { kind, contentType, schema: schemaOfInput(whole[1]) }
  const nested = kind === 'json' || kind === 'ndjson'
  const schema = bodySchema(
    [
      ...pages,
      ...constant.map(([path, value]) => ({ path, schema: { const: value }, always: true })),
      ...inside.map(([key, entry]) => ({
        path: entry.as ?? key,
        schema: schemaOfInput(entry),
        always: isRequired(entry) || entry.default !== undefined,
      })),
    ],
    nested,
  )
  return { kind, contentType, schema }
}
