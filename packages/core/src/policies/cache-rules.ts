import { type CacheOptions, checkRule, type Rule } from './cache-options.ts'

/** Rules by operation: `undefined` for those that are left alone, or for which there is nothing to do. */
export class CacheRules {
  readonly singleFlight: boolean
  readonly #common: Rule
  readonly #own = new Map<string, Rule | undefined>()

  constructor(common: Rule, operations: CacheOptions['operations'], singleFlight: boolean) {
    this.#common = common
    this.singleFlight = singleFlight
    for (const [name, rule] of Object.entries(operations ?? {}))
      this.#own.set(name, rule === false ? undefined : checkRule(name, rule, common))
  }

  of(operation: string): Rule | undefined {
    const rule = this.#own.has(operation) ? this.#own.get(operation) : this.#common
    return rule !== undefined && (this.singleFlight || rule.ttlMs + rule.staleIfErrorMs > 0) ? rule : undefined
  }
}
