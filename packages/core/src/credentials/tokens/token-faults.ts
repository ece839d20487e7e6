import { Fault, isPatchbayError } from '../../errors.ts'

/** How a vendor treats a refresh token that was used. */
export interface RefreshTokenUse {
  /**
   * `single`: a used refresh token is void, and a second use may revoke all tokens of the grant. `many`: it stays good. Default: taken for
   * `single` until the vendor renews without giving a new one.
   */
  readonly use?: 'single' | 'many' | undefined
  /**
   * Milliseconds after the first use in which the vendor accepts the same refresh token again (grace, leeway or reuse interval).
   * Take it from the vendor's documentation. Default 0.
   */
  readonly graceMs?: number | undefined
  /**
   * What to do when the answer to a renewal was lost and neither grace nor introspection tells whether the token was consumed.
   * `reauthorize` (default) stops with a clear error. `retry` sends the token once more and accepts that the vendor may take it for theft.
   */
  readonly afterLostAnswer?: 'reauthorize' | 'retry' | undefined
}

/** What became of the refresh token in a renewal that failed. */
export type Spent = 'no' | 'maybe' | 'refused'

export function spentBy(error: unknown): Spent {
  const facts = error instanceof Fault ? error.facts : undefined
  if (facts === undefined) return 'maybe'
  if (facts.code === 'invalid_grant') return 'refused'
  if (facts.sent === 'none') return 'no'
  // A server that says "come again later" has not worked on the request; any other 5xx may come from a proxy before one that has.
  if (facts.status === 429 || facts.status === 503) return 'no'
  return facts.status !== undefined && facts.status >= 400 && facts.status < 500 ? 'no' : 'maybe'
}

const reasons: Readonly<Record<string, string>> = {
  'invalid-grant': 'the vendor no longer accepts the refresh token (revoked, expired, or used elsewhere)',
  'answer-lost':
    'the answer to a renewal was lost, and sending the single-use refresh token again could make the vendor revoke the grant',
  'no-refresh-token': 'there is no refresh token',
}

/** The end of the road for machines: a person has to grant access again. */
export function reauthorize(scheme: string, code: string): Fault {
  return new Fault({
    kind: 'credential',
    retry: 'never',
    code: 'reauthorize',
    sent: 'none',
    message: `${scheme}: ${reasons[code] ?? code}; authorize the connection again and configure the new refresh token`,
  })
}

/** Another process is renewing and takes too long, or took over from this one. */
export function renewalTaken(scheme: string): Fault {
  return new Fault({
    kind: 'unavailable',
    code: 'renewal-taken',
    sent: 'none',
    message: `${scheme}: another process holds the right to renew the token; its result is used at the next call`,
  })
}

export function codeOf(error: unknown): string {
  if (error instanceof Fault) return error.facts.code ?? error.facts.kind
  return isPatchbayError(error) ? (error.code ?? error.kind) : 'unexpected'
}

export function retryAfterOf(error: unknown): number {
  if (error instanceof Fault) return error.facts.retryAfterMs ?? 0
  return isPatchbayError(error) ? (error.retryAfterMs ?? 0) : 0
}

/** The failure of the last renewal, for a call that comes before the next one may be tried. */
export function stillFailing(error: unknown, waitMs: number): unknown {
  if (!(error instanceof Fault)) return error
  return new Fault({ ...error.facts, retryAfterMs: Math.ceil(waitMs), cause: undefined })
}
