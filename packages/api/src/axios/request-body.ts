import { PassThrough, Readable, Stream } from 'node:stream'
import { Fault, type HttpBody } from '@patchbay/core'

/** What axios' request transforms leave behind, as a body of the transport, with headers that come out of the data itself. */
export async function bodyFrom(
  data: unknown,
): Promise<{ body: HttpBody | undefined; headers?: Record<string, string> }> {
  if (data instanceof FormData) {
    const { body, headers } = new Response(data)
    return {
      body: (body as AsyncIterable<Uint8Array> | null) ?? undefined,
      headers: { 'content-type': headers.get('content-type') ?? '' },
    }
  }
  if (data instanceof Blob) {
    const type: Record<string, string> = data.type === '' ? {} : { 'content-type': data.type }
    return { body: new Uint8Array(await data.arrayBuffer()), headers: type }
  }
  if (data instanceof Stream) {
    // The form-data package describes its boundary in headers of its own, and is a stream of the oldest kind.
    const own = (data as Stream & { getHeaders?: () => Record<string, string> }).getHeaders?.()
    const body = data instanceof Readable ? data : data.pipe(new PassThrough())
    return own === undefined ? { body } : { body, headers: own }
  }
  if (isAsyncIterable(data)) return { body: data }
  throw new Fault({
    kind: 'invalid-input',
    sent: 'none',
    issues: [{ path: 'data', message: 'cannot be sent: give text, bytes, a stream, a form or JSON' }],
  })
}

/** The common bodies, without waiting. Undefined: ask {@link bodyFrom}. */
export function simpleBody(data: unknown): { readonly body: HttpBody | undefined } | undefined {
  if (data === undefined || data === null) return nobody
  if (typeof data === 'string' || data instanceof Uint8Array) return { body: data }
  if (data instanceof ArrayBuffer) return { body: new Uint8Array(data) }
  if (ArrayBuffer.isView(data)) return { body: new Uint8Array(data.buffer, data.byteOffset, data.byteLength) }
  return undefined
}

const nobody = { body: undefined }

function isAsyncIterable(value: unknown): value is AsyncIterable<Uint8Array> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value
}
