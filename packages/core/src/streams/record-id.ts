import { createHash } from 'node:crypto'

const longestPlain = 64

/** Text that stands for an identity: itself while short, else 128 bits of its SHA-256, so that sets of them stay small. */
export function recordId(...parts: readonly string[]): string {
  const text = parts.length === 1 ? (parts[0] as string) : parts.join('\n')
  if (text.length <= longestPlain) return `=${text}`
  return `#${createHash('sha256').update(text).digest('base64url').slice(0, 22)}`
}
