import type { CallOptions, Schema, StreamOrder, StreamSpec } from '@patchbay/core'
import type { GraphqlDocument, GraphqlVariables } from './document.ts'
import type { RunSettings } from './input.ts'
import { connectionReader, pages, type QueryConnection } from './relay-pages.ts'

interface StreamParts<Data, Variables, Path extends string, Item> extends RunSettings {
  readonly name: string
  readonly document: GraphqlDocument<Data, Variables>
  readonly variables: NoInfer<Variables>
  /** Where the connection is in the data. */
  readonly at: Path
  readonly record: Schema<Item>
  /** Identity of a record. */
  readonly key: (item: Item) => string
  readonly order: StreamOrder
  readonly call?: CallOptions | undefined
}

/** A stream that goes on from the cursor of the last page: for connections to whose end new records come. */
export interface CursorStream<Data, Variables, Path extends string, Item>
  extends Omit<StreamParts<Data, Variables, Path, Item>, 'order'> {
  readonly by: 'cursor'
  /** Variable that takes the cursor. Default `after`. */
  readonly cursorVariable?: string | undefined
}

/** A stream that asks for what has changed since a time. */
export interface ChangeStream<Data, Variables, Path extends string, Item>
  extends StreamParts<Data, Variables, Path, Item> {
  readonly by: 'time'
  /** Variable that takes the time (ISO 8601) from which to read; it must be nullable in the document, for the first read. */
  readonly sinceVariable: string
  /** The time of a record by which the server filters. */
  readonly position: (item: Item) => string | undefined
  readonly boundary: 'inclusive' | 'exclusive'
  readonly lagMs?: number | undefined
}

/**
 * A Relay connection as an incremental read for core's stream reader.
 */
export function connectionStream<Data, Variables, const Path extends string, Item>(
  parts: CursorStream<Data, Variables, Path, Item> | ChangeStream<Data, Variables, Path, Item>,
): StreamSpec<QueryConnection, Item> {
  const { name, document, variables, at, record, key, call } = parts
  const { operationName, errorPolicy, extensions, headers } = parts
  const settings = { at, call, operationName, errorPolicy, extensions, headers }
  const given = (variables ?? {}) as GraphqlVariables
  const read = (connection: QueryConnection, asked: GraphqlVariables, more: { cursorVariable?: string | undefined }) =>
    pages<Data, Variables, Path>(connection, document, asked as NoInfer<Variables>, { ...settings, ...more }).pages({
      prefetch: true,
    })
  if (parts.by === 'time') {
    const { sinceVariable, position, order, boundary, lagMs } = parts
    return {
      name,
      order,
      boundary,
      ...(lagMs === undefined ? {} : { lagMs }),
      cursorKind: 'time',
      record,
      key,
      position,
      async *read(connection, { cursor }) {
        const asked = cursor === undefined ? given : { ...given, [sinceVariable]: cursor }
        for await (const { items } of read(connection, asked, {})) yield { items: items as Item[] }
      },
    }
  }
  const { cursorVariable = 'after' } = parts
  const place = connectionReader(at, 'forward')
  return {
    name,
    order: 'ascending',
    boundary: 'exclusive',
    cursorKind: 'opaque',
    record,
    key,
    async *read(connection, { cursor }) {
      const asked = cursor === undefined ? given : { ...given, [cursorVariable]: cursor }
      for await (const { items, output } of read(connection, asked, { cursorVariable })) {
        // An empty page has no end: what was read before stays the place.
        yield { items: items as Item[], cursor: place(output.data).end }
      }
    },
  }
}
