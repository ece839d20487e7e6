import type { Dispatcher } from 'undici'
import { Fault } from '../errors.ts'

/**
 * Most bytes handed over at once. node:http2 allows what a session has not written yet, of all its streams, 10 MB; above that it refuses
 * every answer that comes in (ENHANCE_YOUR_CALM), also to requests that have nothing to do with the upload.
 */
const sliceBytes = 32 * 1024

/** A large body that is in memory, handed over at the pace at which it leaves. Can be read several times. */
class SlicedBody implements AsyncIterable<Uint8Array> {
  readonly #bytes: Uint8Array

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < this.#bytes.byteLength; at += sliceBytes) yield this.#bytes.subarray(at, at + sliceBytes)
  }
}

/** Options with a large body in slices, its length declared as if it went out whole. */
export function sliced(options: Dispatcher.DispatchOptions): Dispatcher.DispatchOptions {
  const { body, headers } = options
  if (typeof body !== 'string' && !(body instanceof Uint8Array)) return options
  if (body.length <= sliceBytes / 4 || Buffer.byteLength(body) <= sliceBytes) return options
  const bytes = typeof body === 'string' ? Buffer.from(body) : body
  const fields = headers as (string | string[])[]
  const declared = fields.some((name, index) => index % 2 === 0 && String(name).toLowerCase() === 'content-length')
  const length = declared ? [] : ['content-length', String(bytes.byteLength)]
  return {
    ...options,
    headers: [...fields, ...length] as string[],
    body: new SlicedBody(bytes) as unknown as string,
  }
}

/**
 * A streamed request body on its way out. Knows whether any of it was handed over, keeps the source's own error apart from those of
 * the socket, and lets go of the source when the exchange ends first.
 */
export class OutgoingBody implements AsyncIterable<Uint8Array>, AsyncIterator<Uint8Array> {
  readonly #iterator: AsyncIterator<Uint8Array>
  readonly #onFirst: () => void
  #stop: ((error: Error) => void) | undefined
  #stopped: Error | undefined
  /** What is left of a large chunk. */
  #rest: Uint8Array | undefined
  /** The last chunk was handed over. */
  complete = false
  /** The source's own error. */
  failure: { readonly error: unknown } | undefined

  constructor(source: AsyncIterable<Uint8Array>, onFirst: () => void) {
    this.#iterator = source[Symbol.asyncIterator]()
    this.#onFirst = onFirst
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  async next(): Promise<IteratorResult<Uint8Array>> {
    if (this.#stopped !== undefined) throw this.#stopped
    if (this.#rest !== undefined) return this.#slice(this.#rest)
    try {
      const result = await Promise.race([this.#iterator.next(), this.#stopping()])
      // The header leaves with the first chunk, or with the end of an empty body.
      this.#onFirst()
      if (result.done === true) this.complete = true
      else if (result.value.byteLength > sliceBytes) return this.#slice(result.value)
      return result
    } catch (error) {
      if (error !== this.#stopped) this.failure ??= { error }
      throw error
    }
  }

  async return(): Promise<IteratorResult<Uint8Array>> {
    await this.#iterator.return?.()
    return { done: true, value: undefined }
  }

  /** The exchange ended: a source that still ponders its next chunk is not waited for. */
  stop(): void {
    if (this.#stopped !== undefined || this.complete || this.failure !== undefined) return
    this.#stopped = new Fault({ kind: 'cancelled', message: 'the exchange ended before its body was sent' })
    this.#stop?.(this.#stopped)
    // A generator that waits inside its own await answers only later; nobody waits for it.
    this.#iterator.return?.().then(undefined, () => undefined)
  }

  #slice(bytes: Uint8Array): IteratorResult<Uint8Array> {
    this.#rest = bytes.byteLength > sliceBytes ? bytes.subarray(sliceBytes) : undefined
    return { done: false, value: bytes.subarray(0, sliceBytes) }
  }

  #stopping(): Promise<never> {
    return new Promise((_, reject) => {
      this.#stop = reject
    })
  }
}
