import type { CredentialSource } from '../../credential.ts'
import type { MaybeSecret } from '../../secret.ts'
import { secret } from '../../secret.ts'
import { ConfigCheck } from '../config-check.ts'
import { defineScheme, fieldsOf, secretField, urlField } from '../scheme.ts'
import { fingerprint } from '../tokens/fingerprint.ts'
import { tokenSource } from '../tokens/token-credential.ts'
import type { RefreshTokenUse } from '../tokens/token-faults.ts'
import { introspect } from './introspection.ts'
import { clientFields } from './oauth2-fields.ts'
import { endpointFields, TokenEndpoint, type TokenEndpointConfig } from './token-endpoint.ts'

export interface RefreshTokenConfig extends TokenEndpointConfig {
  /** The refresh token that the grant gave. With a store it is only the first of its line: the later ones are kept there. */
  readonly refreshToken: MaybeSecret
  /** The access token that came along, to save a renewal. Needs `expiresAt`. */
  readonly accessToken?: MaybeSecret | undefined
  /** Wall-clock milliseconds at which `accessToken` ends. */
  readonly expiresAt?: number | undefined
  /** What the vendor does with used refresh tokens. */
  readonly refreshTokens?: RefreshTokenUse | undefined
  /** RFC 7662: where the vendor tells whether a refresh token is still good. Decides after a lost answer. */
  readonly introspectionEndpoint?: string | undefined
}

export const refreshTokenFields = [
  ...endpointFields,
  'refreshToken',
  'accessToken',
  'expiresAt',
  'refreshTokens',
  'introspectionEndpoint',
] as const

const id = 'oauth2-refresh-token'

/** A source that renews by refresh token, under the given scheme's name. */
export function refreshTokenSource(scheme: string, check: ConfigCheck, config: RefreshTokenConfig): CredentialSource {
  const endpoint = new TokenEndpoint(check, scheme, config)
  const refresh = check.secret('refreshToken', config.refreshToken)
  const access =
    config.accessToken === undefined ? undefined : check.secret('accessToken', config.accessToken, 'no-spaces')
  if (access !== undefined && config.expiresAt === undefined)
    check.issue('expiresAt', 'is missing: without it the accessToken cannot be used')
  const { introspectionEndpoint, refreshTokens = {} } = config
  if (introspectionEndpoint !== undefined) check.endpoint('introspectionEndpoint', introspectionEndpoint)
  check.only(refreshTokens, ['use', 'graceMs', 'afterLostAnswer'], 'refreshTokens')
  if (refreshTokens.use !== undefined) check.oneOf('refreshTokens.use', refreshTokens.use, ['single', 'many'])
  if (refreshTokens.afterLostAnswer !== undefined)
    check.oneOf('refreshTokens.afterLostAnswer', refreshTokens.afterLostAnswer, ['reauthorize', 'retry'])
  check.positive('refreshTokens.graceMs', refreshTokens.graceMs === 0 ? undefined : refreshTokens.graceMs, 0)
  check.done()
  return tokenSource(
    {
      scheme,
      // The first refresh token tells one grant from another. Nothing that may be edited under it (secret, scope) belongs here: the
      // record would be lost, and with it the only token that is still good.
      seed: fingerprint('refresh-token', config.tokenEndpoint, config.clientId, refresh.reveal()),
      timeoutMs: endpoint.timeoutMs,
      refresh: refreshTokens,
      brought: { refresh, access: access === undefined ? undefined : secret(access), expiresAt: config.expiresAt },
      async obtain(context) {
        const { refresh: refreshToken = '' } = context
        const form = { grant_type: 'refresh_token', refresh_token: refreshToken }
        const answer = await endpoint.token(context, () => ({ form, secrets: [refreshToken] }), false)
        return { access: answer.accessToken, lifetimeMs: answer.lifetimeMs, refresh: answer.refreshToken }
      },
      probe: introspectionEndpoint === undefined ? undefined : introspect(endpoint, introspectionEndpoint),
    },
    { word: endpoint.word, tls: endpoint.proof.tls },
  )
}

/**
 * OAuth 2 with a refresh token had elsewhere. Single-use refresh tokens are safe in all of a store's processes and through crashes.
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-6
 */
export const oauth2RefreshToken = /* @__PURE__ */ defineScheme<RefreshTokenConfig>(
  {
    id,
    title: 'OAuth 2 refresh token',
    fields: fieldsOf(
      {
        ...clientFields,
        refreshToken: secretField('Refresh token'),
        introspectionEndpoint: urlField('Introspection endpoint'),
      },
      ['tokenEndpoint', 'clientId', 'refreshToken'],
    ),
  },
  (config) => {
    const check = new ConfigCheck(id)
    check.only(config, refreshTokenFields)
    return refreshTokenSource(id, check, config)
  },
)
