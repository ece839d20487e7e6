import { createPublicKey, type JsonWebKey, KeyObject } from 'node:crypto'
import { patchbayError } from '../../errors.ts'

/**
 * A public key: a KeyObject, a JWK, PEM text, or one line of text that is SPKI in base64, or a bare Ed25519 key of 32 bytes in hex,
 * base64 or base64 after `whpk_` (Standard Webhooks).
 */
export type PublicKeyInput = KeyObject | JsonWebKey | string

export const standardWebhooksPublicPrefix = 'whpk_'
const ed25519SpkiHead = Buffer.from('302a300506032b6570032100', 'hex')

export function readPublicKey(input: PublicKeyInput, name: string): KeyObject {
  try {
    const key = toKeyObject(input)
    if (key.type === 'private') return createPublicKey(key)
    if (key.type === 'public') return key
  } catch {
    // The library's own message may quote the key.
  }
  throw patchbayError({
    kind: 'config',
    message: `webhook verifier: ${name} is no public key; give PEM, a JWK, SPKI in base64, or an Ed25519 key in hex or base64`,
  })
}

function toKeyObject(input: PublicKeyInput): KeyObject {
  if (input instanceof KeyObject) return input
  if (typeof input !== 'string') return createPublicKey({ key: input, format: 'jwk' })
  const text = input.trim()
  if (text.startsWith('-----BEGIN')) return createPublicKey(text)
  if (/^[0-9a-fA-F]{64}$/.test(text)) return ed25519Key(Buffer.from(text, 'hex'))
  const bytes = Buffer.from(
    text.startsWith(standardWebhooksPublicPrefix) ? text.slice(standardWebhooksPublicPrefix.length) : text,
    'base64',
  )
  if (bytes.length === 32) return ed25519Key(bytes)
  return createPublicKey({ key: bytes, format: 'der', type: 'spki' })
}

export function ed25519Key(bytes: Uint8Array): KeyObject {
  return createPublicKey({ key: Buffer.concat([ed25519SpkiHead, bytes]), format: 'der', type: 'spki' })
}

/** What an algorithm demands of a key: a message can never make a key serve another algorithm. */
export type KeyDemand = 'rsa' | 'ec-p256' | 'ec-p384' | 'ec-p521' | 'ed25519'

const curves = { 'ec-p256': 'prime256v1', 'ec-p384': 'secp384r1', 'ec-p521': 'secp521r1' } as const

export function keyFits(key: KeyObject, demand: KeyDemand): boolean {
  const { asymmetricKeyType: type, asymmetricKeyDetails: details } = key
  if (demand === 'rsa') return type === 'rsa' && (details?.modulusLength ?? 0) >= 2048
  if (demand === 'ed25519') return type === 'ed25519'
  return type === 'ec' && details?.namedCurve === curves[demand]
}
