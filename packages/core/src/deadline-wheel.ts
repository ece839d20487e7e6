import type { Cancel, Clock } from './clock.ts'

/** An entry of the wheel; calls embed it, so that arming allocates nothing. */
export interface WheelEntry {
  /** Monotonic milliseconds; may move to a later time while armed, never to an earlier one. */
  readonly expiresAt: number
  wheelNext: WheelEntry | undefined
  wheelPrevious: WheelEntry | undefined
  /** Slot that holds the entry, -1 when not armed. */
  wheelSlot: number
  expire(): void
}

const tickMs = 10
const slots = 512

/**
 * One timer for all deadlines of a process: a hashed wheel whose interval exists only while an entry does, and never keeps the
 * process alive. Entries of different lengths do not wait for each other. Fires up to one tick late, never early. After the tick
 * it yields once to the poll phase, so that an answer which waited in a socket during a stall of the event loop still counts.
 */
export class DeadlineWheel {
  readonly #clock: Clock
  readonly #heads: (WheelEntry | undefined)[] = new Array(slots).fill(undefined)
  #armed = 0
  #lastTick = 0
  #stop: Cancel | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** How many deadlines are pending. */
  get size(): number {
    return this.#armed
  }

  /** Arms `entry` for its `expiresAt`. It must not be armed already. */
  arm(entry: WheelEntry, now: number): void {
    if (this.#stop === undefined) {
      this.#lastTick = Math.floor(now / tickMs)
      this.#stop = this.#clock.interval(tickMs, this.#tick)
    }
    const slot = Math.max(Math.ceil(entry.expiresAt / tickMs), this.#lastTick + 1) % slots
    const head = this.#heads[slot]
    entry.wheelSlot = slot
    entry.wheelPrevious = undefined
    entry.wheelNext = head
    if (head !== undefined) head.wheelPrevious = entry
    this.#heads[slot] = entry
    this.#armed++
  }

  disarm(entry: WheelEntry): void {
    if (entry.wheelSlot === -1) return
    const { wheelNext, wheelPrevious } = entry
    if (wheelPrevious === undefined) this.#heads[entry.wheelSlot] = wheelNext
    else wheelPrevious.wheelNext = wheelNext
    if (wheelNext !== undefined) wheelNext.wheelPrevious = wheelPrevious
    entry.wheelSlot = -1
    entry.wheelNext = undefined
    entry.wheelPrevious = undefined
    this.#armed--
  }

  readonly #tick = (): void => {
    if (this.#armed === 0) {
      this.#stop?.()
      this.#stop = undefined
      return
    }
    const now = this.#clock.monotonic()
    const until = Math.floor(now / tickMs)
    const from = Math.max(this.#lastTick + 1, until - slots + 1)
    this.#lastTick = until
    const due: WheelEntry[] = []
    for (let tick = from; tick <= until; tick++) {
      let entry = this.#heads[tick % slots]
      while (entry !== undefined) {
        const next = entry.wheelNext
        if (entry.expiresAt <= now) due.push(entry)
        else if (Math.ceil(entry.expiresAt / tickMs) % slots !== entry.wheelSlot) this.#move(entry, now)
        entry = next
      }
    }
    if (due.length > 0) this.#expireAfterInput(due)
  }

  /** Its time has moved since it was armed: left where it is, it would next be looked at a whole turn of the wheel later. */
  #move(entry: WheelEntry, now: number): void {
    this.disarm(entry)
    this.arm(entry, now)
  }

  #expireAfterInput(due: readonly WheelEntry[]): void {
    this.#clock.afterInput(() => {
      const now = this.#clock.monotonic()
      for (const entry of due) {
        if (entry.wheelSlot === -1 || entry.expiresAt > now) continue
        this.disarm(entry)
        entry.expire()
      }
    })
  }
}
