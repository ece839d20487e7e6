/** Every policy, outermost first. The order is fixed; `connection.$policies` prints the ones that are on. */
export const policyOrder = [
  'observe',
  'authorize',
  'deadline',
  'idempotency',
  'cache',
  'bulkhead',
  'retry',
  'breaker',
  'throttle',
  'attempt-timeout',
] as const

export type PolicyName = (typeof policyOrder)[number]

/** Something a policy did, why, and the numbers it looked at (milliseconds, counts, ratios). */
export interface Decision {
  readonly policy: PolicyName
  /** What was done: `wait`, `refuse`, `retry`, `give-up`, `open`, `half-open`, `close`, `answer`, `join`, `hedge`, ... */
  readonly decision: string
  /** Why, as a stable word: `retry-after`, `budget-empty`, `queue-full`, `past-deadline`, ... */
  readonly reason: string
  readonly numbers: Readonly<Record<string, number>>
}
