import type { Call } from '../call.ts'
import type { Cancel } from '../clock.ts'
import { type Lazy, lazy } from '../lazy.ts'
import type { Arrival, Room } from './bulkhead-arrival.ts'
import type { Lines } from './bulkhead-lines.ts'
import { load, loadFault } from './lazy-part.ts'

interface Waiting extends Arrival {
  unlisten: Cancel
}

type Code = typeof import('./bulkhead-lines.ts')

const code = lazy<Code>(() => import('./bulkhead-lines.ts'))

/** The slots of a bulkhead. The lines before them are loaded when all slots are taken for the first time. */
export class Slots implements Room {
  readonly max: number
  inFlight = 0
  queued = 0
  readonly #weights: Readonly<Record<string, number>>
  readonly #code: Lazy<Code>
  #lines: Lines | undefined
  /** Calls that came while the lines were loaded, which takes milliseconds, once per process: first in, first out. */
  readonly #early = new Set<Waiting>()

  /** @param linesCode for tests */
  constructor(max: number, weights: Readonly<Record<string, number>>, linesCode: Lazy<Code> = code) {
    this.max = max
    this.#weights = weights
    this.#code = linesCode
  }

  /** The lines, once they are there. */
  get lines(): Lines | undefined {
    const loaded = this.#code.current
    if (this.#lines !== undefined || loaded === undefined) return this.#lines
    const lines = new loaded.Lines(this)
    this.#lines = lines
    for (const waiting of this.#early) {
      this.#takeOut(waiting)
      this.queued++
      lines.join(waiting)
    }
    return lines
  }

  async ready(): Promise<void> {
    await load('bulkhead', this.#code)
  }

  weightOf(tenant: string): number {
    return this.#weights[tenant] ?? 1
  }

  /** How many calls of the tenant wait in its line. */
  waitingOf(tenant: string): number {
    return this.lines?.waitingOf(tenant) ?? 0
  }

  /** Waits for a slot; ends at once with the reason when the call is cancelled. */
  wait(call: Call, tenant: string): Promise<undefined> {
    return new Promise((resolve, reject) => {
      const { lines } = this
      this.queued++
      if (lines === undefined) this.#waitEarly({ call, tenant, resolve, reject, unlisten: () => undefined })
      else lines.join({ call, tenant, resolve, reject })
    })
  }

  /** Gives a slot back, to the call whose turn it is. */
  release(): void {
    this.inFlight--
    if (this.queued === 0) return
    const { lines } = this
    if (lines !== undefined) {
      lines.next()
      return
    }
    const [first] = this.#early
    if (first === undefined) return
    this.#takeOut(first)
    this.inFlight++
    first.resolve(undefined)
  }

  #waitEarly(waiting: Waiting): void {
    if (this.#early.size === 0) {
      this.#code().then(
        () => this.lines,
        (cause: unknown) => this.#fail(cause),
      )
    }
    this.#early.add(waiting)
    const unlisten = waiting.call.onCancel((reason) => {
      this.#takeOut(waiting)
      waiting.reject(reason)
    })
    waiting.unlisten = unlisten
  }

  #takeOut(waiting: Waiting): void {
    this.#early.delete(waiting)
    this.queued--
    waiting.unlisten()
  }

  #fail(cause: unknown): void {
    for (const waiting of this.#early) {
      this.#takeOut(waiting)
      waiting.reject(loadFault('bulkhead', cause))
    }
  }
}
