import type { Schema } from './schema.ts'

/**
 * How a stream's records are ordered by the cursor's field as the vendor serves them. The commit rule follows from it: `ascending`
 * may move the cursor with every acknowledged batch, `descending` and `none` only when the whole window was read and acknowledged.
 */
export type StreamOrder = 'ascending' | 'descending' | 'none'

/** One incremental read of a connector, as data plus one read function. */
export interface StreamSpec<Client = unknown, Item = unknown> {
  readonly name: string
  readonly order: StreamOrder
  /** Whether asking from a cursor gives the records that are equal to it once more. */
  readonly boundary: 'inclusive' | 'exclusive'
  /** Milliseconds for which a vendor may still add records behind the newest ones seen (eventual consistency). Default 0. */
  readonly lagMs?: number
  /** Whether cursors are times (ISO 8601, lag is subtracted) or opaque vendor tokens (kept as they are). */
  readonly cursorKind: 'time' | 'opaque'
  readonly record: Schema<Item>
  /** Identity of a record, for the dedupe at inclusive boundaries and in lag windows. */
  key(item: Item): string
  /** The cursor's field of a record (time), or undefined for opaque tokens, which come with the page. */
  position?(item: Item): string | undefined
  /** Reads from `cursor` (undefined: from the beginning) page by page, over the connection's operations. */
  read(connection: Client, from: { readonly cursor: string | undefined }): AsyncIterable<StreamPage<Item>>
}

export interface StreamPage<Item> {
  readonly items: readonly Item[]
  /** Opaque position after this page, when the vendor gives one. */
  readonly cursor?: string | undefined
}
