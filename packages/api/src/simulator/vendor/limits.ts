import type { Clock } from '@patchbay/core'
import type { IntegrationManifest } from '../../manifest/manifest.ts'
import type { OperationPlan } from './operation-plan.ts'

type Limits = IntegrationManifest['limits']
type Budget = NonNullable<Limits['budgets']>[number]
type Unit = NonNullable<NonNullable<Limits['waits']>[number]['unit']>

interface Count {
  readonly budget: Budget
  /** Units by the time at which they were taken. */
  taken: { at: number; units: number }[]
  /** Of a bucket. */
  tokens: number
  filledAt: number
}

export interface LimitVerdict {
  /** Milliseconds until there is room; undefined: there is room now. */
  readonly waitMs: number | undefined
  readonly headers: Readonly<Record<string, string>>
}

/** The vendor's own count of its budgets. */
export class VendorLimits {
  readonly #limits: Limits
  readonly #clock: Clock
  readonly #counts: readonly Count[]
  #running = 0
  /** Most calls that ran at the same time. */
  mostRunning = 0
  /** Requests that were over a budget. */
  refused = 0

  constructor(limits: Limits, clock: Clock) {
    this.#limits = limits
    this.#clock = clock
    this.#counts = (limits.budgets ?? []).map((budget) => ({
      budget,
      taken: [],
      tokens: budget.burst ?? budget.units,
      filledAt: clock.now(),
    }))
  }

  enter(): () => void {
    this.mostRunning = Math.max(this.mostRunning, ++this.#running)
    return () => {
      this.#running--
    }
  }

  get overConcurrency(): boolean {
    const most = this.#limits.concurrency?.calls
    return most !== undefined && this.#running > most
  }

  /** Counts a request of an operation, or tells how long it has to wait. */
  take(plan: OperationPlan): LimitVerdict {
    const now = this.#clock.now()
    const cost = plan.operation.cost ?? 1
    const counted = this.#counts.filter(
      ({ budget }) => budget.operations === undefined || budget.operations.includes(plan.name),
    )
    const waits = counted.map((count) => roomIn(count, cost, now))
    const wait = Math.max(0, ...waits)
    if (wait > 0) this.refused++
    else for (const count of counted) use(count, cost, now)
    return {
      waitMs: wait > 0 ? wait : undefined,
      headers: { ...this.#standing(counted, now), ...(wait > 0 ? this.waitHeaders(wait) : {}) },
    }
  }

  /** What a refusal says about how long to wait, in every header that the manifest names, or in Retry-After. */
  waitHeaders(waitMs: number): Record<string, string> {
    const { waits = [], retryAfterUnit = 's', headers = [] } = this.#limits
    const now = this.#clock.now()
    const written: Record<string, string> = {}
    for (const { header, unit } of waits) written[header.toLowerCase()] = timeIn(waitMs, unit, now)
    for (const { reset, remaining, unit } of headers) {
      if (reset !== undefined) written[reset.toLowerCase()] = timeIn(waitMs, unit ?? 's', now)
      if (remaining !== undefined) written[remaining.toLowerCase()] = '0'
    }
    if (waits.length === 0) written['retry-after'] = timeIn(waitMs, retryAfterUnit, now)
    return written
  }

  /** Each way in which the vendor tells of a wait, alone. */
  styles(waitMs: number): readonly (readonly [string, Readonly<Record<string, string>>])[] {
    const { waits = [], headers = [], retryAfterUnit = 's', ignoreHeaders } = this.#limits
    const now = this.#clock.now()
    const named = waits.map(
      ({ header, unit }) => [header, { [header.toLowerCase()]: timeIn(waitMs, unit, now) }] as const,
    )
    const resets = headers.flatMap(({ reset, remaining, unit }) =>
      reset === undefined || remaining === undefined || ignoreHeaders === true
        ? []
        : [
            [
              reset,
              { [reset.toLowerCase()]: timeIn(waitMs, unit ?? 's', now), [remaining.toLowerCase()]: '0' },
            ] as const,
          ],
    )
    return [...named, ...resets, ['retry-after', { 'retry-after': timeIn(waitMs, retryAfterUnit, now) }]]
  }

  #standing(counted: readonly Count[], now: number): Record<string, string> {
    const written: Record<string, string> = {}
    if (this.#limits.ignoreHeaders === true) return written
    for (const { budget, limit, remaining, used, ratio, reset, unit } of this.#limits.headers ?? []) {
      const count = counted.find((one) => one.budget.id === budget)
      // Without a published number the vendor still tells some.
      const units = count?.budget.units ?? 1_000_000
      const left = count === undefined ? units - 1 : Math.max(0, Math.floor(leftIn(count, now)))
      if (limit !== undefined) written[limit.toLowerCase()] = String(units)
      if (remaining !== undefined) written[remaining.toLowerCase()] = String(left)
      if (used !== undefined) written[used.toLowerCase()] = String(units - left)
      if (ratio !== undefined) written[ratio.toLowerCase()] = `${units - left}/${units}`
      if (reset !== undefined)
        written[reset.toLowerCase()] = timeIn(
          count === undefined ? 60_000 : windowEnd(count, now) - now,
          unit ?? 's',
          now,
        )
    }
    return written
  }
}

/** Rounded up, so that whoever waits so long has waited long enough. */
function timeIn(ms: number, unit: Unit, now: number): string {
  switch (unit) {
    case 'ms':
      return String(Math.ceil(ms))
    case 'epoch-s':
      return String(Math.ceil((now + ms) / 1000))
    case 'epoch-ms':
      return String(Math.ceil(now + ms))
    case 'date':
      return new Date(Math.ceil((now + ms) / 1000) * 1000).toUTCString()
    default:
      return String(Math.ceil(ms / 1000))
  }
}

const isBucket = ({ algorithm, burst }: Budget): boolean =>
  algorithm === 'token-bucket' || (algorithm === 'cost-points' && burst !== undefined)
const isFixed = ({ algorithm }: Budget): boolean => algorithm === 'fixed-window' || algorithm === 'daily-quota'

/** Windows of a vendor that counts by the clock begin at multiples of their length. */
const windowStart = ({ perMs }: Budget, now: number): number => Math.floor(now / perMs) * perMs
const windowEnd = ({ budget, taken }: Count, now: number): number =>
  isFixed(budget) ? windowStart(budget, now) + budget.perMs : (taken[0]?.at ?? now) + budget.perMs

function leftIn(count: Count, now: number): number {
  const { budget } = count
  if (isBucket(budget)) {
    const most = budget.burst ?? budget.units
    count.tokens = Math.min(most, count.tokens + ((now - count.filledAt) / budget.perMs) * budget.units)
    count.filledAt = now
    return count.tokens
  }
  const since = isFixed(budget) ? windowStart(budget, now) : now - budget.perMs
  count.taken = count.taken.filter(({ at }) => (isFixed(budget) ? at >= since : at > since))
  return budget.units - count.taken.reduce((sum, { units }) => sum + units, 0)
}

/** Milliseconds until `cost` units are free; 0 when they are. */
function roomIn(count: Count, cost: number, now: number): number {
  const left = leftIn(count, now)
  const { budget } = count
  // A hair of a unit is lost in arithmetic.
  if (left >= cost - 1e-6) return 0
  if (isBucket(budget)) return ((cost - left) / budget.units) * budget.perMs
  if (isFixed(budget)) return windowEnd(count, now) - now
  let freed = left
  for (const { at, units } of count.taken) {
    freed += units
    if (freed >= cost) return at + budget.perMs - now
  }
  return budget.perMs
}

function use(count: Count, cost: number, now: number): void {
  if (isBucket(count.budget)) count.tokens -= cost
  else count.taken.push({ at: now, units: cost })
}
