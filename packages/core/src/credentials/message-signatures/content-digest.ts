import { createHash, timingSafeEqual } from 'node:crypto'
import { isInnerList, parseDictionary } from './structured-fields.ts'

/** Digest algorithms of RFC 9530 that are fit for signatures. */
export type DigestAlgorithm = 'sha-256' | 'sha-512'

const hashes: Readonly<Record<DigestAlgorithm, string>> = { 'sha-256': 'sha256', 'sha-512': 'sha512' }

/**
 * The value of a Content-Digest field.
 * @see https://www.rfc-editor.org/rfc/rfc9530#section-2
 */
export function contentDigest(body: string | Uint8Array, algorithm: DigestAlgorithm = 'sha-256'): string {
  return `${algorithm}=:${createHash(hashes[algorithm]).update(body).digest('base64')}:`
}

/** True when every digest that we know fits and there is at least one; unknown algorithms are passed over, as the RFC says. */
export function verifyContentDigest(field: string, body: string | Uint8Array): boolean {
  let known = 0
  for (const [name, member] of parseDictionary(field) ?? []) {
    const hash = Object.hasOwn(hashes, name) ? hashes[name as DigestAlgorithm] : undefined
    if (hash === undefined) continue
    if (isInnerList(member) || member.bare.kind !== 'bytes') return false
    const expected = createHash(hash).update(body).digest()
    if (member.bare.bytes.length !== expected.length || !timingSafeEqual(member.bare.bytes, expected)) return false
    known++
  }
  return known > 0
}
