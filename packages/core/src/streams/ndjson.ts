import { ByteStore } from './byte-store.ts'
import { parseBytes } from './json-text.ts'
import { type RecordBatches, SplitBody, type Splitter } from './record-batches.ts'
import { brokenStream } from './stream-error.ts'

const lineFeed = 0x0a

/**
 * The records of a body with one JSON text per line (NDJSON, JSON Lines). Blank lines are skipped; the last line needs no line feed.
 * @throws PatchbayError `protocol` for a line that is not one JSON text, is not UTF-8, or is larger than `maxRecordBytes` (default 16 MiB).
 */
export function ndjsonRecords<T = unknown>(
  source: AsyncIterable<Uint8Array>,
  options: { readonly maxRecordBytes?: number | undefined } = {},
): RecordBatches<T> {
  return new SplitBody<T>(source, new LineSplitter(options.maxRecordBytes ?? 16 * 1024 * 1024))
}

class LineSplitter implements Splitter {
  readonly #maxRecord: number
  /** The line that has not ended yet. */
  readonly #open = new ByteStore(4096)
  #atStart = true

  constructor(maxRecord: number) {
    this.#maxRecord = maxRecord
  }

  *push(chunk: Uint8Array): Generator<unknown[]> {
    const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    const records: unknown[] = []
    let at = 0
    for (let end = bytes.indexOf(lineFeed); end !== -1; end = bytes.indexOf(lineFeed, at)) {
      if (this.#open.length > 0) {
        this.#open.append(bytes, at, end)
        this.#line(records, this.#open.bytes, 0, this.#open.length)
        this.#open.length = 0
      } else {
        this.#line(records, bytes, at, end)
      }
      at = end + 1
    }
    this.#open.append(bytes, at, bytes.length)
    if (this.#open.length > this.#maxRecord) throw this.#tooLarge()
    if (records.length > 0) yield records
  }

  *end(): Generator<unknown[]> {
    const records: unknown[] = []
    this.#line(records, this.#open.bytes, 0, this.#open.length)
    if (records.length > 0) yield records
  }

  #line(records: unknown[], bytes: Buffer, from: number, to: number): void {
    let start = from
    if (this.#atStart) {
      this.#atStart = false
      if (bytes[start] === 0xef && bytes[start + 1] === 0xbb && bytes[start + 2] === 0xbf && to - start >= 3) start += 3
    }
    if (to - start > this.#maxRecord) throw this.#tooLarge()
    while (start < to && isBlank(bytes[start] as number)) start++
    if (start < to) records.push(parseBytes(bytes, start, to))
  }

  #tooLarge(): Error {
    return brokenStream('record-too-large', `a line is larger than ${this.#maxRecord} bytes; raise maxRecordBytes`)
  }
}

function isBlank(byte: number): boolean {
  return byte === 0x20 || byte === 0x09 || byte === 0x0d
}
