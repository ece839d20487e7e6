import { accept, type Check } from './validation-run.ts'

/** A keyword that limits values of the right type. */
export interface ValueRule {
  readonly keyword: string
  holds(value: unknown): boolean
  /** What the value must be. */
  readonly message: string
}

/** Strict: the first rule that does not hold refuses the value. Tolerant: those that do not hold are written down, if anybody reads it. */
export function rulesCheck(candidates: readonly (ValueRule | false | undefined)[], tolerant: boolean): Check {
  const rules = candidates.filter((rule) => typeof rule === 'object')
  if (rules.length === 0) return accept
  if (tolerant)
    return (value, run) => {
      if (run.observed) for (const rule of rules) if (!rule.holds(value)) run.drift(rule.keyword, rule.message)
      return value
    }
  return (value, run) => {
    for (const rule of rules) if (!rule.holds(value)) return run.refuse(rule.message)
    return value
  }
}
