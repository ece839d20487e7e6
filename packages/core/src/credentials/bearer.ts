import type { Credential } from '../credential.ts'
import type { MaybeSecret } from '../secret.ts'
import { ConfigCheck } from './config-check.ts'
import { defineScheme, fieldsOf, secretField } from './scheme.ts'

export interface BearerConfig {
  readonly token: MaybeSecret
}

/**
 * A fixed token in `Authorization: Bearer`. For tokens that end and are renewed see the oauth2 schemes.
 * @see https://www.rfc-editor.org/rfc/rfc6750#section-2.1
 */
export const bearer = /* @__PURE__ */ defineScheme<BearerConfig>(
  { id: 'bearer', title: 'Access token', fields: fieldsOf({ token: secretField('Access token') }) },
  (config) => {
    const check = new ConfigCheck('bearer')
    check.only(config, ['token'])
    const token = check.secret('token', config.token, 'no-spaces')
    if (/^bearer\b/i.test(token.reveal())) check.issue('token', 'begins with "Bearer": pass the token alone')
    check.done()
    return {
      scheme: 'bearer',
      open(): Credential {
        const value = `Bearer ${token.reveal()}`
        return {
          scheme: 'bearer',
          marks: { headers: ['authorization'], query: [] },
          apply(request) {
            request.headers.authorization = value
          },
          reveal: async () => ({ token: token.reveal() }),
        }
      },
    }
  },
)
