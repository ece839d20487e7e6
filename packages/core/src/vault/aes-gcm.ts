import { createCipheriv, createDecipheriv } from 'node:crypto'

export const keyBytes = 32
export const nonceBytes = 12
export const tagBytes = 16

/** AES-256-GCM (NIST SP 800-38D); gives ciphertext and tag in one. A pair of key and nonce must never come twice. */
export function encrypt(key: Uint8Array, nonce: Uint8Array, plain: Uint8Array, associated: Uint8Array): Buffer {
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: tagBytes })
  cipher.setAAD(associated)
  return Buffer.concat([cipher.update(plain), cipher.final(), cipher.getAuthTag()])
}

/** Undefined when anything does not fit: key, nonce, ciphertext, tag or associated data. Nothing is given before the tag was checked. */
export function decrypt(
  key: Uint8Array,
  nonce: Uint8Array,
  sealed: Uint8Array,
  associated: Uint8Array,
): Buffer | undefined {
  if (sealed.length < tagBytes || nonce.length !== nonceBytes) return undefined
  const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: tagBytes })
  decipher.setAAD(associated)
  decipher.setAuthTag(sealed.subarray(sealed.length - tagBytes))
  try {
    const plain = decipher.update(sealed.subarray(0, sealed.length - tagBytes))
    return Buffer.concat([plain, decipher.final()])
  } catch {
    return undefined
  }
}
