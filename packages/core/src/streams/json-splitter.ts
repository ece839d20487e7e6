import { ByteStore } from './byte-store.ts'
import { JsonEnvelope } from './json-envelope.ts'
import { parseBytes } from './json-text.ts'
import { brokenStream } from './stream-error.ts'

export interface SplitterLimits {
  /** Most bytes of one record. Default 16 MiB. */
  readonly maxRecordBytes?: number | undefined
  /** Most bytes outside of the records. Default 1 MiB. */
  readonly maxEnvelopeBytes?: number | undefined
  /** Deepest nesting inside a record. Default 256. */
  readonly maxDepth?: number | undefined
}

const quote = 0x22
const backslash = 0x5c
const comma = 0x2c
const openArray = 0x5b
const closeArray = 0x5d
const openObject = 0x7b
const closeObject = 0x7d

/** 1 for the bytes that the scan must look at; the others are skipped in a tight loop. */
const structural = new Uint8Array(256)
for (const byte of [quote, comma, openArray, closeArray, openObject, closeObject]) structural[byte] = 1

/** Longest piece that is scanned and parsed at once: what keeps memory small when a source hands out huge chunks. */
const pieceBytes = 64 * 1024

/**
 * Cuts a JSON document into the records of one array while it arrives. The scan only finds where records end; all records that are
 * complete in a piece are then parsed by one JSON.parse, which also checks the grammar, so nothing lenient slips through.
 */
export class JsonSplitter {
  readonly #envelope: JsonEnvelope
  readonly #maxRecord: number
  readonly #maxDepth: number
  /** An opening bracket, then records from the first incomplete one on. */
  readonly #run = new ByteStore(2 * pieceBytes + 1)
  #inRecords = false
  #recordAt = 1
  /** May stand one behind the end, after a backslash. */
  #scanAt = 1
  #depth = 0
  #inString = false
  #count = 0
  #rest: unknown

  constructor(path: readonly string[], limits: SplitterLimits = {}) {
    this.#envelope = new JsonEnvelope(path, limits.maxEnvelopeBytes ?? 1024 * 1024)
    this.#maxRecord = limits.maxRecordBytes ?? 16 * 1024 * 1024
    this.#maxDepth = limits.maxDepth ?? 256
    this.#run.push(openArray)
  }

  /** The document without its records (an empty array stands in their place), once it has ended. */
  get envelope(): unknown {
    return this.#rest
  }

  /** Takes a chunk and gives the records that it completed, in batches of one piece each. */
  *push(chunk: Uint8Array): Generator<unknown[]> {
    for (let at = 0; at < chunk.length; ) {
      if (!this.#inRecords) {
        at = this.#envelope.push(chunk, at, chunk.length)
        this.#inRecords = this.#envelope.found && !this.#ended
        continue
      }
      const to = Math.min(chunk.length, at + pieceBytes)
      const before = this.#run.length
      this.#run.append(chunk, at, to)
      const records = this.#cut()
      if (records !== undefined && records.length > 0) yield records
      // After the closing bracket the rest of the piece belongs to the envelope again.
      at = this.#inRecords ? to : at + (this.#scanAt - before)
    }
  }

  /** Says that nothing more comes. Throws when the document is not whole. */
  end(): void {
    if (this.#inRecords) throw brokenStream('truncated', 'the body ends inside the records')
    this.#rest = this.#envelope.finish(parseBytes)
  }

  #ended = false

  /** Scans what is new; parses and removes the records that are complete. */
  #cut(): unknown[] | undefined {
    const { bytes, length } = this.#run
    const border = this.#scan(bytes, length)
    if (this.#ended) {
      this.#inRecords = false
      return this.#parse(this.#scanAt)
    }
    if (length - this.#recordAt > this.#maxRecord) throw this.#tooLarge()
    if (border === 0) return undefined
    bytes[border] = closeArray
    const records = this.#parse(border + 1)
    this.#run.close(1, border + 1)
    this.#scanAt -= border
    this.#recordAt -= border
    return records
  }

  #parse(to: number): unknown[] {
    const records = parseBytes(this.#run.bytes, 0, to) as unknown[]
    // An element is missing before or after a comma; a run without any comma may be empty.
    if (records.length === 0 && (!this.#ended || this.#count > 0)) {
      throw brokenStream('bad-json', 'the body has a comma without a record')
    }
    this.#count += records.length
    return records
  }

  /** Finds the last comma between two records; 0 when there is none. Stops behind the bracket that closes the array. */
  #scan(bytes: Uint8Array, to: number): number {
    let at = this.#scanAt
    let depth = this.#depth
    let border = 0
    if (this.#inString) at = this.#stringEnd(bytes, at, to)
    while (at < to) {
      const byte = bytes[at++] as number
      if (structural[byte] === 0) continue
      if (byte === quote) {
        at = this.#stringEnd(bytes, at, to)
      } else if (byte === comma) {
        if (depth > 0) continue
        if (at - this.#recordAt > this.#maxRecord) throw this.#tooLarge()
        border = at - 1
        this.#recordAt = at
      } else if (byte === openObject || byte === openArray) {
        if (++depth > this.#maxDepth) throw brokenStream('too-deep', `a record nests deeper than ${this.#maxDepth}`)
      } else if (depth === 0) {
        if (byte !== closeArray) throw brokenStream('bad-json', 'the body closes an object that it did not open')
        if (at - this.#recordAt > this.#maxRecord) throw this.#tooLarge()
        this.#ended = true
        break
      } else {
        depth--
      }
    }
    this.#scanAt = at
    this.#depth = depth
    return border
  }

  /** The position behind the string that is open at `at`, or `to` (one more after a backslash) when it goes on. */
  #stringEnd(bytes: Uint8Array, from: number, to: number): number {
    let at = from
    while (at < to) {
      const byte = bytes[at++] as number
      if (byte === quote) {
        this.#inString = false
        return at
      }
      if (byte === backslash) at++
    }
    this.#inString = true
    return at
  }

  #tooLarge(): Error {
    return brokenStream('record-too-large', `a record is larger than ${this.#maxRecord} bytes; raise maxRecordBytes`)
  }
}
