import { constants, createHmac, type KeyObject, timingSafeEqual, verify } from 'node:crypto'
import type { JwtAlgorithm } from '../scheme.ts'
import { type KeyDemand, keyFits } from './public-keys.ts'

interface Algorithm {
  readonly hash: string | null
  readonly demand: KeyDemand | 'secret'
  readonly settings?: object
}

const pss = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST }
const plainForm = { dsaEncoding: 'ieee-p1363' }

/** RFC 7518 section 3 and RFC 8037. `none` is not here, so it cannot be asked for. */
export const jwtAlgorithms: Readonly<Record<JwtAlgorithm, Algorithm>> = {
  HS256: { hash: 'sha256', demand: 'secret' },
  HS384: { hash: 'sha384', demand: 'secret' },
  HS512: { hash: 'sha512', demand: 'secret' },
  RS256: { hash: 'sha256', demand: 'rsa' },
  RS384: { hash: 'sha384', demand: 'rsa' },
  RS512: { hash: 'sha512', demand: 'rsa' },
  PS256: { hash: 'sha256', demand: 'rsa', settings: pss },
  PS384: { hash: 'sha384', demand: 'rsa', settings: pss },
  PS512: { hash: 'sha512', demand: 'rsa', settings: pss },
  ES256: { hash: 'sha256', demand: 'ec-p256', settings: plainForm },
  ES384: { hash: 'sha384', demand: 'ec-p384', settings: plainForm },
  ES512: { hash: 'sha512', demand: 'ec-p521', settings: plainForm },
  EdDSA: { hash: null, demand: 'ed25519' },
}

/** Whether `signature` over `input` is the key's. False for a key of another kind, whatever the token claims. */
export function jwtSignatureHolds(name: JwtAlgorithm, key: KeyObject, input: string, signature: Uint8Array): boolean {
  const { hash, demand, settings } = jwtAlgorithms[name]
  if (demand === 'secret') {
    if (key.type !== 'secret' || hash === null) return false
    const ours = createHmac(hash, key).update(input, 'latin1').digest()
    return ours.length === signature.length && timingSafeEqual(ours, signature)
  }
  if (key.type !== 'public' || !keyFits(key, demand)) return false
  return verify(hash, Buffer.from(input, 'latin1'), { key, ...settings }, signature)
}
