import type { Clock } from '../clock.ts'
import type { PatchbayError } from '../errors.ts'
import type { Events } from '../events.ts'
import type { Store, Version, Write, WriteGroup } from '../store.ts'
import type { StreamSpec } from '../stream.ts'
import type { Advance, CommitRule, Segment } from './commit-rule.ts'
import { KnownChunks } from './known-chunks.ts'
import { OpaqueRule } from './opaque-rule.ts'
import {
  alreadyAcknowledged,
  cursorMoved,
  cursorRefused,
  leaseLost,
  tooManyOpen,
  writeConflict,
} from './reader-errors.ts'
import { type Chunk, chunkKey, chunkText, loadState, progressText, type StoredProgress } from './reader-state.ts'
import type { StreamBatch } from './stream-batch.ts'
import { asError } from './stream-error.ts'
import type { StreamLease } from './stream-lease.ts'
import { TimeRule } from './time-rule.ts'

export interface RunOptions {
  readonly store: Store
  readonly key: string
  readonly clock: Clock
  readonly events: Events | undefined
  readonly connection: string
  readonly batchSize: number
  readonly maxUnacked: number
  readonly maxKnown: number
  readonly lease: StreamLease | undefined
}

interface Delivered<Item> extends Segment<Item> {
  pending?: Promise<void> | undefined
}

/** One read of a stream, from the stored cursor to the vendor's last page. */
export class StreamRun<Connection, Item> {
  readonly #connection: Connection
  readonly #spec: StreamSpec<Connection, Item>
  readonly #options: RunOptions
  #rule!: CommitRule<Item>
  #version: Version | undefined
  #progress!: StoredProgress
  #known!: KnownChunks
  /** Segments from the first that the cursor has not passed. */
  #line: Delivered<Item>[] = []
  #unacked = 0
  #delivered = 0
  #drained = false
  /** Set when this run must not write any more. */
  #broken: PatchbayError | undefined
  #writing: Promise<unknown> = Promise.resolve()
  #sinceMove = 0
  /** True once the lease was given back; acks that come later do without it. */
  #released = false

  constructor(connection: Connection, spec: StreamSpec<Connection, Item>, options: RunOptions) {
    this.#connection = connection
    this.#spec = spec
    this.#options = options
  }

  async *batches(): AsyncGenerator<StreamBatch<Item>> {
    const { lease, store, key, clock, batchSize, maxKnown } = this.#options
    await lease?.acquire()
    try {
      const state = await loadState(store, key)
      const options = { batchSize, maxKnown, startedAt: clock.now() }
      this.#version = state.version
      this.#progress = state.progress
      this.#known = new KnownChunks(state.chunks, maxKnown)
      const spec = this.#spec as StreamSpec<never, Item>
      this.#rule =
        spec.cursorKind === 'time' ? new TimeRule(spec, state, options) : new OpaqueRule(spec, state, options)
      yield* this.#read(state.progress.cursor)
      this.#drained = true
      await this.#serially(() => this.#commit(undefined, []))
    } finally {
      // Acknowledgements may still come after the loop; without the lease they need only the cursor's condition.
      if (lease !== undefined) await this.#serially(() => this.#release(lease))
    }
  }

  async *#read(cursor: string | undefined): AsyncGenerator<StreamBatch<Item>> {
    const pages = this.#spec.read(this.#connection, { cursor })[Symbol.asyncIterator]()
    let complete = false
    try {
      for (let number = 0; ; number++) {
        const next = await pages.next().catch((error: unknown) => {
          complete = true
          throw this.#refused(error, cursor, number)
        })
        if (next.done === true) {
          complete = true
          return
        }
        yield* this.#deliver(this.#rule.take(next.value, this.#options.clock.now()))
      }
    } finally {
      if (!complete) await pages.return?.()
    }
  }

  async *#deliver(segments: readonly Segment<Item>[]): AsyncGenerator<StreamBatch<Item>> {
    this.#line.push(...segments)
    for (const segment of segments) {
      if (segment.records.length === 0) continue
      if (this.#broken !== undefined) throw this.#broken
      if (this.#unacked >= this.#options.maxUnacked) throw tooManyOpen(this.#options.maxUnacked)
      const { lease } = this.#options
      if (lease?.due === true) await this.#serially(() => this.#renew(lease))
      this.#unacked++
      yield {
        records: segment.records,
        index: this.#delivered++,
        ack: (options) => this.#ack(segment, options?.with ?? []),
      }
      if (this.#broken !== undefined) throw this.#broken
    }
  }

  #ack(segment: Delivered<Item>, own: WriteGroup): Promise<void> {
    if (segment.pending !== undefined) {
      // Saying it twice is harmless; doing the writes twice is not, and leaving them out silently neither.
      if (own.length === 0) return segment.pending
      return Promise.reject(alreadyAcknowledged())
    }
    const pending = this.#serially(() => this.#commit(segment, own))
    segment.pending = pending
    pending.catch(() => {
      segment.pending = undefined
    })
    return pending
  }

  /** One write at a time: each needs the version that the one before it got. */
  #serially<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#writing.then(work)
    this.#writing = result.catch(() => undefined)
    return result
  }

  async #commit(segment: Segment<Item> | undefined, own: WriteGroup): Promise<void> {
    if (this.#broken !== undefined) throw this.#broken
    if (segment !== undefined) segment.acked = true
    const advance = this.#rule.advance(this.#line, this.#drained)
    const chunk = segment === undefined ? undefined : this.#chunkOf(segment, advance)
    const forgotten = this.#forgotten(advance, chunk)
    const progress = { ...advance.progress, chunk: chunk === undefined ? this.#progress.chunk : chunk.number + 1 }
    const changed = progressText(progress) !== progressText(this.#progress) || forgotten.length > 0
    if (segment === undefined && !changed) return
    try {
      await this.#write(progress, chunk, forgotten, own)
    } catch (error) {
      if (segment !== undefined) segment.acked = false
      throw error
    }
    this.#adopt({ ...advance, progress }, chunk, forgotten, segment)
  }

  #chunkOf(segment: Segment<Item>, advance: Advance): Chunk | undefined {
    const remembered = this.#rule.remember(segment, advance)
    return remembered === undefined ? undefined : { ...remembered, number: this.#progress.chunk }
  }

  #forgotten(advance: Advance, added: Chunk | undefined): readonly Chunk[] {
    const moved = advance.progress.cursor !== this.#progress.cursor || this.#drained
    const passed = (chunk: Chunk): boolean => moved && this.#rule.forgets(chunk, advance, this.#drained)
    const { chunks, overflow } = this.#known.superfluous(passed, added)
    if (overflow) this.#tellOverflow()
    return chunks
  }

  #tellOverflow(): void {
    const { events, connection, maxKnown } = this.#options
    if (events?.listening !== true) return
    const message = `the stream ${this.#spec.name} has more than ${maxKnown} records to remember; after a restart some may come twice`
    events.emit('notice', { connection, code: 'stream-memory', message })
  }

  async #write(
    progress: StoredProgress,
    chunk: Chunk | undefined,
    forgotten: readonly Chunk[],
    own: WriteGroup,
  ): Promise<void> {
    const { store, key, lease } = this.#options
    const group: Write[] = [{ kind: 'put', key, value: progressText(progress), ifVersion: this.#version ?? 'absent' }]
    if (lease !== undefined && !this.#released) group.push(lease.write())
    if (chunk !== undefined) group.push({ kind: 'put', key: chunkKey(key, chunk.number), value: chunkText(chunk) })
    for (const { number } of forgotten) group.push({ kind: 'delete', key: chunkKey(key, number) })
    const ours = group.length
    const [result] = await store.write([[...group, ...own]])
    if (result === undefined) throw new TypeError('the store gave no result for a group of writes')
    if (!result.applied) throw this.#lost(result.conflict, ours)
    this.#version = result.versions[0]
    if (lease !== undefined && !this.#released) lease.renewed(result.versions[1] as Version)
  }

  #adopt(
    advance: Advance,
    chunk: Chunk | undefined,
    forgotten: readonly Chunk[],
    segment: Segment<Item> | undefined,
  ): void {
    const covered = this.#line.slice(0, advance.covered)
    this.#line.splice(0, advance.covered)
    this.#rule.adopt(advance, covered)
    this.#known.update(forgotten, chunk)
    const before = this.#progress.cursor
    this.#progress = advance.progress
    if (segment !== undefined) {
      this.#unacked--
      this.#sinceMove += segment.records.length
    }
    const { events, connection } = this.#options
    const { cursor } = advance.progress
    if (cursor === undefined || cursor === before) return
    if (events?.listening === true) {
      events.emit('cursor-move', { connection, stream: this.#spec.name, records: this.#sinceMove, cursor })
    }
    this.#sinceMove = 0
  }

  async #renew(lease: StreamLease): Promise<void> {
    const [result] = await this.#options.store.write([[lease.write()]])
    if (result?.applied !== true) throw this.#lost(1, 2)
    lease.renewed(result.versions[0] as Version)
  }

  async #release(lease: StreamLease): Promise<void> {
    this.#released = true
    // It ends by its time anyway; what was read and acknowledged stands.
    await lease.release().catch(() => undefined)
  }

  #lost(conflict: number, ours: number): PatchbayError {
    if (conflict >= ours) return writeConflict(conflict - ours)
    const { cursor } = this.#progress
    this.#broken = conflict === 0 ? cursorMoved(this.#spec.name, cursor) : leaseLost(this.#spec.name, cursor)
    return this.#broken
  }

  #refused(thrown: unknown, cursor: string | undefined, page: number): unknown {
    const error = asError(thrown)
    // On the first page a time is a filter like any other; only a token, or a place between pages, can be gone.
    if (page === 0 && (cursor === undefined || this.#spec.cursorKind === 'time')) return error
    return cursorRefused(this.#spec.name, error, this.#progress.cursor)
  }
}
