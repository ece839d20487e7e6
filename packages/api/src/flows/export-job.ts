import { type CallOptions, patchbayError, type Store, type StreamPage, unchecked } from '@patchbay/core'
import { readStream, type StreamBatch, type StreamReader } from '@patchbay/core/streams'
import { type FlowConnection, type FlowOptions, FlowRun, isTransient, type JobCall } from './flow-run.ts'
import { JobState, jobFailed } from './job-state.ts'
import { type PollPace, pollWithin } from './poll.ts'

export interface ExportProgress {
  readonly phase: 'start' | 'wait' | 'read' | 'done'
  /** Chunks read to their end, of `chunks`. */
  readonly chunk: number
  readonly chunks: number
  /** Records handed out by this loop. */
  readonly records: number
}

/** A job that prepares files of records. `Job` is plain data: it is stored. */
export interface ExportJobOptions<Job, Status, Chunk, Item> extends FlowOptions {
  /** Names the export's state in the store: one key per export. At most 470 bytes. */
  readonly key: string
  /** Default: the connection's. */
  readonly store?: Store | undefined
  /** Starts the export. A crash after it and before its answer was stored brings it again, with the same idempotency key. */
  start(call: JobCall): Promise<Job>
  /** Asked before `start` comes again: an export that the earlier attempt started. */
  find?(call: JobCall): Promise<Job | undefined>
  status(job: Job, call: CallOptions): Promise<Status>
  isDone(status: Status): boolean
  /** Why the export failed; undefined: it did not. */
  failure?(status: Status): string | undefined
  /** The files, in order; the same ones each time. */
  chunks(job: Job, status: Status): readonly Chunk[]
  /**
   * Opens one file as batches of records, such as `expect: 'ndjson'` gives: always the same records in the same order, since a resumed
   * read leaves out as many as it had.
   */
  read(chunk: Chunk, call: CallOptions): Promise<AsyncIterable<readonly Item[]>>
  /** Most records of a batch. Default 500. */
  readonly batchSize?: number | undefined
  /** Failures in a row that may pass later and are waited out while a file is read. Default 5. */
  readonly failures?: number | undefined
  readonly pace?: PollPace | undefined
  readonly onProgress?: ((progress: ExportProgress) => void) | undefined
}

/**
 * The records of an export. Each loop goes on behind the last batch that was acknowledged, in this process or one before; a loop after the
 * last record gives nothing. `forget` begins a new export.
 */
export interface ExportReader<Item> extends AsyncIterable<StreamBatch<Item>> {
  /** Single records: asking for the next one after the last of a batch acknowledges the batch. */
  records(): AsyncIterable<Item>
  forget(): Promise<void>
}

interface ExportState<Job> {
  readonly run: string
  readonly job?: Job | undefined
}

/** Where reading stands: so many records of chunk number `chunk` were handed over. */
interface Place {
  readonly chunk: number
  readonly record: number
  readonly end?: true
}

const beginning: Place = { chunk: 0, record: 0 }

/**
 * Starts an export, waits for it and reads its files in order. With your writes in `batch.ack({ with })` each record takes effect once,
 * whatever crashes when; with writes elsewhere at least once.
 * @throws PatchbayError of whatever call failed; `unexpected`, code `job-failed`; `conflict` when two read the same export, or when the vendor
 * has the export no more (`cursor-refused`)
 */
export function exportJob<Job, Status, Chunk, Item>(
  connection: FlowConnection,
  options: ExportJobOptions<Job, Status, Chunk, Item>,
): ExportReader<Item> {
  const store = options.store ?? connection.$scope.store
  const state = new JobState<ExportState<Job>>(connection, store, `${options.key}/job`)
  const begin = (): StreamReader<Item> =>
    readStream(
      connection,
      {
        name: options.key,
        order: 'ascending',
        boundary: 'exclusive',
        cursorKind: 'opaque',
        record: unchecked<Item>(),
        // Records of a file need no id of their own: their content and number tell them apart.
        key: () => '',
        read: (_connection, { cursor }) => new ExportRun(connection, options, state).pages(placeOf(cursor)),
      },
      { store, key: `${options.key}/cursor` },
    )
  return {
    [Symbol.asyncIterator]: () => begin()[Symbol.asyncIterator](),
    records: () => begin().records(),
    async forget() {
      await begin().forget()
      await state.forget()
    },
  }
}

function placeOf(cursor: string | undefined): Place {
  return cursor === undefined ? beginning : (JSON.parse(cursor) as Place)
}

class ExportRun<Job, Status, Chunk, Item> {
  readonly #options: ExportJobOptions<Job, Status, Chunk, Item>
  readonly #store: JobState<ExportState<Job>>
  readonly #run: FlowRun
  #records = 0

  constructor(
    connection: FlowConnection,
    options: ExportJobOptions<Job, Status, Chunk, Item>,
    store: JobState<ExportState<Job>>,
  ) {
    this.#options = options
    this.#store = store
    this.#run = new FlowRun(connection, options)
  }

  async *pages(from: Place): AsyncGenerator<StreamPage<Item>> {
    if (from.end === true) return
    const options = this.#options
    const job = await this.#job()
    this.#tell('wait', 0, 0)
    const status = await pollWithin(this.#run, {
      ...options.pace,
      ask: (call) => options.status(job, call),
      until: (answer) => options.isDone(answer),
    })
    const failure = options.failure?.(status)
    if (failure !== undefined) throw jobFailed(failure)
    const chunks = options.chunks(job, status)
    for (let chunk = from.chunk; chunk < chunks.length; chunk++) {
      this.#tell('read', chunk, chunks.length)
      yield* this.#chunk(chunks[chunk] as Chunk, chunk, chunk === from.chunk ? from.record : 0)
    }
    this.#tell('done', chunks.length, chunks.length)
    yield { items: [], cursor: JSON.stringify({ chunk: chunks.length, record: 0, end: true } satisfies Place) }
  }

  async #job(): Promise<Job> {
    const { find, start } = this.#options
    const loaded = await this.#store.load()
    if (loaded?.job !== undefined) return loaded.job
    this.#tell('start', 0, 0)
    const state = loaded ?? (await this.#store.save({ run: this.#run.scope.random.uuid() }))
    const job = await this.#run.step(`${state.run}/start`, async (call) => {
      const found = loaded === undefined ? undefined : await find?.(call)
      return found ?? start(call)
    })
    return (await this.#store.save({ ...state, job })).job as Job
  }

  /** One file from a record on. What breaks on the way is opened again, behind what was handed out. */
  async *#chunk(chunk: Chunk, number: number, from: number): AsyncGenerator<StreamPage<Item>> {
    let record = from
    for (let failed = 0; ; ) {
      try {
        for await (const items of this.#batches(chunk, record)) {
          record += items.length
          this.#records += items.length
          failed = 0
          yield { items, cursor: JSON.stringify({ chunk: number, record } satisfies Place) }
        }
        return
      } catch (error) {
        if (!isTransient(error) || ++failed > (this.#options.failures ?? 5)) throw error
        await this.#run.backOff(failed, error)
      }
    }
  }

  async *#batches(chunk: Chunk, skip: number): AsyncGenerator<readonly Item[]> {
    const { batchSize = 500 } = this.#options
    let left = skip
    for await (const batch of await this.#options.read(chunk, this.#run.callOptions(true))) {
      const fresh = left === 0 ? batch : batch.slice(left)
      left = Math.max(0, left - batch.length)
      for (let at = 0; at < fresh.length; at += batchSize) {
        this.#run.check()
        yield fresh.slice(at, at + batchSize)
      }
    }
    if (left > 0) throw shrunk()
  }

  #tell(phase: ExportProgress['phase'], chunk: number, chunks: number): void {
    this.#options.onProgress?.({ phase, chunk, chunks, records: this.#records })
  }
}

function shrunk(): Error {
  const message =
    'a file of the export has fewer records than were read of it before; forget() the export and begin anew'
  return patchbayError({ kind: 'conflict', code: 'export-changed', sent: 'all', message })
}
