import { patchbayError } from '../errors.ts'

interface NumberRule {
  readonly min?: number
  readonly max?: number
  readonly integer?: boolean
}

function refuse(path: string, value: unknown, must: string): never {
  const shown = typeof value === 'number' ? String(value) : typeof value
  throw patchbayError({ kind: 'config', issues: [{ path, message: `must be ${must}, got ${shown}` }] })
}

/**
 * The option, checked, or `standard` when it was not given.
 * @throws PatchbayError `config` that names `path` (such as `breaker.window.calls`) and what it must be.
 */
export function numberOption(path: string, value: number | undefined, standard: number, rule: NumberRule = {}): number {
  if (value === undefined) return standard
  const { min = 0, max = Number.POSITIVE_INFINITY, integer = false } = rule
  const kind = integer ? 'a whole number' : 'a number'
  const range = max === Number.POSITIVE_INFINITY ? `of at least ${min}` : `from ${min} to ${max}`
  if (typeof value !== 'number' || Number.isNaN(value) || value < min || value > max)
    refuse(path, value, `${kind} ${range}`)
  if (integer && value !== Number.POSITIVE_INFINITY && !Number.isInteger(value)) refuse(path, value, `${kind} ${range}`)
  return value
}

/** As {@link numberOption}, for an option with a closed set of words. */
export function wordOption<T extends string>(path: string, value: T | undefined, standard: T, words: readonly T[]): T {
  if (value === undefined) return standard
  if (!words.includes(value)) refuse(path, value, `one of ${words.join(', ')}`)
  return value
}

/** Refuses an option whose parts do not go together. */
export function refuseOption(path: string, message: string): never {
  throw patchbayError({ kind: 'config', issues: [{ path, message }] })
}
