import { type FieldItem, parseFieldDictionary, parseFieldList } from './structured-field.ts'

/** One limit as an answer tells it. */
export interface LimitDraft {
  policy?: string | undefined
  limit?: number | undefined
  remaining?: number | undefined
  resetMs?: number | undefined
  windowMs?: number | undefined
}

/** The limits in RateLimit and RateLimit-Policy; a malformed field counts as absent. */
export function ietfLimits(rateLimit: string, rateLimitPolicy: string): LimitDraft[] {
  const policies = parseFieldList(rateLimitPolicy) ?? []
  const items = parseFieldList(rateLimit)
  if (items !== undefined) return items.map((item) => fromItem(item, policies))
  const members = parseFieldDictionary(rateLimit)
  return members === undefined ? [] : [fromMembers(members, policies)]
}

function fromItem(item: FieldItem, policies: readonly FieldItem[]): LimitDraft {
  const policy = policies.find((candidate) => candidate.value === item.value)
  const reset = secondsIn(item, 't')
  return {
    policy: typeof item.value === 'string' ? item.value.slice(0, 100) : undefined,
    remaining: countIn(item, 'r'),
    resetMs: reset,
    // Versions 08 and 09 of the draft were deployed with `l` in places.
    limit: countIn(policy, 'q') ?? countIn(policy, 'l'),
    windowMs: secondsIn(policy, 'w'),
  }
}

/** `limit=100, remaining=50, reset=5` with `RateLimit-Policy: 100;w=60`. */
function fromMembers(members: ReadonlyMap<string, FieldItem>, policies: readonly FieldItem[]): LimitDraft {
  const count = (name: string): number | undefined => natural(members.get(name)?.value)
  const limit = count('limit')
  const reset = count('reset')
  return {
    limit,
    remaining: count('remaining'),
    resetMs: reset === undefined ? undefined : reset * 1000,
    windowMs: limit === undefined ? undefined : windowOf(policies, limit),
  }
}

/** The window, in milliseconds, of the policy that allows `limit` units: `100;w=60`. */
export function windowOf(policies: readonly FieldItem[], limit: number): number | undefined {
  return secondsIn(
    policies.find((policy) => policy.value === limit && policy.parameters.has('w')),
    'w',
  )
}

function natural(value: unknown): number | undefined {
  return typeof value === 'number' && value >= 0 ? value : undefined
}

function countIn(item: FieldItem | undefined, name: string): number | undefined {
  return natural(item?.parameters.get(name))
}

function secondsIn(item: FieldItem | undefined, name: string): number | undefined {
  const value = countIn(item, name)
  return value === undefined ? undefined : value * 1000
}
