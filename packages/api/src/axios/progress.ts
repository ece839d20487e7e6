import type { HttpBody } from '@patchbay/core'
import type { AxiosProgressEvent } from 'axios'

type Listener = (event: AxiosProgressEvent) => void

/** Tells a listener about the bytes that pass. */
export async function* counted(
  source: AsyncIterable<Uint8Array>,
  total: number | undefined,
  direction: 'upload' | 'download',
  listener: Listener,
): AsyncGenerator<Uint8Array> {
  let loaded = 0
  for await (const chunk of source) {
    const bytes = chunk.byteLength
    loaded += bytes
    listener(eventOf(loaded, bytes, total, direction))
    yield chunk
  }
}

/** An upload with its progress. Text and bytes leave in one piece, so they are told once. */
export function countedUpload(body: HttpBody | undefined, listener: Listener): HttpBody | undefined {
  if (body === undefined) return undefined
  if (typeof body === 'object' && Symbol.asyncIterator in body) return counted(body, undefined, 'upload', listener)
  const size = typeof body === 'string' ? Buffer.byteLength(body) : body.byteLength
  listener(eventOf(size, size, size, 'upload'))
  return body
}

function eventOf(
  loaded: number,
  bytes: number,
  total: number | undefined,
  direction: 'upload' | 'download',
): AxiosProgressEvent {
  return {
    loaded,
    bytes,
    lengthComputable: total !== undefined,
    ...(total === undefined ? {} : { total, progress: total === 0 ? 1 : loaded / total }),
    [direction]: true,
  }
}
