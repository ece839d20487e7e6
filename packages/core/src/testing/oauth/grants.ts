import { type Clock, systemRandom } from '../../clock.ts'

/** One consent of a person (or one client's own right), with all tokens that ever came from it. */
export interface Grant {
  readonly id: string
  readonly clientId: string
  readonly scope: string
  revoked: boolean
  /** By token: when it was used. */
  readonly refreshTokens: Map<string, number | undefined>
  readonly accessTokens: Map<string, { readonly endsAt: number; revoked: boolean }>
}

export interface IssuedTokens {
  readonly access_token: string
  readonly token_type: 'Bearer'
  readonly expires_in: number
  readonly refresh_token?: string
  readonly scope?: string
}

export interface GrantRules {
  readonly clock: Clock
  readonly accessTokenMs: number
  /** Milliseconds in which a used refresh token is accepted again. */
  readonly graceMs: number
  /** False: refresh tokens stay good and no new ones are given. */
  readonly rotate: boolean
}

/** What the tests hold their client against. */
export interface GrantCounts {
  refreshes: number
  graceUses: number
  /** Uses of a consumed refresh token outside the grace: each revokes its grant. */
  reuses: number
}

/** All grants of a server; refresh tokens rotate, are good once, and a second use revokes the whole grant (RFC 9700 section 4.14.2). */
export class Grants {
  readonly counts: GrantCounts = { refreshes: 0, graceUses: 0, reuses: 0 }
  readonly #rules: GrantRules
  readonly #grants = new Map<string, Grant>()

  constructor(rules: GrantRules) {
    this.#rules = rules
  }

  create(clientId: string, scope = ''): Grant {
    const id = token('grant')
    const grant = { id, clientId, scope, revoked: false, refreshTokens: new Map(), accessTokens: new Map() }
    this.#grants.set(id, grant)
    return grant
  }

  issue(grant: Grant, withRefresh: boolean): IssuedTokens {
    const { clock, accessTokenMs } = this.#rules
    const access = token('at')
    grant.accessTokens.set(access, { endsAt: clock.now() + accessTokenMs, revoked: false })
    const refresh = withRefresh ? token('rt') : undefined
    if (refresh !== undefined) grant.refreshTokens.set(refresh, undefined)
    return {
      access_token: access,
      token_type: 'Bearer',
      expires_in: accessTokenMs / 1000,
      ...(refresh === undefined ? {} : { refresh_token: refresh }),
      ...(grant.scope === '' ? {} : { scope: grant.scope }),
    }
  }

  /** Spends a refresh token; undefined when it is not (or no longer) good. */
  refresh(clientId: string, refreshToken: string): IssuedTokens | undefined {
    const { clock, graceMs, rotate } = this.#rules
    const grant = this.find(refreshToken)
    if (grant === undefined || grant.revoked || grant.clientId !== clientId) return undefined
    const usedAt = grant.refreshTokens.get(refreshToken)
    if (usedAt !== undefined) {
      if (clock.now() - usedAt > graceMs || graceMs === 0) {
        this.counts.reuses++
        this.revoke(grant)
        return undefined
      }
      this.counts.graceUses++
    } else if (rotate) grant.refreshTokens.set(refreshToken, clock.now())
    this.counts.refreshes++
    return this.issue(grant, rotate)
  }

  revoke(grant: Grant): void {
    grant.revoked = true
    for (const access of grant.accessTokens.values()) access.revoked = true
  }

  /** The grant that a refresh or access token belongs to. */
  find(text: string): Grant | undefined {
    for (const grant of this.#grants.values())
      if (grant.refreshTokens.has(text) || grant.accessTokens.has(text)) return grant
    return undefined
  }

  /** Whether presenting the token would be honoured. */
  isGood(text: string): boolean {
    const grant = this.find(text)
    if (grant === undefined || grant.revoked) return false
    const access = grant.accessTokens.get(text)
    if (access !== undefined) return !access.revoked && access.endsAt > this.#rules.clock.now()
    return grant.refreshTokens.get(text) === undefined
  }
}

export function token(kind: string): string {
  return `${kind}_${Buffer.from(systemRandom.bytes(24)).toString('base64url')}`
}
