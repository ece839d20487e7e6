import { numberOptions } from './check-options.ts'

export interface CacheRule {
  /** Milliseconds for which an answer is given again without asking. Default 0: nothing is kept. */
  readonly ttlMs?: number
  /** Milliseconds after `ttlMs` in which one caller asks anew and the others meanwhile get the old answer. Default 0. */
  readonly staleWhileRevalidateMs?: number
  /** Milliseconds after `ttlMs` in which the old answer stands in when the vendor cannot be reached. Default 0. */
  readonly staleIfErrorMs?: number
}

/** The cache is off unless these are given; with `{}` it only joins identical reads that run at the same time. */
export interface CacheOptions extends CacheRule {
  /** Own rules by operation, such as `{ 'user.get': { ttlMs: 60_000 } }`; `false` leaves an operation alone. */
  readonly operations?: Readonly<Record<string, CacheRule | false>>
  /** Default 1 000. */
  readonly maxEntries?: number
  /** Estimated memory of all answers. Default 16 MiB. */
  readonly maxBytes?: number
  /** Identical reads at the same time become one request. Default true. */
  readonly singleFlight?: boolean
  /** What callers get: a copy of their own each, or one deeply frozen value for all, which is cheaper. Default `clone`. */
  readonly values?: 'clone' | 'freeze'
  /** A write on the same noun (`item.update` for `item.get`) forgets its answers. Default true. */
  readonly forgetOnWrite?: boolean
  /**
   * Keeps answers in the connection's Store too, for other processes. `partition` must name the account and credential: answers are
   * given to every connection with the same partition, connector and target. They stand in the store as plain JSON.
   */
  readonly store?: { readonly partition: string }
}

/** A rule with nothing left open. */
export type Rule = Required<CacheRule>

/** A rule whose gaps are filled from `common`. */
export function checkRule(path: string, rule: CacheRule, common: Rule = nothingKept): Rule {
  const { ttlMs, staleWhileRevalidateMs, staleIfErrorMs } = common
  return numberOptions(path, rule, {
    ttlMs: [ttlMs],
    staleWhileRevalidateMs: [staleWhileRevalidateMs],
    staleIfErrorMs: [staleIfErrorMs],
  })
}

const nothingKept: Rule = { ttlMs: 0, staleWhileRevalidateMs: 0, staleIfErrorMs: 0 }
