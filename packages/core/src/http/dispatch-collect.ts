import { bodyTooLarge, contentCodings, decodeSmall, decodeWhole } from './decompress.ts'

const noBytes: Uint8Array = new Uint8Array(0)

/** So many small chunks are joined on the way: each costs about 100 bytes besides its own, which a hostile server could multiply. */
const manyChunks = 1024
const smallTogether = 1024 * 1024

/** The chunks of a buffered body: one stays as it is, several are joined at the end. */
export class BodyCollector {
  #size = 0
  #joined = 0
  #joinedSize = 0
  #first: Uint8Array | undefined
  #chunks: Uint8Array[] | undefined

  /** @throws Fault `protocol` when it becomes more than `cap` bytes */
  push(chunk: Uint8Array, cap: number): void {
    this.#size += chunk.byteLength
    if (this.#size > cap) throw bodyTooLarge(cap)
    if (this.#first === undefined) this.#first = chunk
    else if (this.#chunks === undefined) this.#chunks = [this.#first, chunk]
    else this.#chunks.push(chunk)
    if (this.#chunks !== undefined && this.#chunks.length - this.#joined >= manyChunks) this.#join(this.#chunks)
  }

  #join(chunks: Uint8Array[]): void {
    if (this.#size - this.#joinedSize < smallTogether) {
      const block = Buffer.concat(chunks.slice(this.#joined), this.#size - this.#joinedSize)
      chunks.length = this.#joined
      chunks.push(block)
    }
    this.#joined = chunks.length
    this.#joinedSize = this.#size
  }

  take(): Uint8Array {
    const body = this.#chunks === undefined ? (this.#first ?? noBytes) : Buffer.concat(this.#chunks, this.#size)
    this.#first = undefined
    this.#chunks = undefined
    return body
  }
}

type Fields = Record<string, string | string[]>

/**
 * Decodes a buffered body by its Content-Encoding, at once where that is cheap.
 * @throws Fault `protocol`, also as a rejection
 */
export function decoded(headers: Fields, body: Uint8Array, cap: number): Uint8Array | Promise<Uint8Array> {
  const encoding = headers['content-encoding']
  if (encoding === undefined || body.byteLength === 0) return body
  const codings = contentCodings(encoding)
  if (codings.length === 0) return body
  describeDecoded(headers)
  return decodeSmall(body, codings, cap) ?? decodeWhole(body, codings, cap)
}

/** The header describes the body as it is handed over: plain, and not of the length that travelled. */
export function describeDecoded(headers: Fields): void {
  delete headers['content-encoding']
  delete headers['content-length']
}
