import { createHmac, type KeyObject, sign } from 'node:crypto'
import type { Credential, SignableRequest } from '../credential.ts'
import { Fault } from '../errors.ts'
import type { MaybeSecret, Secret } from '../secret.ts'
import { clockSkew } from './clock-skew.ts'
import { ConfigCheck } from './config-check.ts'
import { type PrivateKeyInput, readPrivateKey } from './private-key.ts'
import { strictEncode } from './query.ts'
import { defineScheme, fieldsOf, secretField, textField } from './scheme.ts'

/** `HMAC-SHA256` and `RSA-SHA256` are what vendors use in place of the methods that RFC 5849 names. */
export type OAuth1Method = 'HMAC-SHA1' | 'HMAC-SHA256' | 'RSA-SHA1' | 'RSA-SHA256' | 'PLAINTEXT'

export interface OAuth1Config {
  readonly consumerKey: string
  /** Needed by all methods but the RSA ones. */
  readonly consumerSecret?: MaybeSecret | undefined
  /** PEM or JWK; for the RSA methods. */
  readonly privateKey?: PrivateKeyInput | undefined
  /** Token of a user; absent for requests of the client alone. */
  readonly token?: string | undefined
  readonly tokenSecret?: MaybeSecret | undefined
  /** Default `HMAC-SHA1`. */
  readonly signatureMethod?: OAuth1Method | undefined
  readonly realm?: string | undefined
}

const id = 'oauth1'
const methods: readonly OAuth1Method[] = ['HMAC-SHA1', 'HMAC-SHA256', 'RSA-SHA1', 'RSA-SHA256', 'PLAINTEXT']
const fields = ['consumerKey', 'consumerSecret', 'privateKey', 'token', 'tokenSecret', 'signatureMethod', 'realm']

/**
 * OAuth 1.0a in the Authorization header, with a token had elsewhere.
 * @see https://www.rfc-editor.org/rfc/rfc5849#section-3
 */
export const oauth1 = /* @__PURE__ */ defineScheme<OAuth1Config>(
  {
    id,
    title: 'OAuth 1.0a',
    fields: fieldsOf(
      {
        consumerKey: textField('Consumer key'),
        consumerSecret: secretField('Consumer secret'),
        privateKey: secretField('Private key (PEM or JWK)'),
        token: textField('Token'),
        tokenSecret: secretField('Token secret'),
        signatureMethod: { enum: methods, title: 'Signature method' },
        realm: textField('Realm'),
      },
      ['consumerKey'],
    ),
  },
  (config) => {
    const check = new ConfigCheck(id)
    check.only(config, fields)
    check.text('consumerKey', config.consumerKey)
    const method = check.oneOf('signatureMethod', config.signatureMethod ?? 'HMAC-SHA1', methods)
    const keyed = method.startsWith('RSA-')
    const consumerSecret = keyed ? undefined : check.secret('consumerSecret', config.consumerSecret)
    if (keyed && config.consumerSecret !== undefined)
      check.issue('consumerSecret', `is not used with ${method}: leave it out`)
    if (!keyed && config.privateKey !== undefined) check.issue('privateKey', `is not used with ${method}: leave it out`)
    const key = keyed ? readPrivateKey(check, 'privateKey', config.privateKey as PrivateKeyInput) : undefined
    if ((config.token === undefined) !== (config.tokenSecret === undefined) && !keyed)
      check.issue(config.token === undefined ? 'token' : 'tokenSecret', 'is missing: the two come together')
    const tokenSecret = config.tokenSecret === undefined ? undefined : check.secret('tokenSecret', config.tokenSecret)
    if (config.realm !== undefined && !/^[\x20-\x21\x23-\x5b\x5d-\x7e]*$/.test(config.realm))
      check.issue('realm', 'must be printable ASCII without quotes and backslashes')
    check.done()
    const { consumerKey, token, realm } = config
    const keys: Keys = { method, consumerSecret, tokenSecret, key }
    return {
      scheme: id,
      open({ clock, random }): Credential {
        let skewMs = 0
        const signedSkew = new WeakMap<object, number>()
        return {
          scheme: id,
          marks: { headers: ['authorization'], query: [] },
          apply(request) {
            const now = clock.now() + skewMs
            const parameters: Record<string, string> = {
              oauth_consumer_key: consumerKey,
              ...(token === undefined ? {} : { oauth_token: token }),
              oauth_signature_method: method,
              oauth_timestamp: String(Math.floor(now / 1000)),
              oauth_nonce: Buffer.from(random.bytes(16)).toString('hex'),
              oauth_version: '1.0',
            }
            parameters.oauth_signature = signatureOf(request, parameters, keys)
            request.headers.authorization = headerOf(parameters, realm)
            signedSkew.set(request, skewMs)
          },
          async refresh(request, response) {
            const found = clockSkew(response.headers, clock.now()) ?? 0
            if (Math.abs(found - (signedSkew.get(request) ?? skewMs)) < 30_000) return undefined
            skewMs = found
            return 'clock-skew'
          },
        }
      },
    }
  },
)

export interface Keys {
  readonly method: OAuth1Method
  readonly consumerSecret: Secret | undefined
  readonly tokenSecret: Secret | undefined
  readonly key: KeyObject | undefined
}

/** @internal Also for vectors, whose nonces are no hex. */
export function signatureOf(
  request: SignableRequest,
  parameters: Readonly<Record<string, string>>,
  keys: Keys,
): string {
  const secrets = [keys.consumerSecret, keys.tokenSecret].map((one) => strictEncode(one?.reveal() ?? '')).join('&')
  switch (keys.method) {
    case 'PLAINTEXT':
      return secrets
    case 'HMAC-SHA1':
    case 'HMAC-SHA256':
      return createHmac(keys.method === 'HMAC-SHA1' ? 'sha1' : 'sha256', secrets)
        .update(baseString(request, parameters))
        .digest('base64')
    default: {
      const hash = keys.method === 'RSA-SHA1' ? 'sha1' : 'sha256'
      return sign(hash, Buffer.from(baseString(request, parameters)), keys.key as KeyObject).toString('base64')
    }
  }
}

/**
 * The signature base string.
 * @see https://www.rfc-editor.org/rfc/rfc5849#section-3.4.1
 */
export function baseString(request: SignableRequest, parameters: Readonly<Record<string, string>>): string {
  const { protocol, host, pathname, search } = new URL(request.url)
  const pairs = [...decoded(search.slice(1)), ...Object.entries(parameters), ...formPairs(request)]
    .map(([name, value]) => [strictEncode(name), strictEncode(value)] as const)
    .sort(([a, x], [b, y]) => (a === b ? (x < y ? -1 : 1) : a < b ? -1 : 1))
  const text = pairs.map(([name, value]) => `${name}=${value}`).join('&')
  return [request.method.toUpperCase(), `${protocol}//${host}${pathname}`, text].map(strictEncode).join('&')
}

/** A body in form encoding is signed, any other is not (RFC 5849 section 3.4.1.3.1). */
function formPairs({ headers, body }: SignableRequest): readonly (readonly [string, string])[] {
  if (!/^application\/x-www-form-urlencoded\b/i.test(String(headers['content-type'] ?? ''))) return []
  if (body === undefined) return []
  if (typeof body === 'string') return decoded(body)
  if (body instanceof Uint8Array) return decoded(Buffer.from(body).toString('latin1'))
  const message = `${id}: the signature covers the form, so it cannot be a stream: pass text or bytes`
  throw new Fault({ kind: 'unsupported', code: 'stream-not-signable', sent: 'none', message })
}

/** As application/x-www-form-urlencoded: a plus is a blank. */
function decoded(text: string): (readonly [string, string])[] {
  return text === '' ? [] : [...new URLSearchParams(text)]
}

function headerOf(parameters: Readonly<Record<string, string>>, realm: string | undefined): string {
  const pairs = Object.entries(parameters).map(([name, value]) => `${strictEncode(name)}="${strictEncode(value)}"`)
  return `OAuth ${[...(realm === undefined ? [] : [`realm="${realm}"`]), ...pairs].join(', ')}`
}
