import type { LimitSpec, RateFeedback } from '@patchbay/core'
import type { RateHeaderQuirks, TimeUnit } from '@patchbay/core/http'
import { compileSelector } from '../answers/read-value.ts'
import type { Manifest } from '../manifest-parts.ts'

const kinds = {
  'fixed-window': 'fixed-window',
  'sliding-window': 'sliding-window',
  'daily-quota': 'fixed-window',
  'token-bucket': 'bucket',
  'cost-points': undefined,
} as const

/** The published budgets as core counts them. */
export function limitSpecs({ limits }: Manifest): readonly LimitSpec[] {
  return (limits.budgets ?? []).map(({ id, algorithm, units, perMs, burst, operations }) => {
    const kind = kinds[algorithm] ?? (burst === undefined ? 'sliding-window' : 'bucket')
    return {
      name: id,
      units,
      perMs,
      kind,
      ...(burst === undefined ? {} : { burst }),
      ...(operations === undefined ? {} : { operations }),
    }
  })
}

/** What is peculiar about the vendor's limit headers. */
export function rateHeaders({ limits }: Manifest): RateHeaderQuirks {
  const { statuses, waits, retryAfterUnit, headers, ignoreHeaders, budgets = [] } = limits
  return {
    statuses,
    waits,
    retryAfterUnit,
    ignoreLimits: ignoreHeaders,
    limits: headers?.map(({ budget, unit, ...names }) => {
      const of = budgets.find(({ id }) => id === budget)
      return { ...names, policy: budget, resetUnit: unit, windowMs: names.windowMs ?? of?.perMs }
    }),
  }
}

/** Reads what bodies tell about limits; undefined when they tell nothing. */
export function bodyLimits({
  limits,
}: Manifest): ((value: unknown, now: number) => RateFeedback | undefined) | undefined {
  const { body } = limits
  if (body === undefined) return undefined
  const reader = (name: 'limit' | 'remaining' | 'reset' | 'restorePerSecond') => {
    const text = body[name]
    return text === undefined ? undefined : compileSelector(text, `limits.body.${name}`)
  }
  const [limit, remaining, reset, restore] = [
    reader('limit'),
    reader('remaining'),
    reader('reset'),
    reader('restorePerSecond'),
  ]
  return (value, now) => {
    const resetMs = spanOf(reset?.(value), body.unit ?? 'auto', now)
    const feedback: RateFeedback = {
      limit: numberOf(limit?.(value)),
      remaining: numberOf(remaining?.(value)),
      resetMs,
      restorePerSecond: numberOf(restore?.(value)),
    }
    return Object.values(feedback).some((one) => one !== undefined) ? feedback : undefined
  }
}

function numberOf(value: unknown): number | undefined {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  return typeof number === 'number' && Number.isFinite(number) && number >= 0 ? number : undefined
}

const leastEpochSeconds = 1e9
const leastEpochMs = 1e11

/** Milliseconds from now; undefined for what has passed or makes no sense. */
function spanOf(value: unknown, unit: TimeUnit, now: number): number | undefined {
  const number = numberOf(value)
  if (number === undefined) {
    const at = typeof value === 'string' && (unit === 'date' || unit === 'auto') ? Date.parse(value) : Number.NaN
    return Number.isNaN(at) || at < now ? undefined : at - now
  }
  const ms = {
    s: () => number * 1000,
    ms: () => number,
    'epoch-s': () => number * 1000 - now,
    'epoch-ms': () => number - now,
    date: () => Number.NaN,
    auto: () =>
      number >= leastEpochMs ? number - now : number >= leastEpochSeconds ? number * 1000 - now : number * 1000,
  }[unit]()
  return ms >= 0 ? ms : undefined
}
