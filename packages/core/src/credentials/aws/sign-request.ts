import type { SignableRequest } from '../../credential.ts'
import { Fault } from '../../errors.ts'
import { strictEncode } from '../query.ts'
import type { ReadyKeys } from './aws-keys.ts'
import { canonicalRequest, sha256Hex } from './canonical-request.ts'
import { algorithm, awsDate, scopeText } from './signature.ts'

/** What is signed for. */
export interface AwsTarget {
  readonly region: string
  /** The signing name, such as `s3`, `dynamodb`, `execute-api`. */
  readonly service: string
  /**
   * `signed` (default) hashes the body; a stream is then refused, except for S3, where it goes unsigned over TLS. `unsigned` hashes
   * no body: S3 only.
   */
  readonly payload?: 'signed' | 'unsigned' | undefined
}

/** Fields that the way to the server may change, or that are ours. */
const unsigned: ReadonlySet<string> = new Set([
  'accept-encoding',
  'authorization',
  'cache-control',
  'connection',
  'expect',
  'from',
  'keep-alive',
  'max-forwards',
  'pragma',
  'proxy-authorization',
  'referer',
  'te',
  'traceparent',
  'tracestate',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'user-agent',
  'x-amzn-trace-id',
])

export const unsignedPayload = 'UNSIGNED-PAYLOAD'
/** Body in aws-chunked framing with a checksum in the trailer, as S3 SDKs send streams. */
const streamingUnsigned = 'STREAMING-UNSIGNED-PAYLOAD-TRAILER'

const isS3 = ({ service }: AwsTarget): boolean =>
  service === 's3' || service === 's3express' || service === 's3-outposts'

/** Signs in headers, in place. `now` is wall-clock milliseconds of the service. */
export function signHeaders(request: SignableRequest, keys: ReadyKeys, target: AwsTarget, now: number): void {
  const date = awsDate(now)
  const url = plainQuery(request)
  const { headers } = request
  const payload = payloadOf(request, target)
  headers['x-amz-date'] = date
  headers['x-amz-content-sha256'] = payload
  const { sessionToken } = keys
  if (sessionToken !== undefined) headers['x-amz-security-token'] = sessionToken
  const canonical = canonicalRequest({
    method: request.method,
    path: url.pathname,
    query: url.search.slice(1),
    headers: signable(headers, url.host),
    payload,
    doubleEncode: !isS3(target),
    normalize: !isS3(target),
  })
  const scope = { date, region: target.region, service: target.service }
  const signature = keys.maker.sign(scope, canonical.text)
  const credential = `${keys.accessKeyId}/${scopeText(scope)}`
  headers.authorization = `${algorithm} Credential=${credential}, SignedHeaders=${canonical.signedHeaders}, Signature=${signature}`
}

/** The signed URL. Header fields given here must be sent with it as they are. */
export function signQuery(
  request: Pick<SignableRequest, 'method' | 'url' | 'headers'>,
  keys: ReadyKeys,
  target: AwsTarget,
  now: number,
  expiresInSeconds: number,
): string {
  const url = plainQuery(request)
  const scope = { date: awsDate(now), region: target.region, service: target.service }
  const headers = signable(request.headers, url.host)
  const { sessionToken } = keys
  const added: Record<string, string | undefined> = {
    'X-Amz-Algorithm': algorithm,
    'X-Amz-Credential': `${keys.accessKeyId}/${scopeText(scope)}`,
    'X-Amz-Date': scope.date,
    'X-Amz-Expires': String(expiresInSeconds),
    'X-Amz-SignedHeaders': Object.keys(headers).sort().join(';'),
    'X-Amz-Security-Token': sessionToken,
  }
  for (const [name, value] of Object.entries(added)) {
    if (value !== undefined) url.search += `${url.search === '' ? '' : '&'}${name}=${strictEncode(value)}`
  }
  const canonical = canonicalRequest({
    method: request.method,
    path: url.pathname,
    query: url.search.slice(1),
    headers,
    payload: isS3(target) ? unsignedPayload : sha256Hex(''),
    doubleEncode: !isS3(target),
    normalize: !isS3(target),
  })
  return `${url.origin}${url.pathname}${url.search}&X-Amz-Signature=${keys.maker.sign(scope, canonical.text)}`
}

function signable(headers: SignableRequest['headers'], host: string): Record<string, string> {
  const chosen: Record<string, string> = { host }
  for (const [name, value] of Object.entries(headers)) {
    const lower = name.toLowerCase()
    if (!unsigned.has(lower)) chosen[lower] = typeof value === 'string' ? value : value.join(',')
  }
  return chosen
}

/** Writes spaces in the query as %20 into the request: servers do not agree on what "+" means. */
function plainQuery(request: { url: string }): URL {
  const url = new URL(request.url)
  if (url.search.includes('+')) {
    url.search = url.search.replaceAll('+', '%20')
    request.url = url.href
  }
  return url
}

function payloadOf(request: SignableRequest, target: AwsTarget): string {
  const given = request.headers['x-amz-content-sha256']
  if (typeof given === 'string') return given
  const { body } = request
  const secure = request.url.startsWith('https:')
  if (target.payload === 'unsigned') {
    if (isS3(target)) return unsignedPayload
    throw unsupported(`${target.service} accepts no unsigned payload: leave "payload" out`)
  }
  if (body === undefined) return sha256Hex('')
  if (typeof body === 'string' || body instanceof Uint8Array) return sha256Hex(body)
  if (!isS3(target))
    throw unsupported(`${target.service} needs the hash of the body: pass it as text or bytes, not as a stream`)
  if (!secure) throw unsupported('a stream goes unsigned, which is safe only over https: pass text or bytes')
  return String(request.headers['content-encoding'] ?? '').includes('aws-chunked') ? streamingUnsigned : unsignedPayload
}

function unsupported(message: string): Fault {
  return new Fault({ kind: 'unsupported', code: 'unsigned-payload', sent: 'none', message: `aws-sigv4: ${message}` })
}
