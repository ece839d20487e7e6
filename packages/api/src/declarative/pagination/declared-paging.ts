import {
  type ClientRequest,
  cursor,
  linkHeader,
  nextLink,
  offset,
  type Paging,
  type Place,
  pageNumber,
  pathReader,
  placeReader,
  placeWriter,
} from '@patchbay/core/http'
import { manifestFault } from '../manifest-fault.ts'
import { entryOf, type Manifest, type OperationEntry, type PaginationEntry } from '../manifest-parts.ts'
import { exportJob } from './export-job.ts'
import { keyset } from './keyset.ts'
import { rangeHeader } from './range-header.ts'
import { safeLinks } from './safe-links.ts'
import { scroll } from './scroll.ts'
import { timeWindow } from './time-window.ts'

type Send = Extract<PaginationEntry, { kind: 'cursor-body' }>['send']

/** The paging of a list, as core's own kinds or more of them. */
export function declaredPaging(manifest: Manifest, name: string, operation: OperationEntry): Paging {
  const where = `operations.${name}.list.pagination`
  const entry = paginationOf(manifest, operation)
  if (entry === undefined) throw manifestFault(where, 'names no pagination of the manifest')
  const paging = pagingOf(entry, operation, itemsPath(manifest, operation), where)
  return sized(paging, entry, operation)
}

export function paginationOf(manifest: Manifest, { list }: OperationEntry): PaginationEntry | undefined {
  const declared = list?.pagination
  return typeof declared === 'string' ? entryOf(manifest.pagination, declared) : declared
}

/** The form of an export's chunks, where it is another than that of the answers before them. */
export function chunkForm(manifest: Manifest, operation: OperationEntry): 'ndjson' | 'csv' | undefined {
  const entry = paginationOf(manifest, operation)
  const format = entry?.kind === 'export-job' ? entry.download.format : undefined
  return format === 'json' ? undefined : format
}

/** Where the records of a list are. The usual place where the kind of paging has one. */
export function itemsPath(manifest: Manifest, operation: OperationEntry): string {
  const { items } = operation.list as NonNullable<OperationEntry['list']>
  if (items !== undefined) return items
  const entry = paginationOf(manifest, operation)
  if (entry?.kind === 'odata') return 'value'
  return entry?.kind === 'graphql-relay' ? `${entry.connection}.nodes` : ''
}

function pagingOf(entry: PaginationEntry, operation: OperationEntry, items: string, where: string): Paging {
  switch (entry.kind) {
    case 'none':
      return { request: (base) => base, next: () => undefined }
    case 'link-header':
      return stopping(safeLinks(linkHeader(entry.rel, entry.only), entry.paths ?? []), entry)
    case 'next-url':
      return stopping(safeLinks(nextLink(entry.path), entry.paths ?? []), entry)
    case 'odata':
      return safeLinks(odataLink, entry.paths ?? [])
    case 'cursor-body':
      return cursor({ ...stops(entry), path: entry.path, send: placeOf(entry.send) })
    case 'cursor-header':
      return cursor({ ...stops(entry), header: entry.header, send: placeOf(entry.send) })
    case 'page': {
      const { page, pages, total, shortIsLast, more, first } = entry
      return pageNumber({ page, first, pages, total, shortIsLast, more, ...sizeOf(entry, bodied(operation)) })
    }
    case 'offset': {
      const { offset: key, total, shortIsLast, more, first } = entry
      const body = entry.in === undefined ? bodied(operation) : entry.in === 'body'
      return offset({ offset: key, first, total, shortIsLast, more, ...sizeOf(entry, body) })
    }
    case 'range-header':
      return rangeHeader(entry)
    case 'keyset':
      return keyset(entry, placeOf(entry.send), items)
    case 'time-window':
      return timeWindow(entry, startOf(entry, operation, where))
    case 'graphql-relay':
      return relay(entry)
    case 'scroll':
      return scroll(entry, placeOf(entry.continue.send), where)
    case 'export-job':
      return exportJob(entry, items, where)
  }
}

const stops = ({
  more,
  alwaysHasNext,
}: {
  readonly more?: string | undefined
  readonly alwaysHasNext?: boolean | undefined
}) => ({
  more,
  alwaysHasNext,
})

/** Ends of lists that links alone do not tell. */
function stopping(paging: Paging, { more, alwaysHasNext }: Parameters<typeof stops>[0]): Paging {
  if (more === undefined && alwaysHasNext !== true) return paging
  const readMore = more === undefined ? undefined : pathReader(more)
  return {
    ...paging,
    next(answer) {
      if (readMore !== undefined && readMore(answer.reply.value) !== true) return undefined
      return alwaysHasNext === true && answer.count === 0 ? undefined : paging.next(answer)
    },
  }
}

export function placeOf(send: Send): Place {
  if ('query' in send) return { query: send.query }
  if ('header' in send) return { header: send.header.toLowerCase() }
  return { json: 'variable' in send ? `variables.${send.variable}` : send.body }
}

/** Whether positions stand in the JSON body where the manifest does not say. */
function bodied(operation: OperationEntry): boolean {
  const inputs = Object.values(operation.input ?? {})
  return (
    !operation.request.startsWith('GET ') && !inputs.some(({ in: place }) => place === 'query') && inputs.length > 0
  )
}

function sizeOf(entry: Extract<PaginationEntry, { kind: 'page' | 'offset' }>, body: boolean) {
  const { size, sizeKey } = entry
  // Core's own default key must not be written where the manifest names none.
  return {
    in: body ? ('json' as const) : ('query' as const),
    limit: sizeKey ?? '-',
    size: sizeKey === undefined ? undefined : size,
  }
}

/** The link that OData 4, and the versions before it, put beside the records (OData JSON Format 4.01, section 4.5.5). */
const odataLink: Pick<Paging, 'next'> = {
  next({ reply }) {
    const value = reply.value as Readonly<Record<string, unknown>> | null | undefined
    if (typeof value !== 'object' || value === null) return undefined
    const own = (from: object, key: string): unknown =>
      Object.hasOwn(from, key) ? (from as Record<string, unknown>)[key] : undefined
    const older = own(value, 'd')
    const link =
      own(value, '@odata.nextLink') ??
      own(value, '@nextLink') ??
      own(value, 'odata.nextLink') ??
      (typeof older === 'object' && older !== null ? own(older, '__next') : undefined)
    if (typeof link !== 'string' || link === '' || !URL.canParse(link, reply.url)) return undefined
    return new URL(link, reply.url).href
  },
}

function relay({ connection, after }: Extract<PaginationEntry, { kind: 'graphql-relay' }>): Paging {
  const at = connection === '' ? '' : `${connection}.`
  return cursor({
    path: `${at}pageInfo.endCursor`,
    more: `${at}pageInfo.hasNextPage`,
    send: { json: `variables.${after}` },
  })
}

function startOf(entry: Extract<PaginationEntry, { kind: 'time-window' }>, operation: OperationEntry, where: string) {
  const { start, from } = entry
  const inputs = Object.entries(operation.input ?? {})
  const [name, input] =
    (start === undefined
      ? inputs.find(([key, { as }]) => (as ?? key) === from)
      : inputs.find(([key]) => key === start)) ?? []
  if (name === undefined || input === undefined)
    throw manifestFault(`${where}.start`, 'names no input with the beginning')
  const key = input.as ?? name
  return { input: name, place: input.in === 'body' ? { json: key } : { query: key } } as const
}

/** Writes the page size, and cuts what a caller asks for to what the vendor allows. Kinds that count do that themselves. */
function sized(paging: Paging, entry: PaginationEntry, operation: OperationEntry): Paging {
  if (entry.kind === 'none') return paging
  const { size, max } = entry
  const key = entry.kind === 'odata' ? (entry.top ?? '$top') : entry.sizeKey
  const place = sizePlace(entry, key, operation)
  if (place === undefined || (size === undefined && max === undefined)) return paging
  const read = placeReader(place)
  const write = placeWriter(place)
  const request = (base: ClientRequest): ClientRequest => {
    const asked = read(base)
    if (asked === undefined) return size === undefined ? base : write(base, size)
    return max !== undefined && Number(asked) > max ? write(base, max) : base
  }
  return { ...paging, request: (base, position, clock) => paging.request(request(base), position, clock) }
}

function sizePlace(
  entry: Exclude<PaginationEntry, { kind: 'none' }>,
  key: string | undefined,
  operation: OperationEntry,
): Place | undefined {
  if (entry.kind === 'graphql-relay')
    return entry.first === undefined ? undefined : { json: `variables.${entry.first}` }
  if (key === undefined || entry.kind === 'range-header') return undefined
  const send = 'send' in entry ? entry.send : undefined
  if (send !== undefined && 'variable' in send) return { json: `variables.${key}` }
  const inBody = send === undefined ? 'in' in entry && entry.in === 'body' : 'body' in send
  const counted =
    (entry.kind === 'page' || entry.kind === 'offset') &&
    !('in' in entry && entry.in !== undefined) &&
    bodied(operation)
  return inBody || counted ? { json: key } : { query: key }
}
