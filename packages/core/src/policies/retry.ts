import type { Call, Scope } from '../call.ts'
import { type Lazy, lazyCode } from '../lazy.ts'
import { numberOption, numberOptions } from './check-options.ts'
import type { Hedger } from './hedge.ts'
import { standardRatio } from './hedge-options.ts'
import { load, prefetch } from './lazy-part.ts'
import { RetryBudget } from './retry-budget.ts'
import type { RetryOptions, RetryRules } from './retry-options.ts'

const noBudget = { ratio: undefined, reserve: 0 }

/** The part of retrying that calls which go well meet: the budget's deposits, and the usual duration of an attempt. */
export class RetryPolicy {
  readonly settings: Readonly<Record<string, unknown>>
  readonly rules: RetryRules
  /** Off unless asked for; until its code is there, attempts go without a copy. */
  readonly hedger: Lazy<Hedger> | undefined
  /** What follows a first failure, p-retry included. */
  readonly loop: Lazy<typeof import('./retry-loop.ts')> = lazyCode(() => import('./retry-loop.ts'))
  readonly #budgetFor: (tenant: string | undefined) => RetryBudget | undefined
  readonly #ownBudget: RetryBudget | undefined
  readonly #ownTenant: string | undefined
  /** Smoothed duration of successful attempts in milliseconds, sampled. */
  #typicalMs = 0

  constructor(options: RetryOptions, scope: Scope) {
    const { budget = {}, hedge = false, baseMsByKind = {} } = options
    const standard = numberOptions('retry', options, {
      attempts: [3, 1, Number.POSITIVE_INFINITY, 'whole'],
      baseMs: [100],
      maxDelayMs: [20_000],
      maxRetryAfterMs: [300_000],
    })
    for (const [kind, ms] of Object.entries(baseMsByKind)) numberOption(`retry.baseMsByKind.${kind}`, ms, [0])
    this.rules = { ...standard, baseMsByKind: { 'rate-limited': 1000, ...baseMsByKind } }
    const { ratio, reserve } =
      budget === false ? noBudget : numberOptions('retry.budget', budget, { ratio: [0.1], reserve: [10] })
    this.#budgetFor = (tenant) =>
      ratio === undefined
        ? undefined
        : scope.runtime.keep(
            JSON.stringify(['retry-budget', scope.target, tenant ?? '']),
            () => new RetryBudget(ratio, reserve),
          )
    this.#ownTenant = scope.tenant
    this.#ownBudget = this.#budgetFor(scope.tenant)
    this.settings = {
      ...standard,
      budget: ratio === undefined ? false : { ratio, reserve },
      hedge: hedge && {
        afterMs: hedge.afterMs === undefined ? 'p95' : numberOption('retry.hedge.afterMs', hedge.afterMs, [0]),
        ratio: numberOption('retry.hedge.ratio', hedge.ratio, [standardRatio, 0, 1]),
      },
    }
    if (hedge === false) return
    this.hedger = lazyCode(async () => new (await import('./hedge.ts')).Hedger(hedge))
    prefetch(this.hedger)
  }

  get typicalMs(): number {
    return this.#typicalMs
  }

  budgetOf(call: Call): RetryBudget | undefined {
    return call.tenant === this.#ownTenant ? this.#ownBudget : this.#budgetFor(call.tenant)
  }

  /** Takes the sampled duration of a successful attempt. */
  observe(ms: number): void {
    this.#typicalMs = this.#typicalMs === 0 ? ms : this.#typicalMs * 0.8 + ms * 0.2
  }

  async ready(): Promise<void> {
    await Promise.all([load('retry', this.loop), this.hedger && load('retry', this.hedger)])
  }
}
