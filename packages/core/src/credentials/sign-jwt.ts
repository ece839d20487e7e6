import { constants, createHmac, type KeyObject, sign } from 'node:crypto'
import type { ConfigCheck } from './config-check.ts'

/**
 * Signature algorithms for assertions that we make ourselves (RFC 7518, RFC 8037).
 *
 * Made with node:crypto and not with jose: signing is twenty lines, jose costs an import and a second key cache, and here is nothing to
 * verify or to decrypt, where a library earns its keep. The tests let jose verify every algorithm.
 */
export const jwtAlgorithms = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
] as const
export type JwtAlgorithm = (typeof jwtAlgorithms)[number]

const curves: Readonly<Record<string, JwtAlgorithm>> = { prime256v1: 'ES256', secp384r1: 'ES384', secp521r1: 'ES512' }

/** The algorithm that a key is for when the user names none. */
export function defaultAlgorithm(key: KeyObject): JwtAlgorithm | undefined {
  switch (key.asymmetricKeyType) {
    case 'rsa':
      return 'RS256'
    case 'rsa-pss':
      return 'PS256'
    case 'ed25519':
    case 'ed448':
      return 'EdDSA'
    case 'ec':
      return curves[key.asymmetricKeyDetails?.namedCurve ?? '']
    default:
      return undefined
  }
}

export function checkAlgorithm(
  check: ConfigCheck,
  path: string,
  key: KeyObject | undefined,
  algorithm: JwtAlgorithm | undefined,
): JwtAlgorithm {
  const chosen = algorithm === undefined ? undefined : check.oneOf(path, algorithm, jwtAlgorithms)
  const standard = key === undefined ? 'RS256' : defaultAlgorithm(key)
  if (standard === undefined) check.issue(path, 'has no JWT signature algorithm for this kind of key')
  if (chosen === undefined || standard === undefined) return standard ?? 'RS256'
  const fits =
    chosen === standard ||
    (key?.asymmetricKeyType === 'rsa' && /^[RP]S/.test(chosen)) ||
    (key?.asymmetricKeyType === 'rsa-pss' && chosen.startsWith('PS'))
  if (!fits) check.issue(path, `is ${chosen}, but the key is for ${standard}`)
  return chosen
}

export function signJwt(
  key: KeyObject,
  algorithm: JwtAlgorithm,
  header: Readonly<Record<string, unknown>>,
  claims: Readonly<Record<string, unknown>>,
): string {
  const input = `${encode({ alg: algorithm, typ: 'JWT', ...header })}.${encode(claims)}`
  return `${input}.${signatureOf(key, algorithm, Buffer.from(input)).toString('base64url')}`
}

/** HS256 with a shared secret, for vendors whose "connected apps" use one. */
export function signSharedJwt(
  secret: Uint8Array,
  header: Readonly<Record<string, unknown>>,
  claims: Readonly<Record<string, unknown>>,
): string {
  const input = `${encode({ alg: 'HS256', typ: 'JWT', ...header })}.${encode(claims)}`
  return `${input}.${createHmac('sha256', secret).update(input).digest('base64url')}`
}

function signatureOf(key: KeyObject, algorithm: JwtAlgorithm, data: Buffer): Buffer {
  if (algorithm === 'EdDSA') return sign(null, data, key)
  const hash = `sha${algorithm.slice(2)}`
  if (algorithm.startsWith('ES')) return sign(hash, data, { key, dsaEncoding: 'ieee-p1363' })
  if (algorithm.startsWith('PS'))
    return sign(hash, data, {
      key,
      padding: constants.RSA_PKCS1_PSS_PADDING,
      saltLength: constants.RSA_PSS_SALTLEN_DIGEST,
    })
  return sign(hash, data, key)
}

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
