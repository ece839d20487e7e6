import type { Run } from './budget.ts'

/** A compiled part: reads the current value. */
export type Step = (value: unknown, run: Run) => unknown
