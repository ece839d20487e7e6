import { nonceBytes, tagBytes } from './aes-gcm.ts'
import type { WrappedKey } from './key-provider.ts'

/** The parts of a sealed value. */
export interface Sealed extends WrappedKey {
  readonly nonce: Uint8Array
  readonly data: Uint8Array
}

/** `pbv1`, then key id, wrapped data key, nonce, ciphertext with tag: base64url, separated by dots. */
const version = 'pbv1'
const part = /^[A-Za-z0-9_-]*$/

export function formatSealed({ keyId, wrapped, nonce, data }: Sealed): string {
  return [version, ...[Buffer.from(keyId), wrapped, nonce, data].map(encode)].join('.')
}

/** Undefined for anything but what {@link formatSealed} writes, to the letter: one value has one text. */
export function parseSealed(text: string): Sealed | undefined {
  const [head, ...parts] = text.split('.')
  if (head !== version || parts.length !== 4 || !parts.every((one) => part.test(one))) return undefined
  const [keyId, wrapped, nonce, data] = parts.map((one) => Buffer.from(one, 'base64url')) as [
    Buffer,
    Buffer,
    Buffer,
    Buffer,
  ]
  if (nonce.length !== nonceBytes || data.length < tagBytes) return undefined
  const sealed = { keyId: keyId.toString(), wrapped, nonce, data }
  return formatSealed(sealed) === text ? sealed : undefined
}

const encode = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64url')
