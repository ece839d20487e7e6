import { asError } from './stream-error.ts'

/**
 * Records of one body as they arrive. Iterating gives batches, which is several times cheaper than one record at a time; `records()`
 * gives single ones. Leaving the loop early closes the source. Can be read once.
 */
export interface RecordBatches<T> extends AsyncIterable<readonly T[]> {
  records(): AsyncIterable<T>
}

/** Turns chunks into batches; made anew for each body. */
export interface Splitter {
  push(chunk: Uint8Array): Iterable<unknown[]>
  end(): Iterable<unknown[]> | undefined
}

export class SplitBody<T> implements RecordBatches<T> {
  readonly #source: AsyncIterable<Uint8Array>
  readonly #splitter: Splitter
  #taken = false

  constructor(source: AsyncIterable<Uint8Array>, splitter: Splitter) {
    this.#source = source
    this.#splitter = splitter
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<readonly T[]> {
    if (this.#taken) throw new TypeError('the records of a body can be read only once')
    this.#taken = true
    try {
      for await (const chunk of this.#source) yield* this.#splitter.push(chunk) as Iterable<T[]>
      yield* (this.#splitter.end() ?? []) as Iterable<T[]>
    } catch (error) {
      throw asError(error)
    }
  }

  records(): AsyncIterable<T> {
    return { [Symbol.asyncIterator]: () => new Flattened(this[Symbol.asyncIterator]()) }
  }
}

/** Single records out of batches. Not a generator: that costs two promises more for every record. */
class Flattened<T> implements AsyncIterator<T> {
  readonly #batches: AsyncIterator<readonly T[]>
  #batch: readonly T[] = []
  #at = 0

  constructor(batches: AsyncIterator<readonly T[]>) {
    this.#batches = batches
  }

  next(): Promise<IteratorResult<T>> {
    if (this.#at < this.#batch.length) {
      return Promise.resolve({ value: this.#batch[this.#at++] as T, done: false })
    }
    return this.#refill()
  }

  async return(): Promise<IteratorResult<T>> {
    this.#batch = []
    await this.#batches.return?.()
    return { value: undefined, done: true }
  }

  async #refill(): Promise<IteratorResult<T>> {
    for (;;) {
      const batch = await this.#batches.next()
      if (batch.done === true) return { value: undefined, done: true }
      if (batch.value.length === 0) continue
      this.#batch = batch.value
      this.#at = 1
      return { value: batch.value[0] as T, done: false }
    }
  }
}
