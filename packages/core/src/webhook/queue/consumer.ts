import type { Cancel, Clock, Random } from '../../clock.ts'
import { isPatchbayError } from '../../errors.ts'
import type { LogRecord, StoredEntry, Version, Write } from '../../store.ts'
import { type Lane, type LaneEntry, Lanes } from './lane.ts'
import { decodeItem, decodeState, encodeState, type HeldItem, heldOffset, type QueueItem } from './layout.ts'
import { type Conclusion, Settlement } from './settlement.ts'
import type { QueueCommand, WorkQueue } from './work-queue.ts'

/** What a try came to. */
export type TryResult =
  | { readonly kind: 'done'; readonly writes?: readonly Write[] }
  /** `afterMs`: how long the other side asked to wait. `free`: the try does not count. */
  | { readonly kind: 'failed'; readonly reason: string; readonly afterMs?: number | undefined; readonly free?: boolean }
  | { readonly kind: 'dead'; readonly reason: string }

export interface QueueTask {
  readonly item: QueueItem
  readonly key: string | undefined
  /** 1 for the first try. */
  readonly attempt: number
  readonly signal: AbortSignal
}

export type ItemOutcome = 'done' | 'retry' | 'parked' | 'dead'

export interface ConsumerOptions {
  readonly clock: Clock
  readonly random: Random
  /** Most items handled at once; asked anew before each start. */
  readonly concurrency: () => number
  /** Milliseconds to wait before the next start; 0 to go on. */
  readonly throttleMs?: (() => number) | undefined
  /** Items of one key are handled in order. */
  readonly keyOf: (item: QueueItem) => string | undefined
  readonly handle: (task: QueueTask) => Promise<TryResult>
  /** Delay before the try after the `attempts`-th failure; undefined: no try is left. */
  readonly delayMs: (attempts: number) => number | undefined
  /** What becomes of a keyed item with no try left: its key waits for a person, or it steps aside. */
  readonly onPoison: 'park' | 'dead'
  readonly onEnd: (item: QueueItem, outcome: ItemOutcome, attempts: number, reason: string | undefined) => void
  /** Items in memory. Default 512. */
  readonly window?: number | undefined
  /** Milliseconds between looks for what other processes put in. Default 1000. */
  readonly pollMs?: number | undefined
  /** How long a settled id is remembered. */
  readonly retentionMs: number
  readonly deadRetentionMs: number
  /** Settled records kept in the log for replays. */
  readonly historyRecords: number
}

/** Settled items after which the cursor is written. A crash before that costs reading them once more, no second handling. */
const cursorEvery = 256
/** After a failure of the store. */
const storePauseMs = 1000

/**
 * Handles a queue's items: in order per key, concurrent over keys, each settled exactly once by a conditional write. Keeps in memory a
 * window of the log and the offsets of what is held; everything else is in the store, so that a restart goes on where this one ended.
 */
export class QueueConsumer {
  readonly #queue: WorkQueue
  readonly #options: ConsumerOptions
  readonly #settlement: Settlement
  readonly #lanes = new Lanes()
  /** Offsets read from the log and not settled yet, ascending. */
  readonly #open = new Set<number>()
  readonly #abort = new AbortController()
  #readUpTo = 0
  #cursor = 0
  #trimmed = 0
  #sinceCursor = 0
  #cursorDue = false
  #running = 0
  #paused = false
  #stopped = false
  #filling: Promise<void> | undefined
  #fillAgain = false
  /** The last read found the end of the log. */
  #drained = false
  #stopPoll: Cancel | undefined
  #stopThrottle: Cancel | undefined
  #stopRetry: Cancel | undefined
  #idle: (() => void)[] = []

  constructor(queue: WorkQueue, options: ConsumerOptions) {
    this.#queue = queue
    this.#options = options
    this.#settlement = new Settlement(queue, options)
  }

  /** Reads what was left behind and begins. */
  async start(): Promise<void> {
    const { store, layout } = this.#queue
    this.#cursor = Number((await store.get(layout.cursor))?.value ?? 0)
    this.#readUpTo = this.#cursor
    this.#trimmed = this.#cursor
    await this.#loadHeld()
    if (this.#stopped) return
    this.#queue.wake = () => {
      this.#drained = false
      this.#fill()
    }
    this.#poll()
    this.#fill()
  }

  pause(): void {
    this.#paused = true
  }

  resume(): void {
    this.#paused = false
    this.#fill()
    this.#pump()
  }

  /** Looks again at whether something may start: a limit was lifted. */
  nudge(): void {
    this.#stopThrottle?.()
    this.#stopThrottle = undefined
    this.#pump()
  }

  /** Resolves when nothing is being handled and nothing could start now. What waits for a retry or a person does not count. */
  async idle(): Promise<void> {
    this.#fill()
    while (this.#filling !== undefined) await this.#filling
    if (this.#quiet) return
    await new Promise<void>((resolve) => this.#idle.push(resolve))
  }

  /** Starts nothing more, tells running handlers, waits for them, and writes the cursor. `abandon` leaves the cursor to the next owner. */
  async stop(options: { readonly abandon?: boolean } = {}): Promise<void> {
    if (!this.#stopped) {
      this.#stopped = true
      this.#queue.wake = () => undefined
      this.#stopPoll?.()
      this.#stopThrottle?.()
      this.#stopRetry?.()
      this.#lanes.clear()
      this.#abort.abort()
    }
    await this.#filling
    if (this.#running > 0) await new Promise<void>((resolve) => this.#idle.push(resolve))
    if (options.abandon !== true) await this.#writeCursor(true).catch(() => undefined)
  }

  get #quiet(): boolean {
    return (
      this.#running === 0 && (this.#stopped || this.#paused || this.#lanes.waiting === 0) && this.#filling === undefined
    )
  }

  #poll(): void {
    this.#stopPoll = this.#options.clock.timer(
      this.#options.pollMs ?? 1000,
      () => {
        if (this.#stopped) return
        this.#drained = false
        this.#cursorDue = this.#sinceCursor > 0
        this.#fill()
        this.#poll()
      },
      { keepAlive: false },
    )
  }

  async #loadHeld(): Promise<void> {
    const { store, layout } = this.#queue
    let after: string | undefined
    for (;;) {
      const entries = await store.list(layout.heldPrefix, { limit: 1000, ...(after === undefined ? {} : { after }) })
      for (const { key, value } of entries) {
        const held = JSON.parse(value) as HeldItem
        const offset = heldOffset(layout, key)
        const lane = this.#lanes.of(held.key, offset)
        lane.entries.push({ offset, item: undefined, version: undefined, held: true, attempts: held.attempts })
        if (lane.entries.length > 1) continue
        if (held.state === 'parked') lane.blocked = 'parked'
        else if (held.state === 'retry') this.#wait(lane, Math.max(0, held.nextAt - this.#options.clock.now()))
        this.#lanes.settle(lane)
      }
      if (entries.length < 1000) return
      after = entries.at(-1)?.key
    }
  }

  #fill(): void {
    if (this.#stopped) return
    if (this.#filling !== undefined) {
      this.#fillAgain = true
      return
    }
    this.#filling = this.#fillOnce()
      .catch(() => this.#retryFill())
      .finally(() => {
        this.#filling = undefined
        this.#pump()
        if (this.#fillAgain) this.#fill()
      })
  }

  #retryFill(): void {
    this.#fillAgain = false
    this.#stopRetry ??= this.#options.clock.timer(
      storePauseMs,
      () => {
        this.#stopRetry = undefined
        this.#fill()
      },
      { keepAlive: false },
    )
  }

  async #fillOnce(): Promise<void> {
    this.#fillAgain = false
    const { store, layout } = this.#queue
    const window = this.#options.window ?? 512
    await this.#obey()
    while (!this.#stopped && !this.#paused && this.#open.size < window) {
      const limit = Math.min(window - this.#open.size, 500)
      const records = await store.read(layout.log, this.#readUpTo, limit)
      this.#drained = records.length < limit
      if (records.length === 0) break
      await this.#take(records)
      this.#pump()
    }
    if (this.#cursorDue || this.#sinceCursor >= cursorEvery) await this.#writeCursor(false)
  }

  async #take(records: readonly LogRecord[]): Promise<void> {
    const { store, layout } = this.#queue
    const items = records.map(({ value }) => decodeItem(value))
    const states = await Promise.allSettled(items.map(({ id }) => store.get(layout.state(id))))
    const spilled: Promise<void>[] = []
    for (const [index, { offset }] of records.entries()) {
      const looked = states[index] as PromiseSettledResult<StoredEntry | undefined>
      if (looked.status === 'rejected') {
        await Promise.all(spilled)
        throw looked.reason
      }
      this.#readUpTo = offset
      const item = items[index] as QueueItem
      const state = looked.value
      // Gone: settled longer ago than settled ids are remembered. Unsettled ones never expire.
      if (state === undefined) continue
      const { name, round } = decodeState(state.value)
      if (name !== 'new' || round !== item.round) continue
      const entry: LaneEntry = { offset, item, version: state.version, held: false, attempts: 0 }
      this.#open.add(offset)
      const lane = this.#lanes.of(this.#keyOf(item), offset)
      lane.entries.push(entry)
      if (lane.blocked !== 'no') spilled.push(this.#spill(lane, entry).catch(() => undefined))
      this.#lanes.settle(lane)
    }
    await Promise.all(spilled)
  }

  /** An item whose key cannot be told goes alone; its handler will fail on the same data and say so. */
  #keyOf(item: QueueItem): string | undefined {
    try {
      return this.#options.keyOf(item)
    } catch {
      return undefined
    }
  }

  /** Moves an item out of the log's order, so that a waiting key neither fills the window nor keeps the log from being trimmed. */
  #spill(lane: Lane, entry: LaneEntry): Promise<void> {
    if (entry.held || entry.item === undefined || entry.version === undefined) return Promise.resolve()
    entry.spilling ??= this.#moveBehind(lane, entry, entry.item, entry.version).finally(() => {
      entry.spilling = undefined
    })
    return entry.spilling
  }

  async #moveBehind(lane: Lane, entry: LaneEntry, item: QueueItem, held: Version): Promise<void> {
    const behind = { state: 'behind', key: lane.key, attempts: 0, nextAt: 0, reason: '' } as const
    const version = await this.#settlement.hold(entry.offset, item, held, behind)
    entry.held = true
    entry.item = undefined
    entry.version = version
    this.#close(entry.offset)
  }

  #close(offset: number): void {
    if (this.#open.delete(offset)) this.#sinceCursor++
  }

  #pump(): void {
    const { concurrency, throttleMs } = this.#options
    while (!this.#stopped && !this.#paused && this.#lanes.waiting > 0 && this.#running < concurrency()) {
      const wait = throttleMs?.() ?? 0
      if (wait > 0) {
        this.#stopThrottle ??= this.#options.clock.timer(
          wait,
          () => {
            this.#stopThrottle = undefined
            this.#pump()
          },
          { keepAlive: false },
        )
        break
      }
      const lane = this.#lanes.next()
      if (lane === undefined) break
      lane.busy = true
      this.#running++
      void this.#run(lane)
    }
    if (this.#quiet || (this.#stopped && this.#running === 0)) for (const resolve of this.#idle.splice(0)) resolve()
  }

  async #run(lane: Lane): Promise<void> {
    try {
      await this.#tryHead(lane)
    } catch {
      // The store failed. Nothing is settled, so the same try is made again.
      if (!this.#stopped) this.#wait(lane, storePauseMs)
    }
    lane.busy = false
    this.#running--
    if (!this.#stopped) this.#lanes.settle(lane)
    const room = !this.#drained && this.#open.size <= (this.#options.window ?? 512) / 2
    if (room || this.#sinceCursor >= cursorEvery) this.#fill()
    this.#pump()
  }

  async #tryHead(lane: Lane): Promise<void> {
    const entry = lane.entries[0] as LaneEntry
    await entry.spilling?.catch(() => undefined)
    const loaded = entry.item === undefined || entry.version === undefined ? await this.#load(entry) : undefined
    const item = loaded?.item ?? entry.item
    const version = loaded?.version ?? entry.version
    if (item === undefined || version === undefined) {
      this.#advance(lane, entry)
      return
    }
    const attempt = entry.attempts + 1
    const result = await this.#handle({ item, key: lane.key, attempt, signal: this.#abort.signal })
    const conclusion = await this.#settlement.conclude({ entry, item, version, key: lane.key, result })
    // A write whose failure was reported may have been made all the same: then the item is ours still, and held.
    if (conclusion.outcome === 'taken' && (await this.#load(entry)) !== undefined) {
      entry.held = true
      entry.item = undefined
      entry.version = undefined
      this.#close(entry.offset)
    } else await this.#apply(lane, entry, item, conclusion)
  }

  async #handle(task: QueueTask): Promise<TryResult> {
    try {
      return await this.#options.handle(task)
    } catch (error) {
      return {
        kind: 'failed',
        reason: describeFailure(error),
        afterMs: isPatchbayError(error) ? error.retryAfterMs : undefined,
      }
    }
  }

  async #apply(lane: Lane, entry: LaneEntry, item: QueueItem, conclusion: Conclusion): Promise<void> {
    const { outcome, attempts, reason } = conclusion
    entry.attempts = attempts
    entry.version = conclusion.version
    if (outcome === 'done' || outcome === 'dead' || outcome === 'taken') this.#advance(lane, entry)
    else {
      entry.held = true
      entry.item = undefined
      this.#close(entry.offset)
      if (outcome === 'parked') lane.blocked = 'parked'
      else if (!this.#stopped) this.#wait(lane, conclusion.delayMs)
    }
    if (outcome !== 'taken') this.#options.onEnd(item, outcome, attempts, reason)
    if (lane.blocked !== 'no')
      await Promise.all(lane.entries.map((behind) => this.#spill(lane, behind).catch(() => undefined)))
  }

  #advance(lane: Lane, entry: LaneEntry): void {
    lane.entries.shift()
    this.#close(entry.offset)
  }

  /** Reads a held item; undefined when somebody else settled it. */
  async #load(entry: LaneEntry): Promise<{ readonly item: QueueItem; readonly version: Version } | undefined> {
    const { store, layout } = this.#queue
    const stored = await store.get(layout.held(entry.offset))
    if (stored === undefined) return undefined
    const held = JSON.parse(stored.value) as HeldItem
    const item = decodeItem(held.item)
    const state = await store.get(layout.state(item.id))
    if (state?.value !== encodeState('held', item.round)) return undefined
    entry.attempts = held.attempts
    return { item, version: state.version }
  }

  #wait(lane: Lane, delayMs: number): void {
    lane.blocked = 'retry'
    lane.stopTimer?.()
    lane.stopTimer = this.#options.clock.timer(
      delayMs,
      () => {
        lane.stopTimer = undefined
        lane.blocked = 'no'
        this.#lanes.settle(lane)
        this.#pump()
      },
      { keepAlive: false },
    )
  }

  /** Carries out what operators asked for. Each order is idempotent, so one that is repeated after a crash does no harm. */
  async #obey(): Promise<void> {
    const { store, layout } = this.#queue
    const records = await store.read(layout.commands, 0, 100)
    const last = records.at(-1)
    if (last === undefined) return
    for (const { value } of records) {
      const command = JSON.parse(value) as QueueCommand
      if (command.kind === 'release') await this.#release(command.key)
      else await this.#discard(command.id)
    }
    await store.trim(layout.commands, last.offset)
  }

  async #release(key: string): Promise<void> {
    const { store, layout } = this.#queue
    const lane = this.#lanes.byKey(key)
    const head = lane?.entries[0]
    if (lane === undefined || head === undefined || lane.busy || lane.blocked === 'no') return
    const stored = await store.get(layout.held(head.offset))
    if (stored !== undefined) {
      const value = JSON.stringify({ ...(JSON.parse(stored.value) as HeldItem), state: 'retry', nextAt: 0 })
      await store.write([[{ kind: 'put', key: stored.key, value, ifVersion: stored.version }]])
    }
    if (lane.busy || lane.entries[0] !== head) return
    this.#unblock(lane)
  }

  #unblock(lane: Lane): void {
    lane.stopTimer?.()
    lane.stopTimer = undefined
    lane.blocked = 'no'
    this.#lanes.settle(lane)
  }

  async #discard(id: string): Promise<void> {
    for (const lane of this.#lanes.all()) {
      const head = lane.entries[0]
      if (head === undefined || !head.held || lane.busy || lane.blocked === 'no') continue
      const loaded = await this.#load(head)
      if (loaded?.item.id !== id || lane.busy || lane.entries[0] !== head) continue
      const result = { kind: 'dead', reason: 'discarded' } as const
      const conclusion = await this.#settlement.conclude({ entry: head, ...loaded, key: lane.key, result })
      await this.#apply(lane, head, loaded.item, conclusion)
      this.#unblock(lane)
      return
    }
  }

  async #writeCursor(trim: boolean): Promise<void> {
    const { store, layout } = this.#queue
    const [oldest] = this.#open
    const cursor = oldest === undefined ? this.#readUpTo : oldest - 1
    this.#sinceCursor = 0
    this.#cursorDue = false
    if (cursor > this.#cursor) {
      await store.write([[{ kind: 'put', key: layout.cursor, value: String(cursor) }]])
      this.#cursor = cursor
    }
    const upTo = this.#cursor - this.#options.historyRecords
    if (upTo > this.#trimmed && (trim || upTo - this.#trimmed >= cursorEvery)) {
      await store.trim(layout.log, upTo)
      this.#trimmed = upTo
    }
  }
}

/** One line for the operator's list of failed items; never part of an event. */
function describeFailure(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}`.replace(/\s+/g, ' ').slice(0, 300) : 'not an Error'
}
