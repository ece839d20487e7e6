import { Fault, isPatchbayError, type PatchbayError, patchbayError, type Schema, validate } from '@patchbay/core'
import type { RecordBatches } from '@patchbay/core/streams'

/** Records whose shape is looked at as they come. They are read after their call has ended, so failures are made errors here. */
export class CheckedBatches<T> implements RecordBatches<T> {
  readonly #source: AsyncIterable<readonly unknown[]>
  readonly #schema: Schema<T> | undefined

  constructor(source: AsyncIterable<readonly unknown[]>, schema?: Schema<T>) {
    this.#source = source
    this.#schema = schema
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<readonly T[]> {
    const schema = this.#schema
    let index = 0
    for await (const batch of this.#source) {
      if (schema === undefined) {
        yield batch as readonly T[]
        continue
      }
      const records: T[] = []
      for (const record of batch) records.push(await checkedRecord(schema, record, index++))
      yield records
    }
  }

  async *records(): AsyncGenerator<T> {
    for await (const batch of this) yield* batch
  }
}

async function checkedRecord<T>(schema: Schema<T>, record: unknown, index: number): Promise<T> {
  try {
    return await validate(schema, record, 'protocol', `record ${index} of the answer`)
  } catch (error) {
    throw error instanceof Fault && !isPatchbayError(error) ? patchbayError({ ...error.facts, sent: 'all' }) : error
  }
}

export function protocolError(code: string, message: string): PatchbayError {
  return patchbayError({ kind: 'protocol', code, sent: 'all', message })
}
