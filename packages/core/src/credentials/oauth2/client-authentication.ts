import { createPublicKey, type KeyObject } from 'node:crypto'
import type { Clock, Random } from '../../clock.ts'
import type { TlsIdentity } from '../../http/transport.ts'
import type { JsonSchema } from '../../schema.ts'
import type { MaybeSecret, Secret } from '../../secret.ts'
import type { ConfigCheck } from '../config-check.ts'
import { checkIdentity, type MtlsConfig } from '../mtls.ts'
import { type PrivateKeyInput, readPrivateKey } from '../private-key.ts'
import { checkAlgorithm, type JwtAlgorithm, signJwt } from '../sign-jwt.ts'

/** How the client proves to the token endpoint who it is. */
export type ClientAuthentication =
  /** A public client: it only names itself. */
  | 'none'
  /** RFC 6749 section 2.3.1: HTTP Basic over the form-encoded id and secret. */
  | 'client_secret_basic'
  /** The secret in the body, for vendors that do not know Basic. */
  | 'client_secret_post'
  | PrivateKeyJwt
  | TlsClientAuthentication

/** RFC 7523 section 2.2: an assertion signed with a private key whose public half the vendor knows. */
export interface PrivateKeyJwt {
  readonly method: 'private_key_jwt'
  readonly key: PrivateKeyInput
  /** The `kid` under which the vendor knows the key. */
  readonly keyId?: string | undefined
  /** Default: what the key is for; RS256 for RSA. */
  readonly algorithm?: JwtAlgorithm | undefined
  /** `aud`. Default: the token endpoint. Some vendors want their issuer. */
  readonly audience?: string | undefined
}

/** RFC 8705: the certificate of the TLS connection. The tokens are then usually bound to it, so API calls present it too. */
export interface TlsClientAuthentication extends MtlsConfig {
  readonly method: 'tls_client_auth' | 'self_signed_tls_client_auth'
}

/** Adds the client's proof to a token request. Returns the secrets it wrote, for redaction. */
export interface ClientProof {
  readonly tls: TlsIdentity | undefined
  /** Names what proves the client, for the fingerprint of re-granted tokens. */
  readonly material: string
  /** The proof holds a time, so a wrong clock spoils it. */
  readonly timed: boolean
  write(form: URLSearchParams, headers: Record<string, string>, at: ProofTime): readonly string[]
}

export interface ProofTime {
  readonly clock: Clock
  readonly random: Random
  /** How far the vendor's clock is ahead, milliseconds. */
  readonly skewMs: number
}

const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'
const assertionLifeSeconds = 60

export interface ClientConfig {
  readonly tokenEndpoint: string
  readonly clientId?: string | undefined
  readonly clientSecret?: MaybeSecret | undefined
  /** Default: `client_secret_basic` with a secret, `none` without. */
  readonly authentication?: ClientAuthentication | undefined
}

export const authenticationField: JsonSchema = {
  title: 'Client authentication',
  enum: ['none', 'client_secret_basic', 'client_secret_post'],
}

export function clientProof(check: ConfigCheck, config: ClientConfig): ClientProof {
  const { clientId, clientSecret } = config
  const named = clientId ?? ''
  const method = config.authentication ?? (clientSecret === undefined ? 'none' : 'client_secret_basic')
  if (typeof method === 'object') {
    if (clientSecret !== undefined)
      check.issue('clientSecret', `is not used with ${method.method}: leave one of them out`)
    return method.method === 'private_key_jwt' ? keyProof(check, config, method) : tlsProof(check, named, method)
  }
  check.oneOf('authentication', method, ['none', 'client_secret_basic', 'client_secret_post'])
  if (method === 'none') {
    if (clientSecret !== undefined) check.issue('clientSecret', 'is not used with "none": leave one of them out')
    return { tls: undefined, timed: false, material: '', write: (form) => nameOnly(form, clientId) }
  }
  const secret = check.secret('clientSecret', clientSecret)
  return method === 'client_secret_basic' ? basicProof(named, secret) : postProof(named, secret)
}

function nameOnly(form: URLSearchParams, clientId: string | undefined): readonly string[] {
  if (clientId !== undefined) form.set('client_id', clientId)
  return []
}

function basicProof(clientId: string, secret: Secret): ClientProof {
  return {
    tls: undefined,
    timed: false,
    material: secret.reveal(),
    write(_form, headers) {
      const plain = secret.reveal()
      const pair = Buffer.from(`${formEncode(clientId)}:${formEncode(plain)}`).toString('base64')
      headers.authorization = `Basic ${pair}`
      return [plain, pair]
    },
  }
}

function postProof(clientId: string, secret: Secret): ClientProof {
  return {
    tls: undefined,
    timed: false,
    material: secret.reveal(),
    write(form) {
      form.set('client_id', clientId)
      form.set('client_secret', secret.reveal())
      return [secret.reveal()]
    },
  }
}

function keyProof(check: ConfigCheck, config: ClientConfig, method: PrivateKeyJwt): ClientProof {
  const key = readPrivateKey(check, 'authentication.key', method.key)
  const algorithm = checkAlgorithm(check, 'authentication.algorithm', key, method.algorithm)
  return {
    tls: undefined,
    timed: true,
    material: key === undefined ? '' : createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString(),
    write(form, _headers, { clock, random, skewMs }) {
      const now = Math.floor((clock.now() + skewMs) / 1000)
      const { clientId: id = '', tokenEndpoint } = config
      const header = method.keyId === undefined ? {} : { kid: method.keyId }
      const assertion = signJwt(key as KeyObject, algorithm, header, {
        iss: id,
        sub: id,
        aud: method.audience ?? tokenEndpoint,
        jti: random.uuid(),
        iat: now,
        exp: now + assertionLifeSeconds,
      })
      form.set('client_id', id)
      form.set('client_assertion_type', assertionType)
      form.set('client_assertion', assertion)
      return [assertion]
    },
  }
}

function tlsProof(check: ConfigCheck, clientId: string, method: TlsClientAuthentication): ClientProof {
  const { tls } = checkIdentity(check, method, 'authentication.')
  return { tls, timed: false, material: tls.key ?? '', write: (form) => nameOnly(form, clientId) }
}

/**
 * application/x-www-form-urlencoded of one value, as RFC 6749 appendix B demands inside Basic. A space becomes %20, which every decoder of
 * forms reads, and not "+": there are servers that only undo percent-encoding.
 */
function formEncode(value: string): string {
  return new URLSearchParams([['', value]]).toString().slice(1).replaceAll('+', '%20')
}
