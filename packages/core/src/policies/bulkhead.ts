import type { Scope } from '../call.ts'
import { lazyCode } from '../lazy.ts'
import type { BulkheadGate } from './bulkhead-gate.ts'
import { numberOption, numberOptions, wordOption } from './check-options.ts'
import { LazyGate } from './lazy-gate.ts'
import { type Share, shares } from './share.ts'

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

type Code = typeof import('./bulkhead-gate.ts')

const code = lazyCode<Code>(() => import('./bulkhead-gate.ts'))
const forever = Number.POSITIVE_INFINITY

/**
 * Bounds the calls in flight. When it is full, tenants take turns however many calls each has waiting, and within a tenant the first
 * to come is first. A full queue refuses (`unavailable`, `queue-full`, nothing sent): the newcomer, or the newest call of the tenant
 * that holds more of the queue. A call leaves the queue at once when it is given up or its deadline passes.
 */
export function bulkheadPolicy(options: BulkheadOptions, scope: Scope): LazyGate<Code, BulkheadGate> {
  const { maxInFlight, maxQueue } = numberOptions('bulkhead', options, {
    maxInFlight: [forever, 1, forever, 'whole'],
    maxQueue: [1_000, 0, forever, 'whole'],
  })
  const weights: Record<string, number> = Object.assign(Object.create(null), options.weights)
  for (const tenant in weights) numberOption(`bulkhead.weights.${tenant}`, weights[tenant], [1, 0.001, 1_000])
  const share = wordOption('bulkhead.share', options.share, 'connection', shares)
  return new LazyGate({
    name: 'bulkhead',
    settings: {
      maxInFlight: maxInFlight === forever ? 'unlimited' : maxInFlight,
      maxQueue,
      weights: { ...weights },
      share,
    },
    code,
    appliesTo: () => maxInFlight !== forever,
    make: ({ BulkheadGate }) => new BulkheadGate({ maxInFlight, maxQueue, weights, share }, scope),
  })
}
