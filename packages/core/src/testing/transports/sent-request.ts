import type { Cancellation } from '../../clock.ts'
import type { HttpBody, HttpHeaders, HttpRequest, HttpResponse } from '../../http/transport.ts'

/** A request that reached a test transport, with its body read. */
export interface SentRequest {
  readonly method: string
  readonly url: string
  readonly path: string
  readonly query: URLSearchParams
  /** Lower-case names; several values joined with `, `. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
  text(): string
  /** @throws SyntaxError when the body is no JSON. */
  json(): unknown
}

export async function readRequest(request: HttpRequest): Promise<SentRequest> {
  const url = new URL(request.url)
  const body = await bytesOf(request.body)
  const text = (): string => Buffer.from(body).toString('utf8')
  return {
    method: request.method,
    url: url.href,
    path: url.pathname,
    query: url.searchParams,
    headers: plainHeaders(request.headers ?? {}),
    body,
    text,
    json: () => JSON.parse(text()),
  }
}

export function plainHeaders(headers: HttpHeaders): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name.toLowerCase(),
      typeof value === 'string' ? value : value.join(', '),
    ]),
  )
}

async function bytesOf(body: HttpBody | undefined): Promise<Uint8Array> {
  if (body === undefined) return new Uint8Array()
  if (typeof body === 'string') return Buffer.from(body, 'utf8')
  if (body instanceof Uint8Array) return body
  const chunks: Uint8Array[] = []
  for await (const chunk of body) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/** The answer in the form that the request asked for: buffered, or as a stream of one chunk. */
export function responseFor(
  request: HttpRequest,
  answer: Pick<HttpResponse, 'status' | 'statusText' | 'headers' | 'body'>,
): HttpResponse {
  const { href } = new URL(request.url)
  if (request.response !== 'stream') return { ...answer, url: href, stream: undefined }
  const { body } = answer
  async function* once(): AsyncGenerator<Uint8Array> {
    if (body.length > 0) yield body
  }
  return { ...answer, url: href, body: new Uint8Array(), stream: once() }
}

/** `work`, given up with the cancellation's reason. */
export async function unlessCancelled<T>(cancellation: Cancellation | undefined, work: () => Promise<T>): Promise<T> {
  if (cancellation === undefined) return work()
  if (cancellation.cancelReason !== undefined) throw cancellation.cancelReason
  let stop: () => void = () => undefined
  const cancelled = new Promise<never>((_, reject) => {
    stop = cancellation.onCancel(reject)
  })
  try {
    return await Promise.race([work(), cancelled])
  } finally {
    stop()
  }
}
