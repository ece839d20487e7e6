import { bodyTooLarge } from './decompress.ts'

/** Where a body comes from. */
export interface BodySource {
  pause(): void
  resume(): void
  /** The reader left before the end: the socket must go. */
  leave(): void
}

/** The source pauses above this. What is already on its way may come on top: at most one read of the socket, 64 KiB. */
const pauseAbove = 512 * 1024
const resumeBelow = 128 * 1024
/** Chunks of a byte each would fill the memory with what surrounds them. */
const mostChunks = 1024

interface Reader {
  resolve(result: IteratorResult<Uint8Array>): void
  reject(error: unknown): void
}

/** A response body as it comes, for one reader. Holds at most {@link pauseAbove} and one read of the socket. */
export class BodyStream implements AsyncIterableIterator<Uint8Array> {
  readonly #source: BodySource
  #chunks: Uint8Array[] = []
  #buffered = 0
  #received = 0
  #readers: Reader[] = []
  #ended = false
  #failure: { readonly error: unknown } | undefined
  #paused = false
  #taken = false

  constructor(source: BodySource) {
    this.#source = source
  }

  /** True while the reader is the slow side. */
  get paused(): boolean {
    return this.#paused
  }

  /** @throws Fault `protocol` when `cap` bytes are exceeded in total */
  push(chunk: Uint8Array, cap: number | undefined): void {
    this.#received += chunk.byteLength
    if (cap !== undefined && this.#received > cap) throw bodyTooLarge(cap)
    const reader = this.#readers.shift()
    if (reader !== undefined) {
      reader.resolve({ done: false, value: chunk })
      return
    }
    this.#chunks.push(chunk)
    this.#buffered += chunk.byteLength
    if (!this.#paused && (this.#buffered > pauseAbove || this.#chunks.length >= mostChunks)) {
      this.#paused = true
      this.#source.pause()
    }
  }

  end(): void {
    this.#ended = true
    for (const reader of this.#readers) reader.resolve({ done: true, value: undefined })
    this.#readers = []
  }

  /** Ends the stream with an error, after what came before it; `atOnce` throws that away. */
  fail(error: unknown, atOnce: boolean): void {
    if (this.#ended || this.#failure !== undefined) return
    this.#failure = { error }
    if (atOnce) this.#forget()
    for (const reader of this.#readers) reader.reject(error)
    this.#readers = []
  }

  [Symbol.asyncIterator](): this {
    if (this.#taken) throw new TypeError('a streamed body can be read only once')
    this.#taken = true
    return this
  }

  next(): Promise<IteratorResult<Uint8Array>> {
    const chunk = this.#chunks.shift()
    if (chunk !== undefined) {
      this.#buffered -= chunk.byteLength
      if (this.#paused && this.#buffered < resumeBelow && this.#chunks.length < mostChunks / 2) {
        this.#paused = false
        this.#source.resume()
      }
      return Promise.resolve({ done: false, value: chunk })
    }
    if (this.#failure !== undefined) return Promise.reject(this.#failure.error)
    if (this.#ended) return Promise.resolve({ done: true, value: undefined })
    return new Promise((resolve, reject) => this.#readers.push({ resolve, reject }))
  }

  return(): Promise<IteratorResult<Uint8Array>> {
    this.#forget()
    if (!this.#ended && this.#failure === undefined) {
      this.end()
      this.#source.leave()
    }
    this.#ended = true
    return Promise.resolve({ done: true, value: undefined })
  }

  #forget(): void {
    this.#chunks = []
    this.#buffered = 0
  }
}
