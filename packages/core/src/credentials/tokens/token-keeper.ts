import type { Cancellation } from '../../clock.ts'
import type { CredentialEnv } from '../../credential.ts'
import { type HeldToken, RenewalBudget } from './held-token.ts'
import { waitFor } from './time-limit.ts'
import { codeOf, retryAfterOf, stillFailing } from './token-faults.ts'
import type { TokenPlan } from './token-plan.ts'
import type { TokenRecords } from './token-records.ts'
import { TokenRenewal, type Want } from './token-renewal.ts'

/**
 * Keeps the present token of one connection: hands it out without waiting while it is good, has it renewed ahead of its end, and joins
 * all callers of the process to one renewal.
 */
export class TokenKeeper {
  readonly #plan: TokenPlan
  readonly #env: CredentialEnv
  readonly #renewal: TokenRenewal
  readonly #refused = new RenewalBudget()
  #held: HeldToken | undefined
  #flight: Promise<HeldToken> | undefined
  #failures = 0
  #lastFailure: unknown
  /** Monotonic milliseconds before which no renewal is tried after several failed. */
  #notBefore = 0

  constructor(plan: TokenPlan, env: CredentialEnv, records: TokenRecords) {
    this.#plan = plan
    this.#env = env
    this.#renewal = new TokenRenewal(plan, env, records)
  }

  /** Wall-clock milliseconds at which the present token ends, when known. */
  get expiresAt(): number | undefined {
    return this.#held?.expiresAt
  }

  /** The present token; a promise only when it must be waited for. */
  token(call?: Cancellation): string | Promise<string> {
    const held = this.#held
    const now = this.#env.clock.monotonic()
    if (held === undefined || now >= held.endsAt) return this.#late(call)
    // Still good: nobody waits for the renewal, and when it fails an event tells so.
    if (now >= held.renewAt && now >= this.#notBefore && this.#flight === undefined)
      this.#fly('ahead').catch(() => undefined)
    return held.token
  }

  /** The vendor refused `token`. True when there is another one to try. */
  async replace(token: string, call?: Cancellation): Promise<boolean> {
    if (this.#held === undefined || this.#held.token !== token) return true
    if (this.#flight === undefined && !this.#refused.take(this.#env.clock.monotonic())) return false
    const held = await waitFor(this.#fly('refused'), call)
    return held.token !== token
  }

  /** Lets a renewal under way come to its end, so that its token is not lost. */
  async close(): Promise<void> {
    await this.#flight?.catch(() => undefined)
    await this.#renewal.close()
  }

  async #late(call?: Cancellation): Promise<string> {
    const wait = this.#notBefore - this.#env.clock.monotonic()
    if (wait > 0 && this.#flight === undefined) throw stillFailing(this.#lastFailure, wait)
    return (await waitFor(this.#fly('expired'), call)).token
  }

  #fly(reason: Want['reason']): Promise<HeldToken> {
    this.#flight ??= this.#renew(reason).finally(() => {
      this.#flight = undefined
    })
    return this.#flight
  }

  async #renew(reason: Want['reason']): Promise<HeldToken> {
    try {
      this.#held = await this.#renewal.renew({ reason, held: this.#held })
      this.#failures = 0
      this.#notBefore = 0
      return this.#held
    } catch (error) {
      this.#failed(error, reason)
      throw error
    }
  }

  #failed(error: unknown, reason: Want['reason']): void {
    const { clock, random, events, connection } = this.#env
    // A first failure with callers waiting may be a hiccup, and their own retry tries again. After that the token endpoint gets room.
    const own = this.#failures === 0 && reason !== 'ahead' ? 0 : Math.min(30_000, 1000 * 2 ** this.#failures)
    this.#failures = Math.min(this.#failures + 1, 10)
    this.#lastFailure = error
    this.#notBefore = clock.monotonic() + Math.max(retryAfterOf(error), own * (0.5 + random.next() / 2))
    if (!events.listening) return
    const { scheme } = this.#plan
    events.emit('credential-refresh', { connection, scheme, outcome: 'failed', reason: codeOf(error) })
  }
}
