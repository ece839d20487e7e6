import { Fault } from '../../errors.ts'
import { type MaybeSecret, type Secret, secret } from '../../secret.ts'
import { ConfigCheck } from '../config-check.ts'
import { defineScheme, fieldsOf, secretField, textField } from '../scheme.ts'
import { fingerprint } from '../tokens/fingerprint.ts'
import { tokenSource } from '../tokens/token-credential.ts'
import { clientFields } from './oauth2-fields.ts'
import { type AnonymousEndpointConfig, endpointFields, TokenEndpoint } from './token-endpoint.ts'

/** A token, or where the present one comes from (a file that a platform renews, another service). */
export type TokenSupply = MaybeSecret | (() => MaybeSecret | Promise<MaybeSecret>)

export interface TokenExchangeConfig extends AnonymousEndpointConfig {
  /** On whose behalf. A function is called for each exchange; tokens had through it are not stored, since it does not tell whose they are. */
  readonly subjectToken: TokenSupply
  /** Short names `access_token`, `refresh_token`, `id_token`, `saml2`, `jwt`, or a URI. Default `access_token`. */
  readonly subjectTokenType?: string | undefined
  /** Who acts. */
  readonly actorToken?: TokenSupply | undefined
  readonly actorTokenType?: string | undefined
  readonly requestedTokenType?: string | undefined
  readonly audience?: string | undefined
  readonly resource?: string | undefined
}

const id = 'oauth2-token-exchange'
const own = [
  'subjectToken',
  'subjectTokenType',
  'actorToken',
  'actorTokenType',
  'requestedTokenType',
  'audience',
  'resource',
]

/**
 * Exchanges one token for another: workload identity, acting on behalf of a user.
 * @see https://www.rfc-editor.org/rfc/rfc8693
 */
export const oauth2TokenExchange = /* @__PURE__ */ defineScheme<TokenExchangeConfig>(
  {
    id,
    title: 'OAuth 2 token exchange',
    fields: fieldsOf(
      {
        ...clientFields,
        subjectToken: secretField('Subject token'),
        subjectTokenType: textField('Type of the subject token'),
        audience: textField('Audience'),
        resource: textField('Resource'),
      },
      ['tokenEndpoint', 'subjectToken'],
    ),
  },
  (config) => {
    const check = new ConfigCheck(id)
    check.only(config, [...endpointFields, ...own])
    const endpoint = new TokenEndpoint(check, id, { tokenTypes: ['bearer', 'n_a'], ...config }, true)
    const subject = supply(check, 'subjectToken', config.subjectToken)
    const actor = config.actorToken === undefined ? undefined : supply(check, 'actorToken', config.actorToken)
    if (actor === undefined && config.actorTokenType !== undefined)
      check.issue('actorTokenType', 'is there without an actorToken')
    check.done()
    const { audience, resource } = config
    const types = {
      subject_token_type: typeUri(config.subjectTokenType ?? 'access_token'),
      actor_token_type: actor === undefined ? undefined : typeUri(config.actorTokenType ?? 'access_token'),
      requested_token_type: config.requestedTokenType === undefined ? undefined : typeUri(config.requestedTokenType),
    }
    const fixed = [subject.fixed, actor?.fixed].map((value) => value?.reveal() ?? null)
    return tokenSource(
      {
        scheme: id,
        seed: fingerprint(id, endpoint.identity, types, audience ?? null, resource ?? null),
        proof: fingerprint(fixed, endpoint.proof.material),
        timeoutMs: endpoint.timeoutMs,
        async obtain(context) {
          const ask = async () => {
            const [subjectToken, actorToken] = await Promise.all([subject.get(), actor?.get()])
            const secrets = [subjectToken, ...(actorToken === undefined ? [] : [actorToken])]
            const grant = { grant_type: 'urn:ietf:params:oauth:grant-type:token-exchange', scope: endpoint.scope }
            const tokens = { subject_token: subjectToken, actor_token: actorToken }
            return { form: { ...grant, ...types, ...tokens, audience, resource }, secrets }
          }
          const { accessToken, lifetimeMs } = await endpoint.token(context, ask, false)
          return { access: accessToken, lifetimeMs }
        },
      },
      {
        word: endpoint.word,
        tls: endpoint.proof.tls,
        memoryOnly: subject.fixed === undefined || (actor !== undefined && actor.fixed === undefined),
      },
    )
  },
)

interface Supply {
  readonly fixed: Secret | undefined
  get(): Promise<string>
}

function supply(check: ConfigCheck, path: string, from: TokenSupply): Supply {
  if (typeof from !== 'function') {
    const fixed = check.secret(path, from)
    return { fixed, get: async () => fixed.reveal() }
  }
  return {
    fixed: undefined,
    async get() {
      const token = secret(await from()).reveal()
      if (typeof token === 'string' && token !== '') return token
      const message = `${id}: the function in "${path}" gave no token`
      throw new Fault({ kind: 'credential', code: 'subject-token', sent: 'none', message })
    },
  }
}

const typeUri = (name: string): string => (name.includes(':') ? name : `urn:ietf:params:oauth:token-type:${name}`)
