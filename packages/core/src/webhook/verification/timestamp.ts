import type { Clock } from '../../clock.ts'
import { patchbayError } from '../../errors.ts'
import type { TimestampRule } from '../scheme.ts'
import { compileField } from './fields.ts'
import { type InboundMessage, type Refused, refused } from './message.ts'

/** Five minutes: what Standard Webhooks, Stripe and Slack recommend. */
export const defaultToleranceMs = 300_000

/** Gives the signed time in milliseconds since 1970, or why the message is too old, too early or unreadable. */
export type TimestampCheck = (message: InboundMessage) => number | undefined | Refused

/** Compares a time with the wall clock: undefined when it is within the tolerance. */
export function outsideTolerance(at: number, now: number, toleranceMs: number): Refused | undefined {
  const age = now - at
  if (age > toleranceMs) return refused('stale-timestamp')
  if (age < -toleranceMs) return refused('early-timestamp')
  return undefined
}

export function checkedTolerance(toleranceMs: number | undefined, standard = defaultToleranceMs): number {
  const tolerance = toleranceMs ?? standard
  if (!Number.isFinite(tolerance) || tolerance < 0)
    throw patchbayError({
      kind: 'config',
      message: 'webhook scheme: toleranceMs must be a finite number of milliseconds',
    })
  return tolerance
}

export function compileTimestamp(rule: TimestampRule | undefined, clock: Clock): TimestampCheck {
  if (rule === undefined) return () => undefined
  const read = compileField(rule.field, 'missing-timestamp')
  const tolerance = checkedTolerance(rule.toleranceMs)
  const parse = rule.unit === 'iso' ? isoTime : rule.unit === 'ms' ? wholeNumber : wholeSeconds
  return (message) => {
    const text = read(message)
    if (typeof text !== 'string') return text
    const at = parse(text)
    if (Number.isNaN(at)) return refused('malformed-timestamp')
    return outsideTolerance(at, clock.now(), tolerance) ?? at
  }
}

/** Digits only: `Number` would also read `1e9`, `0x10`, blanks and signs. */
export function wholeNumber(text: string): number {
  if (text.length === 0 || text.length > 15) return Number.NaN
  let value = 0
  for (let index = 0; index < text.length; index++) {
    const digit = text.charCodeAt(index) - 48
    if (digit < 0 || digit > 9) return Number.NaN
    value = value * 10 + digit
  }
  return value
}

function wholeSeconds(text: string): number {
  return wholeNumber(text) * 1000
}

/** RFC 3339 date and time with an offset; a time without one would be read in the zone of the machine. */
export function isoTime(text: string): number {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/.test(text) ? Date.parse(text) : Number.NaN
}
