import type { Call, Scope } from '../call.ts'
import { Fault } from '../errors.ts'
import type { Gate } from '../policy.ts'
import { Slots } from './bulkhead-slots.ts'
import { numberOption, numberOptions, wordOption } from './check-options.ts'
import { type Share, sharedState, shares } from './share.ts'

export interface BulkheadOptions {
  /** Most calls in flight at once, their retries and waits included. Default: the manifest's `concurrency`, else no limit. */
  readonly maxInFlight?: number
  /** Most calls that wait for a slot; further ones are refused. 0: nobody waits. Default 1 000. */
  readonly maxQueue?: number
  /** Slots that a tenant gets per turn, relative to the others. Default 1 each. */
  readonly weights?: Readonly<Record<string, number>>
  /** Who shares the slots. Default `connection`. Fairness between tenants needs connections, or calls, of several tenants behind it. */
  readonly share?: Share
}

/**
 * Bounds the calls in flight. When it is full, tenants take turns however many calls each has waiting, and within a tenant the first
 * to come is first. A full queue refuses (`unavailable`, `queue-full`, nothing sent): the newcomer, or the newest call of the tenant
 * that holds more of the queue. A call leaves the queue at once when it is given up or its deadline passes.
 */
export function bulkheadPolicy(options: BulkheadOptions, scope: Scope): Gate {
  return new BulkheadPolicy(options, scope)
}

const forever = Number.POSITIVE_INFINITY

class BulkheadPolicy implements Gate {
  readonly name = 'bulkhead'
  readonly settings: Readonly<Record<string, unknown>>
  readonly #slots: Slots
  readonly #maxQueue: number

  constructor(options: BulkheadOptions, scope: Scope) {
    const { maxInFlight, maxQueue } = numberOptions('bulkhead', options, {
      maxInFlight: [forever, 1, forever, 'whole'],
      maxQueue: [1_000, 0, forever, 'whole'],
    })
    const weights: Record<string, number> = Object.assign(Object.create(null), options.weights)
    for (const tenant in weights) numberOption(`bulkhead.weights.${tenant}`, weights[tenant], [1, 0.001, 1_000])
    const share = wordOption('bulkhead.share', options.share, 'connection', shares)
    this.settings = {
      maxInFlight: maxInFlight === forever ? 'unlimited' : maxInFlight,
      maxQueue,
      weights: { ...weights },
      share,
    }
    this.#maxQueue = maxQueue
    this.#slots = sharedState('bulkhead', share, this.settings, scope, () => new Slots(maxInFlight, weights))
  }

  appliesTo(): boolean {
    return this.#slots.max !== forever
  }

  async ready(): Promise<void> {
    if (this.appliesTo() && this.#maxQueue > 0) await this.#slots.ready()
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
