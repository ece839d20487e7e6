import type { Call } from '../call.ts'

/** A call that found all slots taken. */
export interface Arrival {
  readonly call: Call
  readonly tenant: string
  /** It has a slot. */
  readonly resolve: (value: undefined) => void
  readonly reject: (reason: unknown) => void
}

/** What the lines know of the slots that they stand before. */
export interface Room {
  readonly max: number
  inFlight: number
  /** Calls that wait, in whatever line. */
  queued: number
  weightOf(tenant: string): number
}
