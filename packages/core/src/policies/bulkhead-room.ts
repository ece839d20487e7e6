/** What the lines before the slots of a bulkhead know of them. */
export interface Room {
  readonly max: number
  inFlight: number
  /** Calls that wait, in whatever line. */
  queued: number
  weightOf(tenant: string): number
}
