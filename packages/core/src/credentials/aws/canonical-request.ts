import { createHash } from 'node:crypto'
import { strictEncode } from '../query.ts'

/** A request as Signature Version 4 sees it. */
export interface CanonicalInput {
  readonly method: string
  /** As it is sent, percent-encoded. */
  readonly path: string
  /** Without "?". */
  readonly query: string
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>
  /** What stands for the body: a hash in hex or a marker. */
  readonly payload: string
  /** Encode the path as sent once more. True for all services but S3. */
  readonly doubleEncode: boolean
  /** Remove dot segments and empty segments. True for all services but S3, where they are part of keys. */
  readonly normalize: boolean
}

export interface CanonicalRequest {
  readonly text: string
  readonly signedHeaders: string
}

/** @see https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html */
export function canonicalRequest(input: CanonicalInput): CanonicalRequest {
  const names = Object.keys(input.headers).sort()
  const headers = names.map((name) => `${name}:${(input.headers[name] ?? '').trim().replace(/[ \t]+/g, ' ')}\n`)
  const signedHeaders = names.join(';')
  const text = [
    input.method,
    canonicalPath(input),
    canonicalQuery(input.query),
    headers.join(''),
    signedHeaders,
    input.payload,
  ].join('\n')
  return { text, signedHeaders }
}

function canonicalPath({ path, doubleEncode, normalize }: CanonicalInput): string {
  const whole = normalize ? withoutDots(path) : path || '/'
  const segments = whole.split('/')
  // S3 decodes what it got and encodes it strictly; the others encode what they got.
  return segments.map((segment) => strictEncode(doubleEncode ? segment : decode(segment))).join('/')
}

function withoutDots(path: string): string {
  const kept: string[] = []
  for (const segment of path.split('/')) {
    if (segment === '..') kept.pop()
    else if (segment !== '' && segment !== '.') kept.push(segment)
  }
  return `/${kept.join('/')}${kept.length > 0 && path.endsWith('/') ? '/' : ''}`
}

function canonicalQuery(query: string): string {
  const pairs = query
    .split('&')
    .filter((part) => part !== '')
    .map((part) => {
      const end = part.indexOf('=')
      const [name, value] = end === -1 ? [part, ''] : [part.slice(0, end), part.slice(end + 1)]
      return [strictEncode(decode(name)), strictEncode(decode(value))] as const
    })
  pairs.sort(([a, x], [b, y]) => compare(a, b) || compare(x, y))
  return pairs.map(([name, value]) => `${name}=${value}`).join('&')
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

export function sha256Hex(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex')
}
