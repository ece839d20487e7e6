import type { Clock } from '../clock.ts'
import type { DeadlineWheel } from '../deadline-wheel.ts'
import type { Pool } from './dispatch-pool.ts'

/** What exchanges of one transport share. */
export interface ExchangeContext {
  readonly clock: Clock
  readonly wheel: DeadlineWheel
  readonly defaults: Limits
  /**
   * The sockets for a URL. `guarded`: the URL comes out of tenant data. `anonymous`: this side's certificate stays here.
   * @throws GuardRefusal, or Fault `config`
   */
  poolFor(url: URL, guarded: boolean, anonymous: boolean): Pool
}

export interface Limits {
  readonly maxBodyBytes: number
  readonly bodyIdleMs: number
  readonly connectMs: number
  readonly maxRedirects: number
}
