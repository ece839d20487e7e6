import type { Scope } from '../call.ts'
import { type Clock, type Random, systemRandom } from '../clock.ts'
import { patchbayError } from '../errors.ts'
import type { Events } from '../events.ts'
import type { Store } from '../store.ts'
import type { StreamSpec } from '../stream.ts'
import { cursorMoved } from './reader-errors.ts'
import { forgetState, loadState } from './reader-state.ts'
import type { StreamBatch } from './stream-batch.ts'
import { type LeaseOptions, StreamLease } from './stream-lease.ts'
import { StreamRun } from './stream-run.ts'

export interface ReadStreamOptions {
  /** Names the stream's state in the store: one key per connection and stream. At most 480 bytes. */
  readonly key: string
  /** Where the cursor lives. Default: the connection's store. */
  readonly store?: Store | undefined
  /** Default: the connection's clock. */
  readonly clock?: Clock | undefined
  /** Where `cursor-move` events go. Default: the connection's. */
  readonly events?: Events | undefined
  /** Most records of a batch. Default: a page of the vendor. */
  readonly batchSize?: number | undefined
  /** Most batches that may wait for their ack. Default 1000. */
  readonly maxUnacked?: number | undefined
  /**
   * Most ids remembered of records that will come again (at boundaries, in lag windows, in windows that are not ascending). Default 100 000.
   * Above it, a restart may hand some records over twice; none is lost.
   */
  readonly maxKnown?: number | undefined
  /** Keeps a second reader out while one works. Default: none, and the second one's acks fail with a conflict. */
  readonly lease?: (LeaseOptions & { readonly random?: Random | undefined }) | undefined
}

/** An incremental stream. Each iteration is one read, from the stored cursor to the vendor's last page. */
export interface StreamReader<Item> extends AsyncIterable<StreamBatch<Item>> {
  /**
   * Single records. Asking for the next one after the last of a batch acknowledges the batch; leaving the loop does not acknowledge the
   * batch that was begun, so up to one batch comes again: at least once.
   */
  records(): AsyncIterable<Item>
  /** Where the next read begins; undefined: at the beginning. */
  cursor(): Promise<string | undefined>
  /**
   * Deletes the cursor and all that is remembered: the next read begins at the beginning and hands everything over again.
   * @throws PatchbayError `conflict` when a reader moved the cursor at the same time
   */
  forget(): Promise<void>
}

/**
 * Reads what is new of a stream. The cursor moves only after your ack, by a rule that follows from the stream's declared order, boundary and
 * lag; it is stored with compare-and-set, so two readers never move it back.
 *
 * ```ts
 * for await (const batch of readStream(connection, spec, { store, key: 'acme/issues' })) {
 *   await batch.ack({ with: batch.records.map((issue) => ({ kind: 'put', key: `issue/${issue.id}`, value: JSON.stringify(issue) })) })
 * }
 * ```
 *
 * Delivery: with your writes in `ack({ with })`, each record takes effect once, whatever crashes when. With writes elsewhere, at least once:
 * the last unacknowledged batches come again.
 *
 * @throws PatchbayError `protocol` when pages contradict the declaration (order, missing positions, a cursor that repeats), `conflict` when
 * the vendor refuses the cursor or another reader moved it. Both tell where the next read begins.
 */
export function readStream<Connection, Item>(
  connection: Connection,
  spec: StreamSpec<Connection, Item>,
  options: ReadStreamOptions,
): StreamReader<Item> {
  const scope = (connection as { readonly $scope?: Scope } | null | undefined)?.$scope
  const store = options.store ?? scope?.store
  const clock = options.clock ?? scope?.clock
  const { batchSize = Number.POSITIVE_INFINITY, maxUnacked = 1000, maxKnown = 100_000, key } = options
  if (store === undefined) throw config('store', 'give a store that keeps the cursor, here or to connect()')
  if (clock === undefined) throw config('clock', 'give a clock, or a connection that has one')
  if (key === '' || Buffer.byteLength(key) > 480) throw config('key', 'give 1 to 480 bytes')
  for (const [name, value] of Object.entries({ batchSize, maxUnacked, maxKnown })) {
    if (!(value >= 1)) throw config(name, 'give a number of at least 1')
  }
  const run = (): StreamRun<Connection, Item> => {
    const { lease } = options
    const random = lease?.random ?? scope?.random ?? systemRandom
    return new StreamRun(connection, spec, {
      store,
      key,
      clock,
      events: options.events ?? scope?.events,
      connection: scope?.connection ?? '',
      batchSize,
      maxUnacked,
      maxKnown,
      lease: lease === undefined ? undefined : new StreamLease(store, key, lease, { clock, random }),
    })
  }
  return {
    [Symbol.asyncIterator]: () => run().batches(),
    records: () => ({ [Symbol.asyncIterator]: () => single(run().batches()) }),
    cursor: async () => (await loadState(store, key)).progress.cursor,
    forget: async () => {
      if (!(await forgetState(store, key))) throw cursorMoved(spec.name, undefined)
    },
  }
}

async function* single<Item>(batches: AsyncIterable<StreamBatch<Item>>): AsyncGenerator<Item> {
  for await (const batch of batches) {
    yield* batch.records
    await batch.ack()
  }
}

function config(path: string, message: string): Error {
  return patchbayError({ kind: 'config', code: 'stream', message: 'readStream', issues: [{ path, message }] })
}
