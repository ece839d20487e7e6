import type { Call, Scope } from '../call.ts'
import { Fault } from '../errors.ts'
import type { Lazy } from '../lazy.ts'
import type { Gate } from '../policy.ts'
import { type LinesCode, Slots } from './bulkhead-slots.ts'
import { type Share, sharedState } from './share.ts'

/** Checked, with no gaps. */
export interface BulkheadSettings {
  readonly maxInFlight: number
  readonly maxQueue: number
  readonly weights: Readonly<Record<string, number>>
  readonly share: Share
}

/** As {@link bulkheadPolicy} describes it, for those that have a limit. */
export class BulkheadGate implements Gate {
  readonly name = 'bulkhead'
  readonly settings = {}
  readonly #slots: Slots
  readonly #maxQueue: number

  /** @param linesCode for tests */
  constructor({ maxInFlight, maxQueue, weights, share }: BulkheadSettings, scope: Scope, linesCode?: Lazy<LinesCode>) {
    this.#maxQueue = maxQueue
    const settings = { maxInFlight, maxQueue, weights }
    this.#slots = sharedState('bulkhead', share, settings, scope, () => new Slots(maxInFlight, weights, linesCode))
  }

  async ready(): Promise<void> {
    if (this.#maxQueue > 0) await this.#slots.ready()
  }

  enter(call: Call): undefined | Promise<undefined> {
    const slots = this.#slots
    if (slots.inFlight < slots.max && slots.queued === 0) {
      slots.inFlight++
      return undefined
    }
    return this.#wait(call)
  }

  leave(): void {
    this.#slots.release()
  }

  #wait(call: Call): Promise<undefined> {
    const slots = this.#slots
    const tenant = call.tenant ?? ''
    if (slots.queued >= this.#maxQueue) this.#makeRoom(call, tenant)
    const numbers = { inFlight: slots.inFlight, queued: slots.queued, ofTenant: slots.lines?.waitingOf(tenant) ?? 0 }
    call.decide({ policy: 'bulkhead', decision: 'wait', reason: 'all-slots-taken', numbers })
    return slots.wait(call, tenant)
  }

  #makeRoom(call: Call, tenant: string): void {
    const slots = this.#slots
    // While the lines are loaded, nobody is displaced: that is the queue of a few milliseconds.
    const lines = this.#maxQueue === 0 ? undefined : slots.lines
    const other = lines?.displaceable(tenant)
    const numbers = { inFlight: slots.inFlight, queued: slots.queued, maxQueue: this.#maxQueue }
    const message = `${slots.inFlight} calls are in flight and ${slots.queued} wait; try again later or raise bulkhead.maxQueue`
    const full = new Fault({ kind: 'unavailable', code: 'queue-full', sent: 'none', message })
    if (lines === undefined || other === undefined) {
      call.decide({ policy: 'bulkhead', decision: 'refuse', reason: 'queue-full', numbers })
      throw full
    }
    other.call.decide({ policy: 'bulkhead', decision: 'refuse', reason: 'queue-share-exceeded', numbers })
    lines.displace(other, full)
  }
}
