import { createHash } from 'node:crypto'

/** A short name for values of any length: 128 bits of SHA-256, base64url. Unambiguous about where one value ends. */
export function fingerprint(...parts: readonly unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest().subarray(0, 16).toString('base64url')
}
