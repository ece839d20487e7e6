import type { Cancel } from '../../clock.ts'
import { isPatchbayError } from '../../errors.ts'
import type { Version } from '../../store.ts'
import type { ConsumerOptions, QueueTask, TryResult } from './consumer-options.ts'
import { HeldItems, leftUntil } from './held-items.ts'
import { type Lane, type LaneEntry, Lanes } from './lane.ts'
import type { QueueItem } from './layout.ts'
import { LogWindow, type OpenItem } from './log-window.ts'
import { type Conclusion, Settlement } from './settlement.ts'
import type { QueueCommand, WorkQueue } from './work-queue.ts'

/** Pause after a failure of the store. */
const storePauseMs = 1000

/**
 * Handles a queue's items: in order per key, concurrent over keys, each settled exactly once by a conditional write. Keeps in memory a
 * window of the log and the offsets of what is held; everything else is in the store, so that a restart goes on where this one ended.
 */
export class QueueConsumer {
  readonly #queue: WorkQueue
  readonly #options: ConsumerOptions
  readonly #settlement: Settlement
  readonly #held: HeldItems
  readonly #window: LogWindow
  readonly #lanes = new Lanes()
  readonly #abort = new AbortController()
  #running = 0
  #paused = false
  #stopped = false
  #filling: Promise<void> | undefined
  #fillAgain = false
  /** A poll asked for the cursor to be written and for orders to be looked for. */
  #polled = true
  #stopPoll: Cancel | undefined
  #stopThrottle: Cancel | undefined
  #stopRetry: Cancel | undefined
  #idle: (() => void)[] = []

  constructor(queue: WorkQueue, options: ConsumerOptions) {
    this.#queue = queue
    this.#options = options
    this.#settlement = new Settlement(queue, options)
    this.#held = new HeldItems(queue)
    this.#window = new LogWindow(queue, options.window ?? 512, options.historyRecords)
  }

  /** Reads what was left behind and begins. */
  async start(): Promise<void> {
    await this.#window.start()
    await this.#loadHeld()
    if (this.#stopped) return
    this.#queue.wake = (commanded = false) => {
      if (commanded) this.#polled = true
      this.#window.grown()
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
    if (options.abandon !== true) await this.#window.save(true).catch(() => undefined)
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
        this.#polled = true
        this.#window.grown()
        this.#fill()
        this.#poll()
      },
      { keepAlive: false },
    )
  }

  async #loadHeld(): Promise<void> {
    for await (const { offset, held } of this.#held.all()) {
      const lane = this.#lanes.of(held.key, offset)
      lane.entries.push({ offset, item: undefined, version: undefined, held: true, attempts: held.attempts })
      if (lane.entries.length > 1) continue
      if (held.state === 'parked') lane.blocked = 'parked'
      else if (held.state === 'retry') this.#wait(lane, leftUntil(held, this.#options.clock.now()))
      this.#lanes.settle(lane)
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
    const polled = this.#polled
    if (polled) await this.#obey()
    this.#polled = false
    while (!this.#stopped && !this.#paused && !this.#window.full) {
      const items = await this.#window.read()
      if (items === undefined) break
      await this.#take(items)
      this.#pump()
    }
    if (polled || this.#window.cursorDue) await this.#window.save(false)
  }

  async #take(items: readonly OpenItem[]): Promise<void> {
    const spilled: Promise<void>[] = []
    for (const { offset, item, version } of items) {
      const entry: LaneEntry = { offset, item, version, held: false, attempts: 0 }
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
    this.#window.close(entry.offset)
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
    if (this.#window.hungry || this.#window.cursorDue) this.#fill()
    this.#pump()
  }

  async #tryHead(lane: Lane): Promise<void> {
    const entry = lane.entries[0] as LaneEntry
    await entry.spilling?.catch(() => undefined)
    const inMemory = entry.item !== undefined && entry.version !== undefined
    const loaded = inMemory ? undefined : await this.#held.load(entry.offset)
    if (loaded !== undefined) entry.attempts = loaded.attempts
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
    if (conclusion.outcome === 'taken' && (await this.#held.load(entry.offset)) !== undefined) {
      entry.held = true
      entry.item = undefined
      entry.version = undefined
      this.#window.close(entry.offset)
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
      this.#window.close(entry.offset)
      if (outcome === 'parked') lane.blocked = 'parked'
      else if (!this.#stopped) this.#wait(lane, conclusion.delayMs)
    }
    if (outcome !== 'taken') this.#options.onEnd(item, outcome, attempts, reason)
    if (lane.blocked !== 'no')
      await Promise.all(lane.entries.map((behind) => this.#spill(lane, behind).catch(() => undefined)))
  }

  #advance(lane: Lane, entry: LaneEntry): void {
    lane.entries.shift()
    this.#window.close(entry.offset)
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
    const lane = this.#lanes.byKey(key)
    const head = lane?.entries[0]
    if (lane === undefined || head === undefined || lane.busy || lane.blocked === 'no') return
    await this.#held.makeDue(head.offset)
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
      const loaded = await this.#held.load(head.offset)
      if (loaded?.item.id !== id || lane.busy || lane.entries[0] !== head) continue
      const result = { kind: 'dead', reason: 'discarded' } as const
      const { item, version } = loaded
      const conclusion = await this.#settlement.conclude({ entry: head, item, version, key: lane.key, result })
      await this.#apply(lane, head, item, conclusion)
      this.#unblock(lane)
      return
    }
  }
}

/** One line for the operator's list of failed items; never part of an event. */
function describeFailure(error: unknown): string {
  return error instanceof Error ? `${error.name}: ${error.message}`.replace(/\s+/g, ' ').slice(0, 300) : 'not an Error'
}
