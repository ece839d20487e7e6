import type { RateFeedback } from '@patchbay/core'
import { type OwnPath, pathReader } from '@patchbay/core/http'

/**
 * Where a server tells what a request cost and what is left, as dotted paths into the answer, such as
 * `extensions.cost.throttleStatus.currentlyAvailable` or `data.rateLimit.remaining`.
 */
export interface CostPaths {
  /** Name of the limit, when the throttle knows several. */
  readonly policy?: string | undefined
  /** Units that the request asked for; tells how long to wait after a refusal. */
  readonly requested?: OwnPath | undefined
  /** Units left. */
  readonly remaining?: OwnPath | undefined
  /** Most units there can be. */
  readonly limit?: OwnPath | undefined
  /** Units that come back each second, of servers that refill steadily. */
  readonly restorePerSecond?: OwnPath | undefined
  /** When all units are back: a date (ISO 8601), or seconds since 1970. */
  readonly resetAt?: OwnPath | undefined
  /** Seconds until all units are back. */
  readonly resetAfterSeconds?: OwnPath | undefined
  /** Length of the window in milliseconds, where it is published and not told. */
  readonly windowMs?: number | undefined
}

/** What the throttle is told of an answer, and for how long a refused request has to wait. */
export type CostReader = (answer: unknown, now: number) => RateFeedback | undefined

/** Makes the reader of declared paths. `now` is wall time. Whatever stands there that is no number was not told. */
export function costReader(paths: CostPaths): CostReader {
  const numberAt = (path: OwnPath | undefined): ((answer: unknown) => number | undefined) => {
    if (path === undefined) return () => undefined
    const read = pathReader(path)
    return (answer) => numberOf(read(answer))
  }
  const [requested, remaining, limit] = [numberAt(paths.requested), numberAt(paths.remaining), numberAt(paths.limit)]
  const [restore, resetAfter] = [numberAt(paths.restorePerSecond), numberAt(paths.resetAfterSeconds)]
  const resetAt = paths.resetAt === undefined ? undefined : pathReader(paths.resetAt)
  return (answer, now) => {
    const left = remaining(answer)
    if (left === undefined) return undefined
    const perSecond = restore(answer)
    const after = resetAfter(answer)
    const at = timeOf(resetAt?.(answer))
    const missing = (requested(answer) ?? 0) - left
    return {
      policy: paths.policy,
      remaining: left,
      limit: limit(answer),
      restorePerSecond: perSecond,
      windowMs: paths.windowMs,
      resetMs: after !== undefined ? after * 1000 : at === undefined ? undefined : Math.max(0, at - now),
      retryAfterMs: perSecond !== undefined && perSecond > 0 && missing > 0 ? (missing / perSecond) * 1000 : undefined,
    }
  }
}

function numberOf(value: unknown): number | undefined {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined
}

function timeOf(value: unknown): number | undefined {
  const seconds = numberOf(value)
  if (seconds !== undefined) return seconds * 1000
  const at = typeof value === 'string' ? Date.parse(value) : Number.NaN
  return Number.isNaN(at) ? undefined : at
}
