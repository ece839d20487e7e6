import { constants, createPublicKey, verify } from 'node:crypto'

export interface Assertion {
  readonly header: Readonly<Record<string, unknown>>
  readonly claims: Readonly<Record<string, unknown>>
}

/** Checks an assertion as RFC 7523 section 3 demands: signature, issuer, audience, times, one use. Undefined when anything is off. */
export function verifyAssertion(
  text: string,
  expected: {
    readonly publicKey: string
    readonly issuer: string
    readonly audience: readonly string[]
    readonly now: number
  },
  seen: Set<string>,
): Assertion | undefined {
  const parts = text.split('.')
  if (parts.length !== 3) return undefined
  const header = decode(parts[0])
  const claims = decode(parts[1])
  if (header === undefined || claims === undefined) return undefined
  const data = Buffer.from(`${parts[0]}.${parts[1]}`)
  if (!signed(String(header.alg), data, expected.publicKey, Buffer.from(parts[2] ?? '', 'base64url'))) return undefined
  const seconds = expected.now / 1000
  const { iss, sub, aud, exp, iat, jti } = claims
  const timely =
    typeof exp === 'number' && exp > seconds && exp < seconds + 3600 && typeof iat === 'number' && iat < seconds + 10
  if (!timely || iss !== expected.issuer || typeof sub !== 'string' || !expected.audience.includes(String(aud)))
    return undefined
  if (typeof jti !== 'string' || seen.has(jti)) return undefined
  seen.add(jti)
  return { header, claims }
}

function signed(algorithm: string, data: Buffer, publicKey: string, signature: Buffer): boolean {
  const key = createPublicKey(publicKey)
  const hash = `sha${algorithm.slice(2)}`
  if (algorithm === 'EdDSA') return verify(null, data, key, signature)
  if (/^ES(256|384|512)$/.test(algorithm)) return verify(hash, data, { key, dsaEncoding: 'ieee-p1363' }, signature)
  if (/^PS(256|384|512)$/.test(algorithm))
    return verify(
      hash,
      data,
      { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_DIGEST },
      signature,
    )
  return /^RS(256|384|512)$/.test(algorithm) && verify(hash, data, key, signature)
}

function decode(part: string | undefined): Record<string, unknown> | undefined {
  try {
    return JSON.parse(Buffer.from(part ?? '', 'base64url').toString()) as Record<string, unknown>
  } catch {
    return undefined
  }
}
