import type { Call, Scope } from '../call.ts'
import { sleep } from '../clock.ts'
import type { ErrorKind, PatchbayError } from '../errors.ts'
import { type Lazy, lazy } from '../lazy.ts'
import { type HedgeOptions, Hedger } from './hedge.ts'
import { RetryBudget } from './retry-budget.ts'

export interface RetryOptions {
  /** Attempts in all, the first included; free retries and hedges are not counted. Default 3. */
  readonly attempts?: number
  /** First backoff in milliseconds, doubled each time, drawn with full jitter. Default 100; 1 000 for `rate-limited`. */
  readonly baseMs?: number
  /** Own first backoff per kind of error. */
  readonly baseMsByKind?: Partial<Record<ErrorKind, number>>
  /** Longest backoff in milliseconds. Default 20 000. */
  readonly maxDelayMs?: number
  /** Longest wait that a vendor may ask for in milliseconds; longer ones are cut to it. Default 300 000. */
  readonly maxRetryAfterMs?: number
  /** Retries allowed per first attempt, over all calls to one host for one tenant. Default 0.1, `reserve` 10. */
  readonly budget?: { readonly ratio?: number; readonly reserve?: number } | false
  /** Sends a second copy of a slow read or idempotent call. Default off. */
  readonly hedge?: HedgeOptions | false
}

type Verdict = { readonly waitMs: number } | undefined

/** Decides what follows a failed attempt. p-retry runs the loop (see call-path.ts), this class says whether and when. */
export class RetryPolicy {
  readonly settings: Readonly<Record<string, unknown>>
  readonly hedger: Hedger | undefined
  /** p-retry, loaded ahead of the first failure so that no call waits for the disk. */
  readonly loop: Lazy<typeof import('p-retry')> = lazy(() => import('p-retry'))
  readonly #options: Required<Omit<RetryOptions, 'budget' | 'hedge' | 'baseMsByKind'>>
  readonly #baseByKind: Partial<Record<ErrorKind, number>>
  readonly #budgetFor: (tenant: string | undefined) => RetryBudget | undefined
  readonly #ownBudget: RetryBudget | undefined
  readonly #ownTenant: string | undefined
  /** Smoothed duration of successful attempts in milliseconds, sampled. */
  #typicalMs = 0

  constructor(options: RetryOptions, scope: Scope) {
    const { budget, hedge, baseMsByKind, ...rest } = options
    this.#options = { attempts: 3, baseMs: 100, maxDelayMs: 20_000, maxRetryAfterMs: 300_000, ...rest }
    this.#baseByKind = { 'rate-limited': 1000, ...baseMsByKind }
    const ratio = budget === false ? undefined : (budget?.ratio ?? 0.1)
    const reserve = budget === false ? 0 : (budget?.reserve ?? 10)
    this.#budgetFor = (tenant) =>
      ratio === undefined
        ? undefined
        : scope.runtime.keep(`retry-budget\n${scope.target}\n${tenant ?? ''}`, () => new RetryBudget(ratio, reserve))
    this.#ownTenant = scope.tenant
    this.#ownBudget = this.#budgetFor(scope.tenant)
    this.hedger = hedge === undefined || hedge === false ? undefined : new Hedger(hedge)
    this.settings = {
      ...this.#options,
      budget: ratio === undefined ? false : { ratio, reserve },
      hedge: this.hedger?.settings ?? false,
    }
  }

  budgetOf(call: Call): RetryBudget | undefined {
    return call.tenant === this.#ownTenant ? this.#ownBudget : this.#budgetFor(call.tenant)
  }

  /** Takes the sampled duration of a successful attempt. */
  observe(ms: number): void {
    this.#typicalMs = this.#typicalMs === 0 ? ms : this.#typicalMs * 0.8 + ms * 0.2
  }

  /** Waits until the next attempt may start. False: there is none, and `error` says why. */
  async next(call: Call, error: PatchbayError, counted: number): Promise<boolean> {
    const verdict = this.#free(call, error) ?? this.#counted(call, error, counted)
    if (verdict === undefined) return false
    if (verdict.waitMs > 0) await sleep(call.scope.clock, verdict.waitMs, call)
    return true
  }

  #free(call: Call, error: PatchbayError): Verdict {
    const reason = error.freeRetry
    if (reason === undefined || call.freeRetries?.includes(reason) === true) return undefined
    if (reason === 'stale-socket' && !call.repeatable && error.sent !== 'none') return undefined
    call.freeRetries ??= []
    call.freeRetries.push(reason)
    call.decide({ policy: 'retry', decision: 'retry', reason, numbers: { attempt: call.attempt, waitMs: 0 } })
    return { waitMs: 0 }
  }

  #counted(call: Call, error: PatchbayError, counted: number): Verdict {
    if (error.retry !== 'later') return undefined
    if (counted >= this.#options.attempts) return giveUp(call, error, 'attempts-spent', { attempts: counted })
    const waitMs = this.#wait(call, error, counted)
    const left = call.timeLeft()
    if (waitMs + this.#typicalMs >= left) {
      return giveUp(call, error, 'past-deadline', { waitMs, typicalMs: this.#typicalMs, leftMs: left })
    }
    const budget = this.budgetOf(call)
    if (budget !== undefined && !budget.take()) return giveUp(call, error, 'budget-empty', { tokens: budget.tokens })
    const reason = error.retryAfterMs === undefined ? error.kind : 'retry-after'
    call.decide({ policy: 'retry', decision: 'retry', reason, numbers: { attempt: call.attempt, waitMs } })
    return { waitMs }
  }

  /** Full jitter, or never earlier than the vendor asked plus a little jitter against the herd. */
  #wait(call: Call, error: PatchbayError, counted: number): number {
    const { baseMs, maxDelayMs, maxRetryAfterMs } = this.#options
    const base = this.#baseByKind[error.kind] ?? baseMs
    const random = call.scope.random.next()
    if (error.retryAfterMs === undefined) return random * Math.min(maxDelayMs, base * 2 ** (counted - 1))
    return Math.min(Math.max(0, error.retryAfterMs), maxRetryAfterMs) + random * Math.min(base, 1000)
  }
}

function giveUp(
  call: Call,
  error: PatchbayError,
  reason: string,
  numbers: Readonly<Record<string, number>>,
): undefined {
  error.retry = 'exhausted'
  call.decide({ policy: 'retry', decision: 'give-up', reason, numbers })
  return undefined
}
