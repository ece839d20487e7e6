import {
  type Connection,
  patchbayError,
  type Schema,
  type StreamOrder,
  type StreamPage,
  type StreamSpec,
  unchecked,
} from '@patchbay/core'
import { type CursorOptions, cursor, pathReader, type Query } from '@patchbay/core/http'
import type { ListInput } from '../../request/request-input.ts'
import type { rest } from './rest.ts'

export type RestConnection = Connection<typeof rest>

interface RestStreamBasics<Item> {
  /** Names the stream in errors and events. */
  readonly name: string
  /** The list. */
  readonly path: string
  readonly query?: Query | undefined
  readonly items?: ListInput['items']
  /** What each record must look like. */
  readonly record?: Schema<Item> | undefined
  /** Identity of a record: a dotted path of a text or number. Default `id`. */
  readonly key?: string | undefined
}

/** Records by a time of theirs, for lists that can be asked for what is newer. */
export interface TimeStream<Item> extends RestStreamBasics<Item> {
  /** Dotted path of the record's time (ISO 8601), such as `updated_at`. */
  readonly position: string
  /** Query key that asks for what is newer, such as `since`. */
  readonly since: string
  /** How the vendor orders the list by that time. */
  readonly order: StreamOrder
  /** Whether asking for a time gives the records of that very time once more. */
  readonly boundary: 'inclusive' | 'exclusive'
  /** Milliseconds for which the vendor may still add older records. Default 0. */
  readonly lagMs?: number | undefined
  readonly paging?: ListInput['paging']
  readonly cursor?: undefined
}

/** Records in the order of a token that the vendor gives with every page and takes back later: feeds of events and changes. */
export interface TokenStream<Item> extends RestStreamBasics<Item> {
  /** Where the token is and how it is sent back. A page without records is the last for now; its token, too, is kept. */
  readonly cursor: Pick<CursorOptions, 'path' | 'header' | 'send' | 'more'>
  /** Whether going on from a token gives the last record once more. Default `exclusive`. */
  readonly boundary?: 'inclusive' | 'exclusive' | undefined
  readonly position?: undefined
}

/** A list of a REST API as a stream for core's `readStream`, which keeps the cursor. */
export function restStream<Item = unknown>(
  options: TimeStream<Item> | TokenStream<Item>,
): StreamSpec<RestConnection, Item> {
  const { name, record = unchecked<Item>() } = options
  const key = textAt(options.key ?? 'id', name)
  if (options.position === undefined) {
    const { boundary = 'exclusive' } = options
    const read = (connection: RestConnection, from: Start) => byToken(connection, options, record, from)
    return { name, order: 'ascending', boundary, cursorKind: 'opaque', record, key, read }
  }
  const { order, boundary, lagMs = 0 } = options
  const read = (connection: RestConnection, from: Start) => byTime(connection, options, record, from)
  const position = textAt(options.position, name)
  return { name, order, boundary, lagMs, cursorKind: 'time', record, key, position, read }
}

type Start = { readonly cursor: string | undefined }

async function* byTime<Item>(
  connection: RestConnection,
  { path, query, items, paging, since }: TimeStream<Item>,
  schema: Schema<Item>,
  from: Start,
): AsyncGenerator<StreamPage<Item>> {
  const list = connection.resource.list({ path, query: { ...query, [since]: from.cursor }, items, paging, schema })
  for await (const page of list.pages()) yield { items: page.items }
}

async function* byToken<Item>(
  connection: RestConnection,
  { path, query, items, cursor: place }: TokenStream<Item>,
  schema: Schema<Item>,
  from: Start,
): AsyncGenerator<StreamPage<Item>> {
  const paging = cursor({ ...place, alwaysHasNext: true })
  const token = place.path === undefined ? undefined : pathReader(place.path)
  const list = connection.resource.list({ path, query, items, paging, schema, $page: from.cursor })
  for await (const { items: records, output } of list.pages()) {
    const header = output.headers[(place.header ?? '').toLowerCase()]
    const found = token === undefined ? (Array.isArray(header) ? header[0] : header) : token(output.value)
    const known = typeof found === 'string' || typeof found === 'number'
    yield known && found !== '' ? { items: records, cursor: String(found) } : { items: records }
  }
}

function textAt(path: string, stream: string): (item: unknown) => string {
  const read = pathReader(path)
  return (item) => {
    const found = read(item)
    if (typeof found === 'string' || typeof found === 'number') return String(found)
    const message = `a record of the stream ${stream} has neither text nor a number at ${path}`
    throw patchbayError({ kind: 'protocol', code: 'no-key', sent: 'all', message })
  }
}
