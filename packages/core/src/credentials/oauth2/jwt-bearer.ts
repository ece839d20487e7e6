import type { KeyObject } from 'node:crypto'
import { createPublicKey } from 'node:crypto'
import { ConfigCheck } from '../config-check.ts'
import { type PrivateKeyInput, readPrivateKey } from '../private-key.ts'
import { defineScheme, fieldsOf, secretField, textField } from '../scheme.ts'
import { checkAlgorithm, type JwtAlgorithm, signJwt } from '../sign-jwt.ts'
import { fingerprint } from '../tokens/fingerprint.ts'
import { tokenSource } from '../tokens/token-credential.ts'
import { clientFields } from './oauth2-fields.ts'
import { type AnonymousEndpointConfig, endpointFields, TokenEndpoint } from './token-endpoint.ts'

/** The client id is needed only where the vendor wants the client to prove itself besides the assertion. */
export interface JwtBearerConfig extends AnonymousEndpointConfig {
  /** PEM or JWK. */
  readonly key: PrivateKeyInput
  /** `kid` of the header. */
  readonly keyId?: string | undefined
  /** Default: what the key is for; RS256 for RSA. */
  readonly algorithm?: JwtAlgorithm | undefined
  readonly issuer: string
  /** On whose behalf. Default: the issuer. */
  readonly subject?: string | undefined
  /** `aud`. Default: the token endpoint. */
  readonly audience?: string | undefined
  /** Further claims, such as Google's `scope`. */
  readonly claims?: Readonly<Record<string, unknown>> | undefined
  /** Seconds that the assertion is good for. Default 300. */
  readonly lifetimeSeconds?: number | undefined
}

const id = 'oauth2-jwt-bearer'
const own = ['key', 'keyId', 'algorithm', 'issuer', 'subject', 'audience', 'claims', 'lifetimeSeconds']

/**
 * OAuth 2 with a signed assertion as the grant: service accounts.
 * @see https://www.rfc-editor.org/rfc/rfc7523#section-2.1
 */
export const oauth2JwtBearer = /* @__PURE__ */ defineScheme<JwtBearerConfig>(
  {
    id,
    title: 'OAuth 2 service account (JWT bearer)',
    fields: fieldsOf(
      {
        ...clientFields,
        key: secretField('Private key (PEM or JWK)'),
        keyId: textField('Key id'),
        issuer: textField('Issuer'),
        subject: textField('Subject'),
        audience: textField('Audience'),
      },
      ['tokenEndpoint', 'key', 'issuer'],
    ),
  },
  (config) => {
    const check = new ConfigCheck(id)
    check.only(config, [...endpointFields, ...own])
    const endpoint = new TokenEndpoint(check, id, config, true)
    const key = readPrivateKey(check, 'key', config.key)
    const algorithm = checkAlgorithm(check, 'algorithm', key, config.algorithm)
    const issuer = check.text('issuer', config.issuer)
    const lifetimeSeconds = check.positive('lifetimeSeconds', config.lifetimeSeconds, 300)
    check.done()
    const { keyId, subject = issuer, audience = config.tokenEndpoint, claims = {} } = config
    const header = keyId === undefined ? {} : { kid: keyId }
    const publicKey = createPublicKey(key as KeyObject).export({ type: 'spki', format: 'pem' })
    return tokenSource(
      {
        scheme: id,
        seed: fingerprint(id, endpoint.identity, issuer, subject, audience, claims),
        proof: fingerprint(publicKey, endpoint.proof.material),
        timeoutMs: endpoint.timeoutMs,
        async obtain(context) {
          const { clock, random } = context.env
          const ask = (skewMs: number) => {
            const now = Math.floor((clock.now() + skewMs) / 1000)
            const assertion = signJwt(key as KeyObject, algorithm, header, {
              ...claims,
              iss: issuer,
              sub: subject,
              aud: audience,
              jti: random.uuid(),
              iat: now,
              exp: now + lifetimeSeconds,
            })
            const form = { grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion, scope: endpoint.scope }
            return { form, secrets: [assertion] }
          }
          const { accessToken, lifetimeMs } = await endpoint.token(context, ask, true)
          return { access: accessToken, lifetimeMs }
        },
      },
      { word: endpoint.word, tls: endpoint.proof.tls },
    )
  },
)
