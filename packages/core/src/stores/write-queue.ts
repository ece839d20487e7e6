import type { Clock } from '../clock.ts'
import { Fault } from '../errors.ts'
import type { WriteGroup, WriteResult } from '../store.ts'

export interface WriteQueueOptions {
  readonly clock: Clock
  /** Applies groups in order and resolves when they are durable. Rejects with the error that every waiter shall see. */
  readonly commit: (groups: readonly WriteGroup[]) => Promise<readonly WriteResult[]>
  /**
   * Most changes that wait or are under way; beyond it `write` fails with code `store-queue-full`. Here and in `maxBatch`, a change
   * counts once more per 1024 characters of its value, so that the queue's memory has a bound too.
   */
  readonly maxPending: number
  /** Changes at which a commit takes in no further call. */
  readonly maxBatch: number
}

interface Waiter {
  readonly groups: readonly WriteGroup[]
  readonly changes: number
  readonly resolve: (results: readonly WriteResult[]) => void
  readonly reject: (error: unknown) => void
}

/**
 * Group commit: the calls that arrive until the event loop has handled its input become one transaction, and those that
 * arrive while it is under way become the next one. One commit at a time keeps the calls in order.
 */
export class WriteQueue {
  readonly #options: WriteQueueOptions
  #waiting: Waiter[] = []
  #pending = 0
  #busy = false

  constructor(options: WriteQueueOptions) {
    this.#options = options
  }

  write(groups: readonly WriteGroup[]): Promise<readonly WriteResult[]> {
    const changes = weightOf(groups)
    // A call that is larger than the whole cap still passes an empty queue.
    if (this.#pending > 0 && this.#pending + changes > this.#options.maxPending) return Promise.reject(this.#full())
    this.#pending += changes
    return new Promise((resolve, reject) => {
      this.#waiting.push({ groups, changes, resolve, reject })
      if (this.#busy) return
      this.#busy = true
      this.#options.clock.afterInput(() => this.#drain())
    })
  }

  async #drain(): Promise<void> {
    while (this.#waiting.length > 0) await this.#commit(this.#take())
    this.#busy = false
  }

  #take(): readonly Waiter[] {
    let count = 0
    for (let changes = 0; count < this.#waiting.length && changes < this.#options.maxBatch; count++) {
      changes += this.#waiting[count]?.changes ?? 0
    }
    return this.#waiting.splice(0, count)
  }

  /** Settles every waiter of the batch, whatever happens. */
  async #commit(batch: readonly Waiter[]): Promise<void> {
    try {
      const results = await this.#options.commit(batch.flatMap((waiter) => waiter.groups))
      let at = 0
      for (const { groups, resolve } of batch) {
        resolve(results.slice(at, at + groups.length))
        at += groups.length
      }
    } catch (error) {
      for (const { reject } of batch) reject(error)
    }
    for (const { changes } of batch) this.#pending -= changes
  }

  #full(): Fault {
    const message = `${this.#pending} changes wait to be written and at most ${this.#options.maxPending} may; slow down`
    return new Fault({ kind: 'unavailable', code: 'store-queue-full', sent: 'none', message })
  }
}

function weightOf(groups: readonly WriteGroup[]): number {
  let weight = 0
  for (const group of groups) {
    weight += group.length
    for (const change of group) if (change.kind !== 'delete') weight += change.value.length >> 10
  }
  return weight
}
