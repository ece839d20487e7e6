import { createHash } from 'node:crypto'

/** How errors name a body without holding it: its size and the first 16 hex digits of its SHA-256. */
export function bodyHash(body: Uint8Array): string {
  return `${body.byteLength} bytes, sha256 ${createHash('sha256').update(body).digest('hex').slice(0, 16)}`
}
