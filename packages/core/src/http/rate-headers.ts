import type { RateFeedback } from '../rate-feedback.ts'
import { parseHttpDate } from './http-date.ts'
import { declaredRank, type LimitSet, type RateHeaderQuirks, slotsOf } from './rate-header-names.ts'
import { ietfLimits, type LimitDraft, windowOf } from './rate-limit-field.ts'
import { parseWait, type TimeUnit } from './retry-after.ts'
import { parseFieldList } from './structured-field.ts'
import type { HttpHeaders } from './transport.ts'

/** What an answer says about limits, one entry per limit; empty when it says nothing. Never throws. */
export type RateReader = (
  answer: { readonly status: number; readonly headers: HttpHeaders },
  /** Wall clock in milliseconds; dates are read by the answer's own Date header where it has one. */
  now: number,
) => readonly RateFeedback[]

interface Draft extends LimitDraft {
  used?: number | undefined
  /** True when reset came from a span, which wins over a date. */
  span?: boolean
}

const nothing: readonly RateFeedback[] = Object.freeze([])
const dayMs = 86_400_000
const plainNumber = /^\d{1,15}(?:\.\d{1,6})?$/
const ratioPattern = /^(\d{1,15})\s*\/\s*(\d{1,15})$/

/**
 * Makes the one parser of all limit headers: Retry-After (RFC 9110 section 10.2.3) in its forms; RateLimit and RateLimit-Policy
 * (draft-ietf-httpapi-ratelimit-headers-11, and the dictionary of its version 07); RateLimit-Limit, -Remaining, -Reset; the X- forms; and
 * what `quirks` declares. Values that make no sense or lie in the past are left out.
 */
export function rateReader(quirks: RateHeaderQuirks = {}): RateReader {
  const slots = slotsOf(quirks)
  const longest = quirks.longestMs ?? dayMs
  const limitedStatuses = new Set([429, ...(quirks.statuses ?? [])])
  const cap = (ms: number | undefined): number | undefined => (ms === undefined ? undefined : Math.min(ms, longest))

  return ({ status, headers }, now) => {
    const wall = (): number => wallOf(headers, now)
    let drafts: Map<LimitSet, Draft> | undefined
    let ietf = false
    let wait: number | undefined
    let waitRank = Number.POSITIVE_INFINITY
    for (const name in headers) {
      const slot = slots.get(name)
      if (slot === undefined) continue
      if (slot.kind === 'ietf') {
        ietf = true
      } else if (slot.kind === 'wait') {
        if (slot.rank > waitRank) continue
        const ms = firstWait(headers[name], slot.unit, wall)
        if (ms === undefined) continue
        wait = ms
        waitRank = slot.rank
      } else {
        drafts ??= new Map()
        let draft = drafts.get(slot.set)
        if (draft === undefined) {
          draft = { policy: slot.set.policy, windowMs: slot.set.windowMs }
          drafts.set(slot.set, draft)
        }
        fill(draft, slot.field, textOf(headers[name]), slot.unit, wall)
      }
    }
    const limited = limitedStatuses.has(status)
    if (!ietf && drafts === undefined && wait === undefined) return limited ? [{ limited: true }] : nothing
    const limits: Draft[] = ietf ? ietfLimits(textOf(headers.ratelimit), textOf(headers['ratelimit-policy'])) : []
    for (const draft of chosen(drafts, limits.length > 0)) limits.push(draft)
    return conclude(limits.map((draft) => finished(draft, cap)).filter(saysSomething), cap(wait), limited, status)
  }
}

function textOf(value: string | readonly string[] | undefined): string {
  return typeof value === 'string' ? value : value === undefined ? '' : value.join(', ')
}

function wallOf(headers: HttpHeaders, now: number): number {
  const { date, age } = headers
  const sent = typeof date === 'string' ? parseHttpDate(date, now) : undefined
  if (sent === undefined) return now
  // An answer out of a cache carries the date of when it was made.
  return typeof age === 'string' && /^\d{1,9}$/.test(age) ? sent + Number(age) * 1000 : sent
}

function firstWait(
  value: string | readonly string[] | undefined,
  unit: TimeUnit,
  wall: () => number,
): number | undefined {
  for (const text of typeof value === 'string' ? [value] : (value ?? [])) {
    const ms = parseWait(text, unit, wall)
    if (ms !== undefined) return ms
  }
  return undefined
}

function fill(draft: Draft, field: string, text: string, unit: TimeUnit, wall: () => number): void {
  switch (field) {
    case 'policy':
      draft.policy = text === '' ? undefined : text.slice(0, 100)
      break
    case 'reset': {
      const ms = draft.span === true ? undefined : parseWait(text, unit, wall)
      if (ms !== undefined) {
        draft.resetMs = ms
        draft.span = unit === 's'
      }
      break
    }
    case 'limit':
      fillLimit(draft, text)
      break
    case 'ratio': {
      const match = ratioPattern.exec(text.trim())
      if (match === null) break
      draft.used = Number(match[1])
      draft.limit = Number(match[2])
      break
    }
    case 'remaining':
      draft.remaining = countOf(text)
      break
    case 'used':
      draft.used = countOf(text)
      break
  }
}

function countOf(text: string): number | undefined {
  const trimmed = text.trim()
  return plainNumber.test(trimmed) ? Number(trimmed) : undefined
}

/** `100`, and the older `100, 100;w=60` whose further members are the policies: the one that equals the limit tells its window. */
function fillLimit(draft: Draft, text: string): void {
  draft.limit = countOf(text)
  if (draft.limit !== undefined) return
  const items = parseFieldList(text)
  const first = items?.[0]
  if (items === undefined || first === undefined || typeof first.value !== 'number' || first.value < 0) return
  draft.limit = first.value
  draft.windowMs = windowOf(items, first.value) ?? draft.windowMs
}

/** Declared sets, and the best common family unless the IETF field already spoke. */
function chosen(drafts: ReadonlyMap<LimitSet, Draft> | undefined, ietf: boolean): Draft[] {
  if (drafts === undefined) return []
  let best = Number.POSITIVE_INFINITY
  for (const set of drafts.keys()) if (set.rank !== declaredRank) best = Math.min(best, set.rank)
  return [...drafts]
    .filter(([set]) => set.rank === declaredRank || (!ietf && set.rank === best))
    .map(([, draft]) => draft)
}

function finished(draft: Draft, cap: (ms: number | undefined) => number | undefined): RateFeedback {
  const { policy, limit, used, windowMs } = draft
  const remaining =
    draft.remaining ?? (limit !== undefined && used !== undefined ? Math.max(0, limit - used) : undefined)
  return { policy, limit, remaining, resetMs: cap(draft.resetMs), windowMs }
}

function saysSomething(feedback: RateFeedback): boolean {
  return feedback.limit !== undefined || feedback.remaining !== undefined || feedback.resetMs !== undefined
}

/** Puts the wait and the refusal on the limit that they are about: the only one, or the exhausted one that lasts longest. */
function conclude(
  limits: RateFeedback[],
  told: number | undefined,
  refusedByStatus: boolean,
  status: number,
): readonly RateFeedback[] {
  let about = -1
  limits.forEach((limit, index) => {
    const best = limits[about]
    if (limit.remaining === 0 && (best === undefined || (limit.resetMs ?? 0) > (best.resetMs ?? 0))) about = index
  })
  const exhausted = about !== -1
  if (!exhausted && limits.length === 1) about = 0
  // Some vendors answer 403 when a limit is used up; without such evidence a 403 is about permissions.
  const limited = refusedByStatus || (status === 403 && (exhausted || told !== undefined))
  if (!limited && told === undefined) return limits
  const limit = limits[about]
  const waitsForReset = limited && (exhausted || limit?.remaining === undefined)
  const retryAfterMs = told ?? (waitsForReset ? limit?.resetMs : undefined)
  const refusal = { retryAfterMs, limited: limited || undefined }
  if (limit === undefined) return [refusal, ...limits]
  limits[about] = { ...limit, ...refusal }
  return limits
}
