import { ConfigCheck } from '../config-check.ts'
import { defineScheme, fieldsOf } from '../scheme.ts'
import { fingerprint } from '../tokens/fingerprint.ts'
import { tokenSource } from '../tokens/token-credential.ts'
import { clientFields } from './oauth2-fields.ts'
import { endpointFields, TokenEndpoint, type TokenEndpointConfig } from './token-endpoint.ts'

export type ClientCredentialsConfig = TokenEndpointConfig

const id = 'oauth2-client-credentials'

/**
 * OAuth 2 for programs that act for themselves.
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-4.4
 */
export const oauth2ClientCredentials = /* @__PURE__ */ defineScheme<ClientCredentialsConfig>(
  {
    id,
    title: 'OAuth 2 client credentials',
    fields: fieldsOf(clientFields, ['tokenEndpoint', 'clientId', 'clientSecret']),
  },
  (config) => {
    const check = new ConfigCheck(id)
    check.only(config, endpointFields)
    const endpoint = new TokenEndpoint(check, id, config)
    if (config.clientSecret === undefined && (config.authentication ?? 'none') === 'none')
      check.issue('clientSecret', 'is missing: this grant needs a client that proves who it is')
    check.done()
    const form = { grant_type: 'client_credentials', scope: endpoint.scope }
    return tokenSource(
      {
        scheme: id,
        seed: fingerprint(id, endpoint.identity),
        proof: fingerprint(endpoint.proof.material),
        timeoutMs: endpoint.timeoutMs,
        async obtain(context) {
          // A refresh token is left aside: RFC 6749 section 4.4.3 gives none, and asking anew is as cheap.
          const { accessToken, lifetimeMs } = await endpoint.token(context, () => ({ form, secrets: [] }), false)
          return { access: accessToken, lifetimeMs }
        },
      },
      { word: endpoint.word, tls: endpoint.proof.tls },
    )
  },
)
