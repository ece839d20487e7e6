import type { Cancel } from '../../clock.ts'
import type { Version } from '../../store.ts'
import type { QueueItem } from './layout.ts'

/** One item in the consumer's memory. Of a held one only the offset is kept; its content is read when its turn comes. */
export interface LaneEntry {
  readonly offset: number
  item: QueueItem | undefined
  /** Version of the id's state entry: every settling write demands it, so an item is settled once, whoever tries. */
  version: Version | undefined
  held: boolean
  attempts: number
  /** Being moved out of the log's order; its turn waits for that. */
  spilling?: Promise<void> | undefined
}

/**
 * The items of one entity key, in order. At most one is being handled; while the first waits for a retry or is parked, all wait.
 */
export class Lane {
  readonly name: string
  /** Undefined: a lane of a single item that needs no order. */
  readonly key: string | undefined
  readonly entries: LaneEntry[] = []
  busy = false
  /** The head waits for its retry, or for a person. */
  blocked: 'no' | 'retry' | 'parked' = 'no'
  queued = false
  stopTimer: Cancel | undefined

  constructor(name: string, key: string | undefined) {
    this.name = name
    this.key = key
  }

  get ready(): boolean {
    return !this.busy && !this.queued && this.blocked === 'no' && this.entries.length > 0
  }
}

/** Lanes by name, and the order in which ready ones get their turn: each takes one item and goes to the end, so no key starves another. */
export class Lanes {
  readonly #lanes = new Map<string, Lane>()
  #turns: Lane[] = []

  /** Keyed items share their key's lane; others get one of their own. */
  of(key: string | undefined, offset: number): Lane {
    const name = key === undefined ? `#${offset}` : `=${key}`
    let lane = this.#lanes.get(name)
    if (lane === undefined) {
      lane = new Lane(name, key)
      this.#lanes.set(name, lane)
    }
    return lane
  }

  byKey(key: string): Lane | undefined {
    return this.#lanes.get(`=${key}`)
  }

  *all(): Iterable<Lane> {
    yield* this.#lanes.values()
  }

  /** Puts the lane in line when it can run, and forgets it when it is empty. */
  settle(lane: Lane): void {
    if (lane.ready) {
      lane.queued = true
      this.#turns.push(lane)
    } else if (lane.entries.length === 0 && !lane.busy) {
      lane.stopTimer?.()
      this.#lanes.delete(lane.name)
    }
  }

  next(): Lane | undefined {
    const lane = this.#turns.shift()
    if (lane !== undefined) lane.queued = false
    return lane
  }

  get waiting(): number {
    return this.#turns.length
  }

  clear(): void {
    for (const lane of this.#lanes.values()) lane.stopTimer?.()
    this.#lanes.clear()
    this.#turns = []
  }
}
