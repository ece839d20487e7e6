import type { CredentialSource } from '../../credential.ts'
import { ConfigCheck } from '../config-check.ts'
import { defineScheme, fieldsOf, secretField, textField, urlField } from '../scheme.ts'
import { clientFields } from './oauth2-fields.ts'
import { type RefreshTokenConfig, refreshTokenFields, refreshTokenSource } from './refresh-token.ts'

/** The grant of a person: the connector and the host settle the endpoints, {@link completeAuthorization} gives the tokens. */
export interface AuthorizationCodeConfig extends RefreshTokenConfig {
  readonly authorizationEndpoint: string
  /** Where the vendor sends the person back to; registered there to the letter. */
  readonly redirectUri: string
  /** RFC 9207: the vendor's issuer. Set, every callback must name it: protection against mixing up two vendors. */
  readonly issuer?: string | undefined
  /** Further query keys of the authorization URL, such as `access_type` or `prompt`. */
  readonly authorizationParameters?: Readonly<Record<string, string>> | undefined
}

export const authorizationFields = [
  ...refreshTokenFields,
  'authorizationEndpoint',
  'redirectUri',
  'issuer',
  'authorizationParameters',
] as const

const id = 'oauth2-code'

/**
 * OAuth 2 authorization code with PKCE. Before there is a refresh token, send a person through {@link beginAuthorization} and
 * {@link completeAuthorization}.
 * @see https://www.rfc-editor.org/rfc/rfc9700
 */
export const oauth2Code = /* @__PURE__ */ defineScheme<AuthorizationCodeConfig>(
  {
    id,
    title: 'OAuth 2 sign-in',
    fields: fieldsOf(
      {
        ...clientFields,
        authorizationEndpoint: urlField('Authorization endpoint'),
        redirectUri: urlField('Redirect URI'),
        issuer: textField('Issuer'),
        refreshToken: secretField('Refresh token', { 'x-obtained-by': 'authorization' }),
      },
      ['authorizationEndpoint', 'tokenEndpoint', 'clientId', 'redirectUri', 'refreshToken'],
    ),
  },
  (config): CredentialSource => {
    const check = new ConfigCheck(id)
    check.only(config, authorizationFields)
    check.endpoint('authorizationEndpoint', config.authorizationEndpoint)
    if (config.refreshToken === undefined || config.refreshToken === '')
      check.issue('refreshToken', 'is missing: get one through beginAuthorization and completeAuthorization')
    return refreshTokenSource(id, check, config)
  },
)
