import type { SeededRandom } from '@patchbay/core/testing'
import { type LimitForm, writeLimit } from './limit-forms.ts'

/** One thing that goes wrong, at some request. */
export type Fault =
  /** Refusals by a limit, one form after the other, each for the time that it names. */
  | { readonly kind: 'limits'; readonly forms: readonly LimitForm[] }
  /** One of these statuses per request. */
  | { readonly kind: 'errors'; readonly statuses: readonly number[] }
  | { readonly kind: 'reset-before' | 'reset-in-body' | 'cut-body' | 'slow-body' | 'stalled-body' | 'stale-socket' }
  /** The page begins with records of the page before. */
  | { readonly kind: 'overlap' }

export type FaultKind = Fault['kind']

/** What one request meets. */
export type Verdict =
  | { readonly kind: 'none' | 'overlap' | 'reset-before' | 'reset-in-body' | 'cut-body' | 'slow-body' | 'stalled-body' }
  | { readonly kind: 'stale-socket' }
  | { readonly kind: 'status'; readonly status: number }
  | { readonly kind: 'limited'; readonly status: number; readonly headers: Readonly<Record<string, string>> }

/** The vendor's own account of what it did to its callers. */
export interface Ledger {
  requests: number
  /** Faults by kind; refusals by limits as `limit retry-after-date` and so on. */
  readonly faults: Record<string, number>
  /** Requests that came although a refusal had said to wait longer. */
  impatient: number
  unauthorized: number
  /** Answers held against the description, and those that were not as described. */
  checkedAnswers: number
  wrongAnswers: number
}

/** A seeded plan of faults, in the order of requests. Every fault happens once its request came; a limit lasts as long as it says. */
export class Misbehaviour {
  readonly ledger: Ledger = {
    requests: 0,
    faults: {},
    impatient: 0,
    unauthorized: 0,
    checkedAnswers: 0,
    wrongAnswers: 0,
  }
  #plan: { readonly at: number; readonly fault: Fault }[] = []
  #forms: LimitForm[] = []
  #statuses: number[] = []
  #limitedUntil = 0
  #limitedBy: LimitForm | undefined

  /** Spreads the faults over the next `requests` requests. */
  schedule(faults: readonly Fault[], requests: number, random: SeededRandom): void {
    const gap = requests / (faults.length + 1)
    const from = this.ledger.requests
    this.#plan = random
      .shuffle(faults)
      .map((fault, index) => ({ at: from + Math.round((index + 0.5 + random.next()) * gap), fault }))
  }

  /** `reused`: the socket has carried a request before. */
  next(reused: boolean): Verdict {
    const { ledger } = this
    ledger.requests++
    const now = Date.now()
    if (now < this.#limitedUntil && this.#limitedBy !== undefined) {
      ledger.impatient++
      return this.#limited(this.#limitedBy, now)
    }
    const form = this.#forms.shift()
    if (form !== undefined) return this.#limited(form, now)
    const status = this.#statuses.shift()
    if (status !== undefined) return this.#counted({ kind: 'status', status }, `status ${status}`)
    const due = this.#plan[0]
    if (due === undefined || ledger.requests < due.at) return { kind: 'none' }
    // On a new socket nothing can be stale: wait for the next request.
    if (due.fault.kind === 'stale-socket' && !reused) return { kind: 'none' }
    this.#plan.shift()
    return this.#begin(due.fault, now)
  }

  #begin(fault: Fault, now: number): Verdict {
    if (fault.kind === 'limits') {
      const [first, ...others] = fault.forms
      this.#forms = others
      return first === undefined ? { kind: 'none' } : this.#limited(first, now)
    }
    if (fault.kind === 'errors') {
      const [first = 503, ...others] = fault.statuses
      this.#statuses = others
      return this.#counted({ kind: 'status', status: first }, `status ${first}`)
    }
    return this.#counted({ kind: fault.kind }, fault.kind)
  }

  #limited(form: LimitForm, now: number): Verdict {
    const { until, status, headers } = writeLimit(form, now, this.#limitedUntil > now ? this.#limitedUntil : undefined)
    this.#limitedUntil = until
    this.#limitedBy = form
    return this.#counted({ kind: 'limited', status, headers }, `limit ${form}`)
  }

  #counted(verdict: Verdict, name: string): Verdict {
    this.ledger.faults[name] = (this.ledger.faults[name] ?? 0) + 1
    return verdict
  }
}
