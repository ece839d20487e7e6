import { createPrivateKey, type JsonWebKey, type KeyObject } from 'node:crypto'
import { Secret } from '../secret.ts'
import type { ConfigCheck } from './config-check.ts'

/** A private key: PEM (PKCS #8, PKCS #1, SEC 1) or a JSON Web Key as text or object. */
export type PrivateKeyInput = string | JsonWebKey | Secret<string> | Secret<JsonWebKey>

/** Parses once; a KeyObject shows no key material when printed. */
export function readPrivateKey(
  check: ConfigCheck,
  path: string,
  input: PrivateKeyInput | undefined,
): KeyObject | undefined {
  const plain = input instanceof Secret ? input.reveal() : input
  if (plain === undefined || plain === '') {
    check.issue(path, 'is missing: pass a private key in PEM or JWK form')
    return undefined
  }
  try {
    if (typeof plain === 'string' && !plain.trimStart().startsWith('{')) return createPrivateKey(plain)
    const jwk = typeof plain === 'string' ? (JSON.parse(plain) as JsonWebKey) : plain
    return createPrivateKey({ key: jwk, format: 'jwk' })
  } catch {
    check.issue(path, 'is not a private key in PEM or JWK form (line breaks of a PEM lost in an environment variable?)')
    return undefined
  }
}
