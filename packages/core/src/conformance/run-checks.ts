import type { Check } from './check.ts'

export type CheckResult =
  | { readonly check: string; readonly outcome: 'passed' }
  | { readonly check: string; readonly outcome: 'failed'; readonly error: unknown }
  | { readonly check: string; readonly outcome: 'skipped'; readonly reason: string }

export interface RunChecksOptions<Subject> {
  /** Opens a fresh subject for each check. */
  readonly open: () => Subject | Promise<Subject>
  /** What the subject can do; a check whose `needs` are not all here is skipped with that reason. Default: everything. */
  readonly abilities?: readonly string[]
  /** Checks that are known not to hold, by name, with the reason. One that passes all the same fails: its skip is stale. */
  readonly skips?: Readonly<Record<string, string>>
  /** Only checks with these effects: a connection test of a user's own account runs `read` alone. Default: all. */
  readonly effects?: readonly Check['effect'][]
}

/** Runs checks one after the other with any test runner or none. Never rejects: read the results. */
export async function runChecks<Subject>(
  checks: readonly Check<Subject>[],
  options: RunChecksOptions<Subject>,
): Promise<readonly CheckResult[]> {
  const { abilities, skips = {}, effects } = options
  const results: CheckResult[] = []
  for (const name of Object.keys(skips)) {
    if (checks.some((one) => one.name === name)) continue
    results.push({ check: name, outcome: 'failed', error: new Error(`a skip names no check: ${name}`) })
  }
  for (const check of checks) {
    const missing = abilities === undefined ? [] : check.needs.filter((need) => !abilities.includes(need))
    const reason = missing.length > 0 ? `needs ${missing.join(', ')}` : unwanted(check, effects)
    results.push(
      reason === undefined
        ? await runOne(check, options.open, skips[check.name])
        : { check: check.name, outcome: 'skipped', reason },
    )
  }
  return results
}

function unwanted(
  { effect }: Pick<Check, 'effect'>,
  effects: readonly Check['effect'][] | undefined,
): string | undefined {
  return effects === undefined || effects.includes(effect) ? undefined : `its effect is ${effect}`
}

async function runOne<Subject>(
  check: Check<Subject>,
  open: () => Subject | Promise<Subject>,
  skip: string | undefined,
): Promise<CheckResult> {
  let error: unknown
  try {
    await check.run(await open())
  } catch (thrown) {
    error = thrown ?? new Error('failed without a reason')
  }
  if (skip === undefined) {
    return error === undefined
      ? { check: check.name, outcome: 'passed' }
      : { check: check.name, outcome: 'failed', error }
  }
  if (error !== undefined) return { check: check.name, outcome: 'skipped', reason: skip }
  return { check: check.name, outcome: 'failed', error: new Error(`the skip is stale, the check passes: ${skip}`) }
}
