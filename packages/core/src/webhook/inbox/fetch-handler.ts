import type { Clock } from '../../clock.ts'
import type { HeaderFields } from '../verification/message.ts'
import { BodyChunks } from './body-chunks.ts'
import type { Receipt, ReceiveRefusal, Receiver } from './receive.ts'

export interface HandlerLimits {
  readonly clock: Clock
  /** Longest time from the first to the last byte of a body. */
  readonly bodyTimeoutMs: number
}

/** Handles a WHATWG Request (Hono, Next.js, Bun, Deno, workers): reads the body under its limits and answers when it is stored. */
export function fetchHandler(receiver: Receiver, limits: HandlerLimits): (request: Request) => Promise<Response> {
  const { maxBodyBytes, publicOrigin } = receiver.source
  return async (request) => {
    const { method, headers } = request
    if (method !== 'POST' && method !== 'GET' && method !== 'HEAD')
      return response(receiver.refuse('method-not-allowed'))
    if (isEncoded(headers.get('content-encoding'))) return response(receiver.refuse('encoded-body'))
    if (Number(headers.get('content-length') ?? 0) > maxBodyBytes) return response(receiver.refuse('body-too-large'))
    const body = await readBody(request.body, maxBodyBytes, limits)
    if (typeof body === 'string') return response(receiver.refuse(body))
    const url = publicOrigin === undefined ? request.url : publicOrigin + pathOf(request.url)
    return response(await receiver.receive({ method, url, headers: fields(headers), body }))
  }
}

function pathOf(url: string): string {
  const { pathname, search } = new URL(url)
  return pathname + search
}

function fields(headers: Headers): HeaderFields {
  const result = Object.create(null) as Record<string, string>
  for (const [name, value] of headers) result[name] = value
  return result
}

/** What is signed are the bytes before any compression; no sender of webhooks compresses. */
export function isEncoded(contentEncoding: string | null | undefined): boolean {
  return contentEncoding !== null && contentEncoding !== undefined && contentEncoding.toLowerCase() !== 'identity'
}

async function readBody(
  stream: ReadableStream<Uint8Array> | null,
  maxBodyBytes: number,
  { clock, bodyTimeoutMs }: HandlerLimits,
): Promise<Uint8Array | ReceiveRefusal> {
  if (stream === null) return new Uint8Array(0)
  const reader = stream.getReader()
  const chunks = new BodyChunks()
  let late = false
  const stop = clock.timer(bodyTimeoutMs, () => {
    late = true
    void reader.cancel().catch(() => undefined)
  })
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (late) return 'slow-body'
      if (done) return chunks.take()
      if (chunks.size + value.byteLength > maxBodyBytes) {
        void reader.cancel().catch(() => undefined)
        return 'body-too-large'
      }
      chunks.push(value)
    }
  } catch {
    return late ? 'slow-body' : 'aborted-body'
  } finally {
    stop()
  }
}

/** Headers of a receipt: no sniffing of echoed text, a pause for those who shall come back, and the methods that are served. */
export function receiptHeaders(receipt: Receipt): Readonly<Record<string, string>> {
  const headers: Record<string, string> = {}
  if (receipt.contentType !== undefined) {
    headers['content-type'] = receipt.contentType
    headers['x-content-type-options'] = 'nosniff'
  }
  if (receipt.status === 503) headers['retry-after'] = '1'
  if (receipt.status === 405) headers.allow = 'POST'
  return headers
}

function response(receipt: Receipt): Response {
  const { status, body } = receipt
  return new Response(body === undefined || body === '' ? null : body, { status, headers: receiptHeaders(receipt) })
}
