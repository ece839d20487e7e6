import type { Clock, ErrorKind } from '@patchbay/core'
import type { IntegrationManifest } from '../../manifest/manifest.ts'
import type { Simulator } from '../simulator.ts'
import type { OperationPlan } from '../vendor/operation-plan.ts'
import type { Interference } from '../vendor/vendor.ts'

/** What a correct client makes of a fault. */
export type FaultExpectation =
  /** Every record once, as if nothing had happened. */
  | { readonly data: 'complete' }
  /** No record is lost; a vendor that moves its pages gives some of them twice, which only an identity can tell. */
  | { readonly data: 'complete-by-id' }
  /** No data, and an error of one of these kinds. Half a list never passes for the whole. */
  | { readonly error: readonly ErrorKind[] }

/** What a fault works on: one read of one connection. */
export interface FaultContext {
  readonly simulator: Simulator
  readonly manifest: IntegrationManifest
  /** The read that meets the fault. */
  readonly plan: OperationPlan
  readonly clock: Clock
  /** The credential of the connection. */
  readonly credential: string
}

/** One way in which a fault shows. */
export interface FaultRun {
  /** Where a fault has several ways, which one. */
  readonly variant?: string
  readonly interference: Interference
  /** What went wrong that only the vendor saw; undefined: nothing. */
  problem?(): string | undefined
}

/** Something that vendors do wrong, as data. */
export interface SimulatedFault {
  readonly id: string
  readonly title: string
  /** Why it cannot happen to this read; undefined when it can. */
  impossible(context: FaultContext): string | undefined
  expectation(context: FaultContext): FaultExpectation
  runs(context: FaultContext): readonly FaultRun[]
}

/** Whether the vendor may end what it gave out, and the client gets something new by itself. */
export function renews({ manifest, credential }: Pick<FaultContext, 'manifest' | 'credential'>): boolean {
  const found = manifest.credentials.find(({ id }) => id === credential)
  return found !== undefined && (found.scheme === 'session' || found.scheme.startsWith('oauth2-'))
}

/** The requests of the read itself, counted from 1; 0 for all others, such as those of a login. */
export function requestCounter({
  plan,
}: FaultContext): (exchange: { readonly routed: { readonly plan: OperationPlan } | undefined }) => number {
  let count = 0
  return ({ routed }) => (routed?.plan.name === plan.name ? ++count : 0)
}

const counted = new Set(['page', 'offset', 'range-header'])

/** Whether the client counts records, so that what the vendor inserts moves them. */
export const isCounted = ({ plan: { pagination } }: FaultContext): boolean =>
  pagination !== undefined &&
  counted.has(pagination.kind) &&
  !(pagination.kind === 'range-header' && pagination.nextHeader !== undefined)

export const isList = ({ plan }: FaultContext): string | undefined =>
  plan.operation.list === undefined
    ? 'it is no list'
    : plan.pagination?.kind === 'none'
      ? 'the list comes at once'
      : undefined
