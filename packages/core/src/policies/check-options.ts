import { patchbayError } from '../errors.ts'

/** What a number must be: its standard value, the least (0) and the most that it may be, and whether it must be whole. */
export type NumberRule = readonly [standard: number, least?: number, most?: number, whole?: 'whole']

function refuse(path: string, value: unknown, must: string): never {
  const shown = typeof value === 'number' ? String(value) : typeof value
  throw patchbayError({ kind: 'config', issues: [{ path, message: `must be ${must}, got ${shown}` }] })
}

/**
 * The option, checked, or its standard value when it was not given.
 * @throws PatchbayError `config` that names `path` (such as `breaker.window.calls`) and what it must be.
 */
export function numberOption(path: string, value: number | undefined, rule: NumberRule): number {
  const [standard, least = 0, most = Number.POSITIVE_INFINITY, whole] = rule
  if (value === undefined) return standard
  const fits = typeof value === 'number' && value >= least && value <= most
  if (fits && (whole === undefined || value === Number.POSITIVE_INFINITY || Number.isInteger(value))) return value
  const range = most === Number.POSITIVE_INFINITY ? `of at least ${least}` : `from ${least} to ${most}`
  return refuse(path, value, `a ${whole === undefined ? '' : 'whole '}number ${range}`)
}

/** All numbers of a policy, or of a part of its options, at once. `path` stands before their names. */
export function numberOptions<Name extends string>(
  path: string,
  options: NoInfer<{ readonly [N in Name]?: number | undefined }>,
  rules: Readonly<Record<Name, NumberRule>>,
): Record<Name, number> {
  const checked = Object.entries<NumberRule>(rules).map(([name, rule]) => [
    name,
    numberOption(`${path}.${name}`, options[name as Name], rule),
  ])
  return Object.fromEntries(checked)
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
