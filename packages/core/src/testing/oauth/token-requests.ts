import { createHash, timingSafeEqual } from 'node:crypto'
import type { Clock } from '../../clock.ts'
import { type Grant, type Grants, type IssuedTokens, token } from './grants.ts'
import { verifyAssertion } from './verify-assertion.ts'

export interface RegisteredClient {
  readonly clientId: string
  /** Without secret and key the client is public. */
  readonly clientSecret?: string
  /** PEM, for private_key_jwt. */
  readonly publicKey?: string
  readonly redirectUris?: readonly string[]
}

/** An issuer of assertions for the JWT bearer grant. */
export interface TrustedIssuer {
  readonly issuer: string
  readonly publicKey: string
}

export interface TokenAnswer {
  readonly status: number
  readonly body: object
}

interface Code {
  readonly grant: Grant
  readonly redirectUri: string
  readonly challenge: string
  readonly endsAt: number
  used: boolean
}

export interface TokenRules {
  readonly clock: Clock
  readonly issuer: () => string
  readonly clients: readonly RegisteredClient[]
  readonly issuers: readonly TrustedIssuer[]
}

const tokenType = 'urn:ietf:params:oauth:token-type:access_token'

/** The token endpoint's mind: strict about RFC 6749, 7636, 7523 and 8693. */
export class TokenRequests {
  readonly #rules: TokenRules
  readonly #grants: Grants
  readonly #codes = new Map<string, Code>()
  readonly #assertions = new Set<string>()

  constructor(rules: TokenRules, grants: Grants) {
    this.#rules = rules
    this.#grants = grants
  }

  client(clientId: string | null): RegisteredClient | undefined {
    return this.#rules.clients.find((client) => client.clientId === clientId)
  }

  newCode(grant: Grant, redirectUri: string, challenge: string): string {
    const code = token('code')
    this.#codes.set(code, { grant, redirectUri, challenge, endsAt: this.#rules.clock.now() + 60_000, used: false })
    return code
  }

  /** The client that proved itself; undefined when the proof fails. */
  authenticate(form: URLSearchParams, authorization: string | undefined): RegisteredClient | undefined {
    if (authorization !== undefined) {
      const [, pair = ''] = /^Basic ([A-Za-z0-9+/]+=*)$/.exec(authorization) ?? []
      const [id = '', secret = ''] = Buffer.from(pair, 'base64').toString().split(':').map(formDecode)
      const client = this.client(id)
      const twice = form.has('client_secret') || form.has('client_assertion')
      return !twice && client?.clientSecret !== undefined && same(secret, client.clientSecret) ? client : undefined
    }
    const client = this.client(form.get('client_id'))
    if (client === undefined) return undefined
    const assertion = form.get('client_assertion')
    if (assertion !== null) return this.#assertedClient(client, assertion, form.get('client_assertion_type'))
    if (client.clientSecret !== undefined)
      return same(form.get('client_secret') ?? '', client.clientSecret) ? client : undefined
    return client.publicKey === undefined && !form.has('client_secret') ? client : undefined
  }

  answer(form: URLSearchParams, authorization: string | undefined): TokenAnswer {
    const names = [...form.keys()]
    if (new Set(names).size !== names.length) return oauthError(400, 'invalid_request', 'a parameter is repeated')
    const grantType = form.get('grant_type')
    const client = this.authenticate(form, authorization)
    const named = authorization !== undefined || form.has('client_id')
    // RFC 7521 section 4.1: for an assertion grant the client need not name itself.
    if (client === undefined && (named || grantType !== 'urn:ietf:params:oauth:grant-type:jwt-bearer'))
      return oauthError(401, 'invalid_client', 'client authentication failed')
    switch (grantType) {
      case 'client_credentials':
        return client?.clientSecret === undefined && client?.publicKey === undefined
          ? oauthError(400, 'unauthorized_client')
          : ok(this.#grants.issue(this.#grants.create(client.clientId, form.get('scope') ?? ''), false))
      case 'refresh_token': {
        const tokens = this.#grants.refresh(client?.clientId ?? '', form.get('refresh_token') ?? '')
        return tokens === undefined ? oauthError(400, 'invalid_grant', 'unknown, used or revoked') : ok(tokens)
      }
      case 'authorization_code':
        return this.#code(form, client?.clientId ?? '')
      case 'urn:ietf:params:oauth:grant-type:jwt-bearer':
        return this.#jwtBearer(form)
      case 'urn:ietf:params:oauth:grant-type:token-exchange':
        return this.#exchange(form, client?.clientId ?? '')
      default:
        return oauthError(400, 'unsupported_grant_type')
    }
  }

  #code(form: URLSearchParams, clientId: string): TokenAnswer {
    const code = this.#codes.get(form.get('code') ?? '')
    if (code === undefined || code.grant.clientId !== clientId) return oauthError(400, 'invalid_grant', 'unknown code')
    if (code.used) {
      this.#grants.revoke(code.grant)
      return oauthError(400, 'invalid_grant', 'the code was used before')
    }
    code.used = true
    const challenge = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url')
    const fits = challenge === code.challenge && form.get('redirect_uri') === code.redirectUri
    if (!fits || this.#rules.clock.now() > code.endsAt)
      return oauthError(400, 'invalid_grant', 'wrong verifier or redirect_uri')
    return ok(this.#grants.issue(code.grant, true))
  }

  #jwtBearer(form: URLSearchParams): TokenAnswer {
    const assertion = form.get('assertion') ?? ''
    const now = this.#rules.clock.now()
    for (const { issuer, publicKey } of this.#rules.issuers) {
      const expected = { publicKey, issuer, audience: this.#audiences(), now }
      const verified = verifyAssertion(assertion, expected, this.#assertions)
      if (verified !== undefined) return ok(this.#grants.issue(this.#grants.create(String(verified.claims.sub)), false))
    }
    return oauthError(400, 'invalid_grant', 'the assertion is not acceptable')
  }

  #exchange(form: URLSearchParams, clientId: string): TokenAnswer {
    const subject = form.get('subject_token') ?? ''
    if (form.get('subject_token_type') !== tokenType) return oauthError(400, 'invalid_request', 'subject_token_type')
    if (form.has('actor_token') !== form.has('actor_token_type'))
      return oauthError(400, 'invalid_request', 'actor_token_type')
    if (!this.#grants.isGood(subject))
      return oauthError(400, 'invalid_request', `the subject token ${subject} is not good`)
    const issued = this.#grants.issue(this.#grants.create(clientId, form.get('scope') ?? ''), false)
    return ok({ ...issued, issued_token_type: tokenType })
  }

  #assertedClient(client: RegisteredClient, assertion: string, type: string | null): RegisteredClient | undefined {
    if (client.publicKey === undefined || type !== 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer')
      return undefined
    const { publicKey, clientId: issuer } = client
    const expected = { publicKey, issuer, audience: this.#audiences(), now: this.#rules.clock.now() }
    const verified = verifyAssertion(assertion, expected, this.#assertions)
    return verified?.claims.sub === issuer ? client : undefined
  }

  #audiences(): string[] {
    return [this.#rules.issuer(), `${this.#rules.issuer()}/token`]
  }
}

const ok = (body: IssuedTokens | object): TokenAnswer => ({ status: 200, body })

function oauthError(status: number, error: string, description?: string): TokenAnswer {
  return { status, body: { error, ...(description === undefined ? {} : { error_description: description }) } }
}

function formDecode(text: string): string {
  return new URLSearchParams(`a=${text}`).get('a') ?? ''
}

function same(given: string, expected: string): boolean {
  const hash = (text: string): Buffer => createHash('sha256').update(text).digest()
  return timingSafeEqual(hash(given), hash(expected))
}
