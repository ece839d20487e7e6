import { JsonSplitter, type SplitterLimits } from './json-splitter.ts'
import { type RecordBatches, SplitBody } from './record-batches.ts'

export interface JsonRecordsOptions extends SplitterLimits {
  /** Where the array of records is: `items`, `data.records`, or a list of keys where one holds a dot. Default: the document itself. */
  readonly path?: string | readonly string[] | undefined
}

export interface JsonRecords<T> extends RecordBatches<T> {
  /** Once read to the end: the document with an empty array in the place of the records, for cursors and totals beside them. */
  readonly envelope: unknown
}

/**
 * The records of one array in a JSON body of any size, parsed while it arrives, in memory of a few chunks.
 *
 * ```ts
 * for await (const batch of jsonRecords<Order>(reply.stream, { path: 'data.orders' })) await save(batch)
 * ```
 *
 * @throws PatchbayError `protocol`: the body is cut, goes on after its end, has no array there, is not JSON or not UTF-8, or passes a cap.
 * Records before the broken place have been handed out by then.
 */
export function jsonRecords<T = unknown>(
  source: AsyncIterable<Uint8Array>,
  options: JsonRecordsOptions = {},
): JsonRecords<T> {
  const { path = [] } = options
  const keys = typeof path === 'string' ? (path === '' ? [] : path.split('.')) : path
  return new JsonBody<T>(source, new JsonSplitter(keys, options))
}

class JsonBody<T> extends SplitBody<T> implements JsonRecords<T> {
  readonly #splitter: JsonSplitter

  constructor(source: AsyncIterable<Uint8Array>, splitter: JsonSplitter) {
    super(source, {
      push: (chunk) => splitter.push(chunk),
      end: () => {
        splitter.end()
        return undefined
      },
    })
    this.#splitter = splitter
  }

  get envelope(): unknown {
    return this.#splitter.envelope
  }
}
