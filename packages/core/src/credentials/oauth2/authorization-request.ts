import { createHash, timingSafeEqual } from 'node:crypto'
import { systemClock, systemRandom } from '../../clock.ts'
import { Fault, patchbayError } from '../../errors.ts'
import { Secret } from '../../secret.ts'
import { ConfigCheck } from '../config-check.ts'
import { redactText } from '../redact.ts'
import { timeLimit } from '../tokens/time-limit.ts'
import type { ObtainEnv } from '../tokens/token-plan.ts'
import { type AuthorizationCodeConfig, authorizationFields } from './authorization-code.ts'
import { TokenEndpoint } from './token-endpoint.ts'

/** What is known before there are tokens. */
export type AuthorizationConfig = Omit<AuthorizationCodeConfig, 'refreshToken' | 'accessToken' | 'expiresAt'>

export interface BegunAuthorization {
  /** Send the person here. */
  readonly url: string
  /** Comes back in the callback: find `pending` by it. */
  readonly state: string
  /**
   * Keep `pending.reveal()` on the server, bound to the person's session, for ten minutes and one use; it holds the PKCE verifier. Tokens
   * must go to whoever began, so a callback without that session is refused by the host.
   */
  readonly pending: Secret
}

/** Tokens as a person granted them: fields of {@link AuthorizationCodeConfig}. */
export interface AuthorizedTokens {
  readonly accessToken: Secret
  /** Absent when the vendor gave none; many do only for a scope such as `offline_access`. */
  readonly refreshToken: Secret | undefined
  /** Wall-clock milliseconds. */
  readonly expiresAt: number | undefined
  /** What was granted, which may be less than what was asked for. */
  readonly scope: string | undefined
}

interface Pending {
  readonly state: string
  readonly verifier: string
  readonly at: number
  readonly clientId: string
  readonly tokenEndpoint: string
}

const lifeMs = 600_000

/** Makes the URL that a person opens to grant access, with PKCE (S256) and an unguessable state. */
export function beginAuthorization(
  config: AuthorizationConfig,
  env: Pick<ObtainEnv, 'clock' | 'random'> = { clock: systemClock, random: systemRandom },
): BegunAuthorization {
  const { scope } = checked(config)
  const state = Buffer.from(env.random.bytes(32)).toString('base64url')
  const verifier = Buffer.from(env.random.bytes(32)).toString('base64url')
  const url = new URL(config.authorizationEndpoint)
  const { clientId, tokenEndpoint, redirectUri, authorizationParameters = {} } = config
  const parameters: Record<string, string | undefined> = {
    ...authorizationParameters,
    response_type: 'code',
    client_id: clientId,
    redirect_uri: redirectUri,
    scope,
    state,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  }
  for (const [name, value] of Object.entries(parameters)) if (value !== undefined) url.searchParams.set(name, value)
  const pending: Pending = { state, verifier, at: env.clock.now(), clientId, tokenEndpoint }
  return { url: url.href, state, pending: new Secret(JSON.stringify(pending)) }
}

/**
 * Turns the callback into tokens. `callback` is the URL that the person came back with, `pending` what {@link beginAuthorization} gave;
 * forget it before calling, so that it serves once.
 * @throws PatchbayError `credential` when the person or the vendor refused, or the callback does not belong to `pending`.
 */
export async function completeAuthorization(
  config: AuthorizationConfig,
  callback: { readonly url: string; readonly pending: string | Secret },
  env: ObtainEnv,
): Promise<AuthorizedTokens> {
  const endpoint = checked(config)
  const limit = timeLimit(env.clock, endpoint.timeoutMs, () =>
    refusal('token-timeout', 'the token endpoint did not answer'),
  )
  try {
    const { verifier, code } = readCallback(config, callback, env.clock.now())
    const form = {
      grant_type: 'authorization_code',
      code,
      redirect_uri: config.redirectUri,
      code_verifier: verifier,
    }
    const deadlineAt = env.clock.monotonic() + endpoint.timeoutMs
    const context = { env, refresh: undefined, cancellation: limit, deadlineAt }
    const answer = await endpoint.token(context, () => ({ form, secrets: [code, verifier] }), false)
    return {
      accessToken: new Secret(answer.accessToken),
      refreshToken: answer.refreshToken === undefined ? undefined : new Secret(answer.refreshToken),
      expiresAt: answer.lifetimeMs === undefined ? undefined : env.clock.now() + answer.lifetimeMs,
      scope: answer.scope,
    }
  } catch (error) {
    throw error instanceof Fault ? patchbayError(error.facts) : error
  } finally {
    limit.stop()
  }
}

function checked(config: AuthorizationConfig): TokenEndpoint {
  const check = new ConfigCheck('oauth2-code')
  check.only(config, authorizationFields)
  check.endpoint('authorizationEndpoint', config.authorizationEndpoint)
  check.text('redirectUri', config.redirectUri)
  const endpoint = new TokenEndpoint(check, 'oauth2-code', config)
  check.done()
  return endpoint
}

function readCallback(
  config: AuthorizationConfig,
  callback: { readonly url: string; readonly pending: string | Secret },
  now: number,
): { readonly verifier: string; readonly code: string } {
  const pending = readPending(callback.pending)
  // The parser's own error would carry the whole text, code and all.
  const query = URL.parse(callback.url, 'http://callback.invalid')?.searchParams
  if (query === undefined)
    throw refusal('callback-url', 'the callback is no URL; pass it as the person came back with it')
  const one = (name: string): string | undefined => {
    const values = query.getAll(name)
    if (values.length > 1) throw refusal('callback-ambiguous', `the callback holds "${name}" more than once`)
    return values[0]
  }
  if (pending.clientId !== config.clientId || pending.tokenEndpoint !== config.tokenEndpoint)
    throw refusal('callback-mixed-up', 'the authorization was begun with another configuration; begin again')
  if (!sameText(one('state'), pending.state))
    throw refusal(
      'callback-state',
      'the callback does not belong to this authorization (wrong or missing state); begin again',
    )
  if (now - pending.at > lifeMs || now < pending.at - lifeMs)
    throw refusal('callback-late', 'the authorization took longer than ten minutes; begin again')
  const issuer = one('iss')
  if (config.issuer !== undefined && issuer !== config.issuer)
    throw refusal('callback-issuer', 'the callback comes from another issuer than configured (RFC 9207)')
  const error = one('error')
  if (error !== undefined) {
    const code = /^[A-Za-z0-9_.-]{1,64}$/.test(error) ? error : 'callback-error'
    const described = redactText(one('error_description'), [pending.state, pending.verifier])
    throw refusal(code, `the vendor gave no access${described === '' ? '' : ` ("${described}")`}; begin again`)
  }
  const code = one('code')
  if (code === undefined || code === '') throw refusal('callback-code', 'the callback holds neither code nor error')
  return { verifier: pending.verifier, code }
}

function readPending(pending: string | Secret): Pending {
  try {
    const value = JSON.parse(pending instanceof Secret ? pending.reveal() : pending) as Pending
    if (typeof value.state === 'string' && typeof value.verifier === 'string' && Number.isFinite(value.at)) return value
  } catch {
    // The parser's message would repeat the verifier.
  }
  throw refusal('callback-pending', '"pending" is not what beginAuthorization gave')
}

function refusal(code: string, message: string): Fault {
  return new Fault({ kind: 'credential', retry: 'never', code, sent: 'none', message: `oauth2-code: ${message}` })
}

function sameText(given: string | undefined, expected: string): boolean {
  if (given === undefined) return false
  const hash = (text: string): Buffer => createHash('sha256').update(text).digest()
  return timingSafeEqual(hash(given), hash(expected))
}
