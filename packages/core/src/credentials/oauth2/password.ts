import type { MaybeSecret } from '../../secret.ts'
import { ConfigCheck } from '../config-check.ts'
import { defineScheme, fieldsOf, secretField, textField } from '../scheme.ts'
import { fingerprint } from '../tokens/fingerprint.ts'
import { tokenSource } from '../tokens/token-credential.ts'
import { clientFields } from './oauth2-fields.ts'
import { type AnonymousEndpointConfig, endpointFields, TokenEndpoint } from './token-endpoint.ts'

/** The client id is needed only where the vendor wants to know the client. */
export interface PasswordGrantConfig extends AnonymousEndpointConfig {
  readonly username: string
  readonly password: MaybeSecret
}

const id = 'oauth2-password'

/**
 * OAuth 2 with a user's name and password, for vendors that offer programs nothing better. A refresh token that comes along is left aside:
 * the password is there anyway, and asking with it again works for as long as it is good.
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-4.3
 */
export const oauth2Password = /* @__PURE__ */ defineScheme<PasswordGrantConfig>(
  {
    id,
    title: 'OAuth 2 user name and password',
    fields: fieldsOf({ ...clientFields, username: textField('User name'), password: secretField('Password') }, [
      'tokenEndpoint',
      'username',
      'password',
    ]),
  },
  (config) => {
    const check = new ConfigCheck(id)
    check.only(config, [...endpointFields, 'username', 'password'])
    const endpoint = new TokenEndpoint(check, id, config, true)
    const username = check.text('username', config.username)
    const password = check.secret('password', config.password)
    check.done()
    return tokenSource(
      {
        scheme: id,
        seed: fingerprint(id, endpoint.identity, username),
        proof: fingerprint(password.reveal(), endpoint.proof.material),
        timeoutMs: endpoint.timeoutMs,
        async obtain(context) {
          const plain = password.reveal()
          const form = { grant_type: 'password', username, password: plain, scope: endpoint.scope }
          const { accessToken, lifetimeMs } = await endpoint.token(context, () => ({ form, secrets: [plain] }), false)
          return { access: accessToken, lifetimeMs }
        },
      },
      { word: endpoint.word, tls: endpoint.proof.tls },
    )
  },
)
