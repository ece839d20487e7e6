import type { StoredEntry, Version } from '../../store.ts'
import { decodeItem, decodeState, type QueueItem } from './layout.ts'
import type { WorkQueue } from './work-queue.ts'

/** An unsettled item out of the log. */
export interface OpenItem {
  readonly offset: number
  readonly item: QueueItem
  /** Of its state entry. */
  readonly version: Version
}

/** Settled items after which the cursor is written. A crash before that costs reading them once more, no second handling. */
const cursorEvery = 256
const mostPerRead = 500

/**
 * The part of the log that is in memory: reads it in order, remembers which offsets are unsettled, and keeps the cursor, below which
 * everything is settled. The log is trimmed behind the cursor, less the history that replays may want.
 */
export class LogWindow {
  readonly #queue: WorkQueue
  readonly #size: number
  readonly #historyRecords: number
  /** Offsets read and not settled yet, ascending. */
  readonly #open = new Set<number>()
  #readUpTo = 0
  #cursor = 0
  #trimmed = 0
  #sinceCursor = 0
  /** The last read found the end of the log. */
  #drained = false

  constructor(queue: WorkQueue, size: number, historyRecords: number) {
    this.#queue = queue
    this.#size = size
    this.#historyRecords = historyRecords
  }

  async start(): Promise<void> {
    const { store, layout } = this.#queue
    this.#cursor = Number((await store.get(layout.cursor))?.value ?? 0)
    this.#readUpTo = this.#cursor
    this.#trimmed = this.#cursor
  }

  /** There may be more in the log than the last read saw. */
  grown(): void {
    this.#drained = false
  }

  get full(): boolean {
    return this.#open.size >= this.#size
  }

  /** Worth reading on: not at the end, and half empty. */
  get hungry(): boolean {
    return !this.#drained && this.#open.size <= this.#size / 2
  }

  get cursorDue(): boolean {
    return this.#sinceCursor >= cursorEvery
  }

  /** The next items that nobody settled yet; undefined at the end of the log. */
  async read(): Promise<readonly OpenItem[] | undefined> {
    const { store, layout } = this.#queue
    const limit = Math.min(this.#size - this.#open.size, mostPerRead)
    const records = await store.read(layout.log, this.#readUpTo, limit)
    this.#drained = records.length < limit
    if (records.length === 0) return undefined
    const items = records.map(({ value }) => decodeItem(value))
    const states = await Promise.allSettled(items.map(({ id }) => store.get(layout.state(id))))
    const open: OpenItem[] = []
    for (const [index, { offset }] of records.entries()) {
      const state = states[index] as PromiseSettledResult<StoredEntry | undefined>
      if (state.status === 'rejected') {
        // What was read before it still counts; the rest is read again.
        if (index === 0) throw state.reason
        this.#drained = false
        break
      }
      this.#readUpTo = offset
      const item = items[index] as QueueItem
      const version = unsettledVersion(state.value, item)
      if (version === undefined) continue
      this.#open.add(offset)
      open.push({ offset, item, version })
    }
    return open
  }

  /** The item is settled, or held elsewhere. */
  close(offset: number): void {
    if (this.#open.delete(offset)) this.#sinceCursor++
  }

  /** Writes the cursor and trims the log, when there is something to write. */
  async save(trim: boolean): Promise<void> {
    const { store, layout } = this.#queue
    const [oldest] = this.#open
    const cursor = oldest === undefined ? this.#readUpTo : oldest - 1
    this.#sinceCursor = 0
    if (cursor > this.#cursor) {
      await store.write([[{ kind: 'put', key: layout.cursor, value: String(cursor) }]])
      this.#cursor = cursor
    }
    const upTo = this.#cursor - this.#historyRecords
    if (upTo > this.#trimmed && (trim || upTo - this.#trimmed >= cursorEvery)) {
      await store.trim(layout.log, upTo)
      this.#trimmed = upTo
    }
  }
}

/** Undefined for what is settled or held. A state that is gone was settled long ago: unsettled ones never expire. */
function unsettledVersion(state: StoredEntry | undefined, item: QueueItem): Version | undefined {
  if (state === undefined) return undefined
  const { name, round } = decodeState(state.value)
  return name === 'new' && round === item.round ? state.version : undefined
}
