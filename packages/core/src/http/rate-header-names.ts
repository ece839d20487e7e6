import type { TimeUnit } from './retry-after.ts'

/** One set of a vendor's own limit headers, by lower-case header name: data of a manifest. */
export interface RateLimitHeaders {
  /** Name of the limit; becomes the feedback's `policy`. */
  readonly policy?: string | undefined
  readonly limit?: string | undefined
  readonly remaining?: string | undefined
  readonly used?: string | undefined
  /** A header of the form `32/40`: used and allowed. */
  readonly ratio?: string | undefined
  readonly reset?: string | undefined
  /** Default `auto`. */
  readonly resetUnit?: TimeUnit | undefined
  /** Length of the window in milliseconds, where documentation tells it and headers do not. */
  readonly windowMs?: number | undefined
}

/** What is peculiar about a vendor's limit headers: data of a manifest. Everything common needs no declaration. */
export interface RateHeaderQuirks {
  /** Statuses besides 429 that refuse by a limit. */
  readonly statuses?: readonly number[] | undefined
  /** Further headers that say how long to wait, the most exact first. */
  readonly waits?: readonly { readonly header: string; readonly unit?: TimeUnit | undefined }[] | undefined
  /** Unit of Retry-After where a vendor departs from RFC 9110. Default `auto`. */
  readonly retryAfterUnit?: TimeUnit | undefined
  /** Unit of the common reset headers where `auto` guesses wrong. */
  readonly resetUnit?: TimeUnit | undefined
  readonly limits?: readonly RateLimitHeaders[] | undefined
  /** Longest wait and reset believed, in milliseconds. Longer ones are cut to it. Default 24 hours. */
  readonly longestMs?: number | undefined
  /** True for vendors whose limit headers are wrong; only waits are read then. */
  readonly ignoreLimits?: boolean | undefined
}

export type RateField = 'limit' | 'remaining' | 'used' | 'ratio' | 'reset' | 'policy'

/** What a known header name means: a wait, the IETF fields, or one field of a set of limit headers. */
export type Slot =
  | { readonly kind: 'wait'; readonly unit: TimeUnit; readonly rank: number }
  | { readonly kind: 'ietf' }
  | { readonly kind: 'field'; readonly set: LimitSet; readonly field: RateField; readonly unit: TimeUnit }

/** Headers that speak of one limit. Of the common families only the one of the lowest rank is used: vendors send old spellings beside new ones. */
export interface LimitSet {
  readonly rank: number
  readonly policy: string | undefined
  readonly windowMs: number | undefined
}

/** Rank of the sets that a manifest declares: they always count. */
export const declaredRank = -1

const families = ['ratelimit-', 'x-ratelimit-', 'x-rate-limit-', 'rate-limit-', 'x-api-rate-limit-']
const windows: readonly (readonly [string, number | undefined])[] = [
  ['second', 1000],
  ['minute', 60_000],
  ['hour', 3_600_000],
  ['day', 86_400_000],
  ['month', undefined],
  ['requests', undefined],
  ['tokens', undefined],
]
const waits: readonly (readonly [string, TimeUnit])[] = [
  ['retry-after-ms', 'ms'],
  ['x-retry-after-ms', 'ms'],
  ['retry-after', 'auto'],
  ['x-retry-after', 'auto'],
]

/** Every header name that says something, made once per connector. */
export function slotsOf(quirks: RateHeaderQuirks): ReadonlyMap<string, Slot> {
  const slots = new Map<string, Slot>()
  const declared = quirks.waits ?? []
  declared.forEach(({ header, unit }, rank) => {
    slots.set(header.toLowerCase(), { kind: 'wait', unit: unit ?? 'auto', rank })
  })
  const add = (name: string, slot: Slot): void => {
    if (!slots.has(name)) slots.set(name, slot)
  }
  waits.forEach(([name, unit], index) => {
    const own = name === 'retry-after' ? (quirks.retryAfterUnit ?? unit) : unit
    add(name, { kind: 'wait', unit: own, rank: declared.length + index })
  })
  families.forEach((prefix, index) => {
    for (const [name, unit] of [
      ['retry-after', 'auto'],
      ['retryafter', 'auto'],
      ['retry-after-ms', 'ms'],
    ] as const) {
      add(prefix + name, { kind: 'wait', unit, rank: declared.length + waits.length + index })
    }
  })
  if (quirks.ignoreLimits === true) return slots
  for (const set of quirks.limits ?? []) addDeclared(slots, set)
  add('ratelimit', { kind: 'ietf' })
  families.forEach((prefix, index) => {
    addFamily(add, prefix, index + 1, quirks.resetUnit ?? 'auto')
  })
  return slots
}

function addDeclared(slots: Map<string, Slot>, headers: RateLimitHeaders): void {
  const set: LimitSet = { rank: declaredRank, policy: headers.policy, windowMs: headers.windowMs }
  for (const field of ['limit', 'remaining', 'used', 'ratio', 'reset'] as const) {
    const name = headers[field]
    if (name !== undefined)
      slots.set(name.toLowerCase(), { kind: 'field', set, field, unit: headers.resetUnit ?? 'auto' })
  }
}

function addFamily(add: (name: string, slot: Slot) => void, prefix: string, rank: number, unit: TimeUnit): void {
  const whole: LimitSet = { rank, policy: undefined, windowMs: undefined }
  const field = (name: string, of: RateField, set: LimitSet, own: TimeUnit = unit): void =>
    add(prefix + name, { kind: 'field', set, field: of, unit: own })
  field('limit', 'limit', whole)
  field('remaining', 'remaining', whole)
  field('used', 'used', whole)
  // Where both are sent, the span is the more exact one: it needs no clock.
  field('reset-after', 'reset', whole, 's')
  field('reset', 'reset', whole)
  for (const name of ['resource', 'bucket', 'scope']) field(name, 'policy', whole)
  for (const [name, windowMs] of windows) {
    const part: LimitSet = { rank, policy: name, windowMs }
    field(`limit-${name}`, 'limit', part)
    field(`remaining-${name}`, 'remaining', part)
    field(`reset-${name}`, 'reset', part)
  }
}
