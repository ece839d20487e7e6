import pLimit, { type LimitFunction } from 'p-limit'
import type { Call } from '../call.ts'
import type { Cancel } from '../clock.ts'
import type { Room } from './bulkhead-room.ts'

/** A call that waits for a slot. */
export class Ticket {
  readonly call: Call
  readonly line: Line
  readonly resolve: () => void
  readonly reject: (reason: unknown) => void
  /** True once it has its slot or has left: whatever p-limit still holds of it is of no account. */
  done = false
  unlisten: Cancel | undefined
  /** Ends its turn at the head of its line. */
  endTurn: (() => void) | undefined
  older: Ticket | undefined
  newer: Ticket | undefined

  constructor(call: Call, line: Line, resolve: () => void, reject: (reason: unknown) => void) {
    this.call = call
    this.line = line
    this.resolve = resolve
    this.reject = reject
  }
}

/**
 * One tenant's waiting calls, first in, first out. p-limit with one turn at a time keeps their order; it cannot take a single call out
 * of its queue, so that the linked list beside it knows who still waits, and p-limit's queue is filled anew when the gone outnumber
 * the waiting. Exists only while the tenant waits.
 */
export class Line {
  readonly tenant: string
  readonly weight: number
  waiting = 0
  /** Slots given so far, divided by the weight: the line that is furthest behind is served next. */
  served: number
  /** The call whose turn it is, when it has none yet. */
  head: Ticket | undefined
  newest: Ticket | undefined
  #oldest: Ticket | undefined
  readonly #turns: LimitFunction = pLimit(1)
  readonly #arrive: (ticket: Ticket) => void

  constructor(tenant: string, weight: number, served: number, arrive: (ticket: Ticket) => void) {
    this.tenant = tenant
    this.weight = weight
    this.served = served
    this.#arrive = arrive
  }

  join(ticket: Ticket): void {
    ticket.older = this.newest
    if (this.newest === undefined) this.#oldest = ticket
    else this.newest.newer = ticket
    this.newest = ticket
    this.waiting++
    void this.#turns(this.#turn, ticket)
  }

  /** Takes the ticket out, wherever it stands. The next call's turn begins a few microtasks later. */
  leave(ticket: Ticket): void {
    const { older, newer } = ticket
    ticket.done = true
    ticket.unlisten?.()
    if (older === undefined) this.#oldest = newer
    else older.newer = newer
    if (newer === undefined) this.newest = older
    else newer.older = older
    ticket.older = undefined
    ticket.newer = undefined
    this.waiting--
    if (this.head === ticket) this.head = undefined
    ticket.endTurn?.()
    if (this.#turns.pendingCount > 2 * this.waiting + 16) this.#sweep()
  }

  readonly #turn = (ticket: Ticket): Promise<void> | undefined => {
    if (ticket.done) return undefined
    return new Promise((resolve) => {
      ticket.endTurn = resolve
      this.#arrive(ticket)
    })
  }

  #sweep(): void {
    this.#turns.clearQueue()
    for (let ticket = this.#oldest; ticket !== undefined; ticket = ticket.newer) {
      if (ticket !== this.head) void this.#turns(this.#turn, ticket)
    }
  }
}

/** The lines before the slots of a bulkhead. */
export class Lines {
  readonly #slots: Room
  readonly #lines = new Map<string, Line>()
  /** `served` of the line that got the last slot: where a new line begins, so that it neither starves nor jumps ahead. */
  #served = 0

  constructor(slots: Room) {
    this.#slots = slots
  }

  /** How many calls of the tenant wait. */
  waitingOf(tenant: string): number {
    return this.#lines.get(tenant)?.waiting ?? 0
  }

  /** Waits for a slot in the tenant's line; ends at once with the reason when the call is cancelled. Counted as queued by the caller. */
  wait(call: Call, tenant: string): Promise<undefined> {
    return new Promise((resolve, reject) => {
      const line = this.#lineOf(tenant)
      const ticket = new Ticket(call, line, () => resolve(undefined), reject)
      line.join(ticket)
      const unlisten = call.onCancel((reason) => this.displace(ticket, reason))
      if (!ticket.done) ticket.unlisten = unlisten
    })
  }

  /** A slot is free: it goes to the waiting line that is furthest behind, if any. */
  next(): void {
    let next: Line | undefined
    for (const line of this.#lines.values()) {
      if (line.head !== undefined && (next === undefined || line.served < next.served)) next = line
    }
    if (next?.head !== undefined) this.#grant(next.head)
  }

  /** The newest waiting call of the longest line (by weight), when that line is longer than the tenant's would be; else undefined. */
  displaceable(tenant: string): Ticket | undefined {
    const own = (this.waitingOf(tenant) + 1) / this.#slots.weightOf(tenant)
    let longest: Line | undefined
    let length = own
    for (const line of this.#lines.values()) {
      if (line.waiting / line.weight <= length) continue
      longest = line
      length = line.waiting / line.weight
    }
    return longest?.newest
  }

  /** Takes a waiting call out of its line with this reason. */
  displace(ticket: Ticket, reason: unknown): void {
    if (ticket.done) return
    this.#remove(ticket)
    ticket.reject(reason)
  }

  readonly #arrive = (ticket: Ticket): void => {
    if (this.#slots.inFlight < this.#slots.max) this.#grant(ticket)
    else ticket.line.head = ticket
  }

  #grant(ticket: Ticket): void {
    const { line } = ticket
    this.#slots.inFlight++
    this.#served = line.served
    line.served += 1 / line.weight
    this.#remove(ticket)
    ticket.resolve()
  }

  #remove(ticket: Ticket): void {
    const { line } = ticket
    this.#slots.queued--
    line.leave(ticket)
    if (line.waiting === 0) this.#lines.delete(line.tenant)
  }

  #lineOf(tenant: string): Line {
    let line = this.#lines.get(tenant)
    if (line === undefined) {
      line = new Line(tenant, this.#slots.weightOf(tenant), this.#served, this.#arrive)
      this.#lines.set(tenant, line)
    }
    return line
  }
}
