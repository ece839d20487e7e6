import type { Call } from '../call.ts'
import { type Lazy, lazyCode } from '../lazy.ts'
import type { Lines } from './bulkhead-lines.ts'
import type { Room } from './bulkhead-room.ts'
import { load, partFor } from './lazy-part.ts'

export type LinesCode = typeof import('./bulkhead-lines.ts')

const code = lazyCode<LinesCode>(() => import('./bulkhead-lines.ts'))

/** The slots of a bulkhead. The lines before them are loaded when all slots are taken for the first time. */
export class Slots implements Room {
  readonly max: number
  inFlight = 0
  queued = 0
  readonly #weights: Readonly<Record<string, number>>
  readonly #code: Lazy<LinesCode>
  #lines: Lines | undefined
  /** Calls that wait for the lines themselves. Until they stand in them, newcomers wait behind them. */
  #early = 0

  /** @param linesCode for tests */
  constructor(max: number, weights: Readonly<Record<string, number>>, linesCode: Lazy<LinesCode> = code) {
    this.max = max
    this.#weights = weights
    this.#code = linesCode
  }

  /** The lines, once they are there. */
  get lines(): Lines | undefined {
    const loaded = this.#code.current
    if (this.#lines === undefined && loaded !== undefined) this.#lines = new loaded.Lines(this)
    return this.#lines
  }

  ready(): Promise<unknown> {
    return load('bulkhead', this.#code)
  }

  weightOf(tenant: string): number {
    return this.#weights[tenant] ?? 1
  }

  /** Waits for a slot; ends at once with the reason when the call is cancelled. */
  wait(call: Call, tenant: string): Promise<undefined> {
    const { lines } = this
    this.queued++
    return lines === undefined || this.#early > 0 ? this.#waitEarly(call, tenant) : lines.wait(call, tenant)
  }

  /** Gives a slot back, to the call whose turn it is. */
  release(): void {
    this.inFlight--
    if (this.queued > 0) this.lines?.next()
  }

  async #waitEarly(call: Call, tenant: string): Promise<undefined> {
    this.#early++
    try {
      await partFor(call, 'bulkhead', this.#code)
    } catch (error) {
      this.queued--
      throw error
    } finally {
      this.#early--
    }
    return this.lines?.wait(call, tenant)
  }
}
