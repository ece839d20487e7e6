import type { Random } from '../../clock.ts'
import { patchbayError } from '../../errors.ts'

/** Delays before the second, third, ... try. The number of tries is one more than the delays. */
export interface RetrySchedule {
  /** Milliseconds. */
  readonly delaysMs: readonly number[]
  /** Part of each delay that is random, 0 to 1: 0.2 means between 0.8 and 1.2 of it. Default 0.2. */
  readonly jitter?: number | undefined
}

/** Compiles a schedule: the delay after the given number of failures, undefined when no try is left. */
export function compileSchedule(schedule: RetrySchedule, random: Random): (failures: number) => number | undefined {
  const { delaysMs, jitter = 0.2 } = schedule
  if (!delaysMs.every((delay) => Number.isFinite(delay) && delay >= 0) || !(jitter >= 0 && jitter <= 1))
    throw patchbayError({
      kind: 'config',
      message: 'retry schedule: delaysMs must be finite and not negative, and jitter between 0 and 1',
    })
  return (failures) => {
    const delay = delaysMs[failures - 1]
    return delay === undefined ? undefined : Math.round(delay * (1 + jitter * (random.next() * 2 - 1)))
  }
}
