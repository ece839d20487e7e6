import { Fault } from '../errors.ts'

/**
 * A streamed request body on its way out. Knows whether any of it was handed over, keeps the source's own error apart from those of
 * the socket, and lets go of the source when the exchange ends first.
 */
export class OutgoingBody implements AsyncIterable<Uint8Array>, AsyncIterator<Uint8Array> {
  readonly #iterator: AsyncIterator<Uint8Array>
  readonly #onFirst: () => void
  #stop: ((error: Error) => void) | undefined
  #stopped: Error | undefined
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
    try {
      const result = await Promise.race([this.#iterator.next(), this.#stopping()])
      // The header leaves with the first chunk, or with the end of an empty body.
      this.#onFirst()
      if (result.done === true) this.complete = true
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

  #stopping(): Promise<never> {
    return new Promise((_, reject) => {
      this.#stop = reject
    })
  }
}
