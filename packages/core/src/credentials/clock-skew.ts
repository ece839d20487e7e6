import { parseHttpDate } from '../http/http-date.ts'
import type { HttpHeaders } from '../http/transport.ts'

/** Less than this is travel time and rounding. */
const leastSkewMs = 30_000

/** How far the sender's clock is ahead of `now`, when its Date header shows more than travel time; else undefined. */
export function clockSkew(headers: HttpHeaders, now: number): number | undefined {
  const date = headers.date
  const at = typeof date === 'string' ? parseHttpDate(date, now) : undefined
  if (at === undefined) return undefined
  const skew = at - now
  return Math.abs(skew) < leastSkewMs ? undefined : skew
}
