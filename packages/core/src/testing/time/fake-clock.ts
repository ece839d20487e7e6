import { type Cancel, type Clock, systemClock } from '../../clock.ts'
import { codeOnItsWay } from '../../lazy.ts'

/** A clock that stands still until a test moves it. */
export interface FakeClock extends Clock {
  /**
   * Moves both clocks forward by `ms`, firing what falls due on the way in order of time, then of creation. Before, between and after
   * the tasks everything that is ready settles (promise chains, {@link Clock.afterInput}), so that code which waits, works and waits
   * again proceeds as it would in real time; code that the SDK loads when it is first needed arrives. Calls do not overlap: a second one starts when the first has ended.
   */
  advance(ms: number): Promise<void>
  /** Advances to whatever falls due next and answers how far that was; 0 when nothing is pending. */
  advanceToNext(): Promise<number>
  /**
   * Advances from task to task until `work` settles, and gives its result. `work` must not advance the clock itself.
   * @throws Error when it is still pending after `limitMs` of fake time, or for a second of real time with no timer left to wait for.
   */
  runUntil<T>(work: Promise<T>, options?: RunUntilOptions): Promise<T>
  /** Lets everything that is ready proceed, without moving time. */
  settle(): Promise<void>
  /** Moves the wall clock only, as an operator or NTP does. Negative goes back. No timer fires. */
  jump(ms: number): void
  /** Sets the wall clock, without moving the monotonic one. */
  set(time: Date | number | string): void
  /** Lets `ms` pass with the event loop blocked: nothing fires on the way, what fell due fires late, intervals once. */
  stall(ms: number): Promise<void>
  /** What still waits; all zero means that nothing was left behind. */
  readonly pending: { readonly timers: number; readonly intervals: number; readonly afterInput: number }
}

export interface RunUntilOptions {
  /** Most fake milliseconds. Default one hour. */
  readonly limitMs?: number
  /** Real milliseconds to wait for real input (sockets, files) before each move. Default 0: `work` lives off the clock alone. */
  readonly inputMs?: number
}

interface Entry {
  readonly task: () => void
  readonly periodMs: number | undefined
  dueAt: number
  order: number
}

/** More tasks than this without time moving means that a timer re-arms itself for ever. */
const mostTasksPerInstant = 10_000
/** Real milliseconds that {@link FakeClock.runUntil} waits for input when no timer is pending. */
const longestIdleMs = 1000

/** Starts at `at`, default 2026-01-01T00:00:00Z; the monotonic clock starts at 0. */
export function fakeClock(at: Date | number | string = '2026-01-01T00:00:00Z'): FakeClock {
  return new ManualClock(at)
}

class ManualClock implements FakeClock {
  #wall: number
  #monotonic = 0
  #order = 0
  #afterInput = 0
  readonly #entries = new Set<Entry>()
  #moving: Promise<unknown> = Promise.resolve()

  constructor(at: Date | number | string) {
    this.#wall = wallTime(at)
  }

  readonly now = (): number => this.#wall
  readonly monotonic = (): number => this.#monotonic

  readonly timer = (ms: number, task: () => void): Cancel => this.#add(ms, task, undefined)
  readonly interval = (ms: number, task: () => void): Cancel => this.#add(Math.max(1, ms), task, Math.max(1, ms))

  readonly afterInput = (task: () => void): void => {
    this.#afterInput++
    systemClock.afterInput(() => {
      this.#afterInput--
      task()
    })
  }

  get pending(): FakeClock['pending'] {
    let timers = 0
    for (const { periodMs } of this.#entries) if (periodMs === undefined) timers++
    return { timers, intervals: this.#entries.size - timers, afterInput: this.#afterInput }
  }

  jump(ms: number): void {
    this.#wall += finite(ms)
  }

  set(time: Date | number | string): void {
    this.#wall = wallTime(time)
  }

  advance(ms: number): Promise<void> {
    return this.#exclusively(async () => {
      if (ms < 0) throw new RangeError('advance goes forward only: jump() turns the wall clock back')
      const end = this.#monotonic + finite(ms)
      await this.#fireDue(end)
      this.#move(end)
      await this.settle()
    })
  }

  advanceToNext(): Promise<number> {
    return this.#exclusively(async () => {
      await this.settle()
      return this.#toNext(Number.POSITIVE_INFINITY)
    })
  }

  stall(ms: number): Promise<void> {
    return this.#exclusively(async () => {
      this.#move(this.#monotonic + finite(ms))
      await this.#fireDue(this.#monotonic)
    })
  }

  runUntil<T>(work: Promise<T>, options: RunUntilOptions = {}): Promise<T> {
    return this.#exclusively(async () => {
      let settled = false
      const watch = (): void => {
        settled = true
      }
      work.then(watch, watch)
      const { limitMs = 3_600_000, inputMs = 0 } = options
      const end = this.#monotonic + limitMs
      for (await this.settle(); !settled; await this.settle()) {
        const idle = this.#entries.size === 0
        await realTime(idle ? longestIdleMs : inputMs, () => settled || (idle && this.#entries.size > 0))
        if (settled) break
        if (this.#next(end) === undefined) throw this.#stuck(limitMs)
        await this.#toNext(end)
      }
      return work
    })
  }

  async settle(): Promise<void> {
    let turns = 0
    do {
      if (++turns > mostTasksPerInstant) throw new Error('the fake clock never settles: afterInput schedules itself')
      await Promise.allSettled(codeOnItsWay)
      await new Promise<void>((resolve) => systemClock.afterInput(resolve))
    } while (this.#afterInput > 0 || codeOnItsWay.size > 0)
  }

  #add(ms: number, task: () => void, periodMs: number | undefined): Cancel {
    if (Number.isNaN(ms)) throw new RangeError('a timer needs a number of milliseconds, not NaN')
    const entry = { task, periodMs, dueAt: this.#monotonic + Math.max(0, ms), order: this.#order++ }
    this.#entries.add(entry)
    return () => {
      this.#entries.delete(entry)
    }
  }

  async #fireDue(end: number): Promise<void> {
    await this.settle()
    let instant = this.#monotonic
    let tasks = 0
    for (let entry = this.#next(end); entry !== undefined; entry = this.#next(end)) {
      this.#fire(entry)
      if (instant !== this.#monotonic) tasks = 0
      instant = this.#monotonic
      if (++tasks > mostTasksPerInstant)
        throw new Error(`the fake clock does not get past ${instant} ms: a task without delay re-arms itself`)
      await this.settle()
    }
  }

  async #toNext(end: number): Promise<number> {
    const before = this.#monotonic
    const entry = this.#next(end)
    if (entry === undefined) return 0
    await this.#fireDue(Math.max(before, entry.dueAt))
    return this.#monotonic - before
  }

  /** The entry that falls due first, up to `end`. */
  #next(end: number): Entry | undefined {
    let first: Entry | undefined
    for (const entry of this.#entries) {
      if (entry.dueAt > end) continue
      if (
        first === undefined ||
        entry.dueAt < first.dueAt ||
        (entry.dueAt === first.dueAt && entry.order < first.order)
      )
        first = entry
    }
    return first
  }

  #fire(entry: Entry): void {
    this.#move(Math.max(this.#monotonic, entry.dueAt))
    if (entry.periodMs === undefined) this.#entries.delete(entry)
    else {
      entry.dueAt = this.#monotonic + entry.periodMs
      entry.order = this.#order++
    }
    entry.task()
  }

  #move(to: number): void {
    this.#wall += to - this.#monotonic
    this.#monotonic = to
  }

  #exclusively<T>(move: () => Promise<T>): Promise<T> {
    const mine = this.#moving.then(move)
    this.#moving = mine.catch(() => undefined)
    return mine
  }

  #stuck(limitMs: number): Error {
    const { timers, intervals } = this.pending
    return new Error(
      timers + intervals === 0
        ? 'runUntil: the promise is pending and no timer is left that could settle it'
        : `runUntil: still pending after ${limitMs} ms of fake time (${timers} timers, ${intervals} intervals)`,
    )
  }
}

/** Waits for real input, at most `ms` and until `done`. */
async function realTime(ms: number, done: () => boolean): Promise<void> {
  const end = systemClock.monotonic() + ms
  while (!done() && systemClock.monotonic() < end)
    await new Promise<void>((resolve) => {
      systemClock.timer(1, resolve)
    })
}

function wallTime(at: Date | number | string): number {
  const time = typeof at === 'number' ? at : new Date(at).getTime()
  if (!Number.isFinite(time)) throw new RangeError(`"${String(at)}" is not a time`)
  return time
}

function finite(ms: number): number {
  if (!Number.isFinite(ms)) throw new RangeError(`${ms} is not a time to move by`)
  return ms
}
