import { constants, createHmac, type KeyObject, sign, timingSafeEqual, verify } from 'node:crypto'

/** The algorithms of RFC 9421 section 3.3. */
export const signatureAlgorithms = [
  'rsa-pss-sha512',
  'rsa-v1_5-sha256',
  'hmac-sha256',
  'ecdsa-p256-sha256',
  'ecdsa-p384-sha384',
  'ed25519',
] as const
export type SignatureAlgorithm = (typeof signatureAlgorithms)[number]

const pss = { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 64 }

export function signBase(algorithm: SignatureAlgorithm, key: KeyObject, base: Buffer): Buffer {
  switch (algorithm) {
    case 'rsa-pss-sha512':
      return sign('sha512', base, { key, ...pss })
    case 'rsa-v1_5-sha256':
      return sign('sha256', base, key)
    case 'hmac-sha256':
      return createHmac('sha256', key).update(base).digest()
    case 'ecdsa-p256-sha256':
      return sign('sha256', base, { key, dsaEncoding: 'ieee-p1363' })
    case 'ecdsa-p384-sha384':
      return sign('sha384', base, { key, dsaEncoding: 'ieee-p1363' })
    case 'ed25519':
      return sign(null, base, key)
  }
}

export function verifyBase(algorithm: SignatureAlgorithm, key: KeyObject, base: Buffer, signature: Buffer): boolean {
  switch (algorithm) {
    case 'rsa-pss-sha512':
      return verify('sha512', base, { key, ...pss }, signature)
    case 'rsa-v1_5-sha256':
      return verify('sha256', base, key, signature)
    case 'hmac-sha256': {
      const expected = createHmac('sha256', key).update(base).digest()
      return signature.length === expected.length && timingSafeEqual(signature, expected)
    }
    case 'ecdsa-p256-sha256':
      return verify('sha256', base, { key, dsaEncoding: 'ieee-p1363' }, signature)
    case 'ecdsa-p384-sha384':
      return verify('sha384', base, { key, dsaEncoding: 'ieee-p1363' }, signature)
    case 'ed25519':
      return verify(null, base, key, signature)
  }
}

/** Whether a key is of the kind that an algorithm works with: using a public key as an HMAC secret is the classic forgery. */
export function fitsKey(algorithm: SignatureAlgorithm, key: KeyObject): boolean {
  const { type, asymmetricKeyType, asymmetricKeyDetails } = key
  if (algorithm === 'hmac-sha256') return type === 'secret'
  if (type === 'secret') return false
  if (algorithm === 'rsa-pss-sha512') return asymmetricKeyType === 'rsa' || asymmetricKeyType === 'rsa-pss'
  if (algorithm === 'rsa-v1_5-sha256') return asymmetricKeyType === 'rsa'
  if (algorithm === 'ed25519') return asymmetricKeyType === 'ed25519'
  const curve = algorithm === 'ecdsa-p256-sha256' ? 'prime256v1' : 'secp384r1'
  return asymmetricKeyType === 'ec' && asymmetricKeyDetails?.namedCurve === curve
}
