import type { CredentialEnv } from '../../credential.ts'
import type { AccessToken, TokenRecord } from './token-record.ts'

/** Most time before its end at which a token is renewed. */
const mostAheadMs = 300_000
/** Time before its end at which a token is no longer sent: it must still be good on arrival. */
const mostTravelMs = 5_000

/** A token in use. Its times run on the monotonic clock, so that a jump of the wall clock neither ends nor prolongs it. */
export class HeldToken {
  readonly #token: string
  readonly generation: number
  /** Monotonic milliseconds from which it is renewed; drawn at random, so that many processes do not renew at once. */
  readonly renewAt: number
  /** Monotonic milliseconds from which it is not used. */
  readonly endsAt: number
  /** Wall-clock milliseconds, when known. */
  readonly expiresAt: number | undefined

  constructor(token: string, generation: number, times: Pick<HeldToken, 'renewAt' | 'endsAt' | 'expiresAt'>) {
    this.#token = token
    this.generation = generation
    this.renewAt = times.renewAt
    this.endsAt = times.endsAt
    this.expiresAt = times.expiresAt
  }

  get token(): string {
    return this.#token
  }
}

/** Takes a record's token into use. `leftMs`: what is known better than from the wall clock, since the token has just been received. */
export function hold(record: TokenRecord, access: AccessToken, env: CredentialEnv, leftMs?: number): HeldToken {
  const { clock, random } = env
  const { token, lifetimeMs } = access
  if (lifetimeMs === undefined) {
    const never = Number.POSITIVE_INFINITY
    return new HeldToken(token, record.generation, { renewAt: never, endsAt: never, expiresAt: undefined })
  }
  const left = leftMs ?? storedTimeLeft(access, lifetimeMs, clock.now())
  const end = clock.monotonic() + left
  const ahead = Math.min(mostAheadMs, lifetimeMs / 4) * (0.5 + random.next() / 2)
  const endsAt = end - Math.min(mostTravelMs, lifetimeMs / 20)
  return new HeldToken(token, record.generation, { renewAt: end - ahead, endsAt, expiresAt: clock.now() + left })
}

/** Of a token that another process received; a wall clock that went back since does not prolong it. */
function storedTimeLeft(access: AccessToken, lifetimeMs: number, now: number): number {
  return Math.min(lifetimeMs, access.receivedAt + lifetimeMs - now)
}

const burst = 3
const refillMs = 10_000

/** Bounds renewals that a vendor's 401 demands: one that refuses every token must not make us hammer its token endpoint. */
export class RenewalBudget {
  #left = burst
  #at = 0

  take(now: number): boolean {
    this.#left = Math.min(burst, this.#left + (now - this.#at) / refillMs)
    this.#at = now
    if (this.#left < 1) return false
    this.#left--
    return true
  }
}
