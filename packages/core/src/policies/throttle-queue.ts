import type { Call } from '../call.ts'
import type { Cancel, Clock } from '../clock.ts'
import { Fault } from '../errors.ts'
import type { Meter } from './throttle-meters.ts'
import type { Traffic } from './throttle-traffic.ts'

class Waiter {
  readonly call: Call
  readonly units: number
  readonly resolve: (value: undefined) => void
  readonly reject: (reason: unknown) => void
  unlisten: Cancel | undefined
  done = false
  older: Waiter | undefined
  newer: Waiter | undefined

  constructor(
    call: Call,
    units: number,
    resolve: (value: undefined) => void,
    reject: (reason: unknown) => void,
    older: Waiter | undefined,
  ) {
    this.call = call
    this.units = units
    this.resolve = resolve
    this.reject = reject
    this.older = older
  }
}

export interface QueueLimits {
  /** Most calls between {@link ThrottleQueue.enter} and {@link ThrottleQueue.leave}. */
  readonly concurrency: number
  readonly maxQueue: number
  readonly maxWaitMs: number
}

/**
 * All meters of a throttle and the calls that wait for them, first in, first out. One timer, for the first of them, exists only while
 * calls wait. A call whose wait cannot end before its deadline is refused: on arrival, and again whenever the outlook worsens.
 */
export class ThrottleQueue {
  /** Replaced and not changed, so that the hot path reads a plain array. */
  meters: readonly Meter[]
  readonly traffic: Traffic
  waiting = 0
  pausedUntil = Number.NEGATIVE_INFINITY
  readonly #clock: Clock
  readonly #limits: QueueLimits
  #first: Waiter | undefined
  #last: Waiter | undefined
  #waitingUnits = 0
  #stopTimer: Cancel | undefined
  #timerAt = Number.POSITIVE_INFINITY
  #reason = 'rate'

  constructor(clock: Clock, traffic: Traffic, meters: readonly Meter[], limits: QueueLimits) {
    this.#clock = clock
    this.traffic = traffic
    this.meters = meters
    this.#limits = limits
  }

  enter(call: Call, units: number): undefined | Promise<undefined> {
    const now = call.attemptStartedAt
    if (
      this.#first === undefined &&
      this.traffic.inFlight < this.#limits.concurrency &&
      this.waitFor(units, 0, now) <= 0
    ) {
      this.#take(units, now)
      return undefined
    }
    return this.#wait(call, units)
  }

  leave(units: number): void {
    this.traffic.leave(units)
    if (this.#first !== undefined && this.#limits.concurrency !== Number.POSITIVE_INFINITY) this.drain()
  }

  /** Milliseconds until `units` may go behind `ahead` others; 0 or less: now. */
  waitFor(units: number, ahead: number, now: number): number {
    let longest = this.pausedUntil - now
    if (longest > 0) this.#reason = 'paused'
    const { meters } = this
    for (let index = 0; index < meters.length; index++) {
      const meter = meters[index] as Meter
      const wait = meter.waitFor(units, ahead, now)
      if (wait <= longest || wait <= 0) continue
      longest = wait
      this.#reason = meter.reason
    }
    return longest
  }

  /** Lets nobody go before `until` (monotonic). True when that is news. */
  pause(until: number): boolean {
    if (until <= this.pausedUntil) return false
    this.pausedUntil = until
    this.reconsider()
    return true
  }

  /** After a meter learned something: those who can no longer make it go, the others wait as long as is now right. */
  reconsider(): void {
    if (this.#first === undefined) return
    const now = this.#clock.monotonic()
    if (now + this.waitFor(this.#first.units, 0, now) > this.#timerAt + 1) this.#refuseTheLate(now)
    this.drain()
  }

  #refuseTheLate(now: number): void {
    let ahead = 0
    for (let waiter: Waiter | undefined = this.#first; waiter !== undefined; waiter = waiter.newer) {
      const wait = this.waitFor(waiter.units, ahead, now)
      if (waiter.done) continue
      if (now + wait > waiter.call.deadlineAt) this.#drop(waiter, this.#refusal(waiter.call, wait, now))
      else ahead += waiter.units
    }
  }

  /** Lets go whom the meters allow now, and sets the timer for the next. */
  readonly drain = (): void => {
    const now = this.#clock.monotonic()
    while (this.#first !== undefined) {
      const waiter = this.#first
      if (this.traffic.inFlight >= this.#limits.concurrency) {
        this.#setTimer(Number.POSITIVE_INFINITY, now)
        return
      }
      const wait = this.waitFor(waiter.units, 0, now)
      if (wait > 0) {
        this.#setTimer(now + wait, now)
        return
      }
      this.#remove(waiter)
      this.#take(waiter.units, now)
      waiter.call.attemptStartedAt = now
      waiter.resolve(undefined)
    }
    this.#setTimer(Number.POSITIVE_INFINITY, now)
  }

  #take(units: number, now: number): void {
    this.traffic.take(units, now)
    const { meters } = this
    for (let index = 0; index < meters.length; index++) (meters[index] as Meter).take(units, now)
  }

  #wait(call: Call, units: number): Promise<undefined> {
    const now = this.#clock.monotonic()
    this.#reason = 'concurrency'
    const waitMs = Math.max(0, this.waitFor(units, this.#waitingUnits, now))
    if (now + waitMs > call.deadlineAt || waitMs > this.#limits.maxWaitMs) throw this.#refusal(call, waitMs, now)
    if (this.waiting >= this.#limits.maxQueue) throw this.#queueFull(call, waitMs)
    const numbers = { waitMs, units, waiting: this.waiting, waitingUnits: this.#waitingUnits }
    call.decide({ policy: 'throttle', decision: 'wait', reason: this.#reason, numbers })
    return new Promise((resolve, reject) => {
      const waiter = new Waiter(call, units, resolve, reject, this.#last)
      if (this.#last === undefined) this.#first = waiter
      else this.#last.newer = waiter
      this.#last = waiter
      this.waiting++
      this.#waitingUnits += units
      const unlisten = call.onCancel((reason) => this.#drop(waiter, reason))
      if (waiter.done) return
      waiter.unlisten = unlisten
      if (this.#first === waiter) this.drain()
    })
  }

  #drop(waiter: Waiter, reason: unknown): void {
    if (waiter.done) return
    const first = this.#first === waiter
    this.#remove(waiter)
    waiter.reject(reason)
    if (first) this.drain()
  }

  #remove(waiter: Waiter): void {
    const { older, newer } = waiter
    waiter.done = true
    waiter.unlisten?.()
    if (older === undefined) this.#first = newer
    else older.newer = newer
    if (newer === undefined) this.#last = older
    else newer.older = older
    this.waiting--
    this.#waitingUnits -= waiter.units
  }

  #setTimer(at: number, now: number): void {
    if (at === this.#timerAt || Math.abs(at - this.#timerAt) < 0.5) return
    this.#stopTimer?.()
    this.#stopTimer = undefined
    this.#timerAt = at
    if (at === Number.POSITIVE_INFINITY) return
    // Whole milliseconds: a timer may fire that much early otherwise, and the next look finds nothing new.
    this.#stopTimer = this.#clock.timer(Math.max(1, Math.ceil(at - now)), () => {
      this.#timerAt = Number.POSITIVE_INFINITY
      this.#stopTimer = undefined
      this.drain()
    })
  }

  #refusal(call: Call, waitMs: number, now: number): Fault {
    const retryAfterMs = Math.ceil(waitMs)
    const numbers: Record<string, number> = { waitMs, leftMs: call.deadlineAt - now, waiting: this.waiting }
    const reason = now + waitMs > call.deadlineAt ? 'past-deadline' : 'past-longest-wait'
    call.decide({ policy: 'throttle', decision: 'refuse', reason, numbers })
    const limit = reason === 'past-deadline' ? 'the deadline' : `throttle.maxWaitMs (${this.#limits.maxWaitMs} ms)`
    const message = `the limit (${this.#reason}) leaves room only in ${retryAfterMs} ms, after ${limit}; nothing was sent`
    return new Fault({ kind: 'rate-limited', code: reason, sent: 'none', retryAfterMs, message })
  }

  #queueFull(call: Call, waitMs: number): Fault {
    const numbers = { waitMs, waiting: this.waiting, maxQueue: this.#limits.maxQueue }
    call.decide({ policy: 'throttle', decision: 'refuse', reason: 'queue-full', numbers })
    const message = `${this.waiting} calls already wait for the limit; try again later or raise throttle.maxQueue`
    const retryAfterMs = Math.ceil(waitMs)
    return new Fault({ kind: 'rate-limited', code: 'queue-full', sent: 'none', retryAfterMs, message })
  }
}
