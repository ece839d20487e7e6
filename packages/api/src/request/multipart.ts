import type { Random } from '@patchbay/core'
import { type BodySource, isBodySource } from './body.ts'

/** One part of a multipart/form-data body (RFC 7578). */
export interface MultipartPart {
  readonly name: string
  /** Text, bytes, a Blob or File, or a source with or without a known size. */
  readonly value: string | Uint8Array | Blob | BodySource
  /** Makes the part a file. Default: the name of a File. */
  readonly fileName?: string | undefined
  /** Media type. Default: the value's own; files without one are `application/octet-stream`. */
  readonly type?: string | undefined
}

interface ReadyPart {
  readonly head: Uint8Array
  readonly size: number | undefined
  open(): AsyncIterable<Uint8Array> | Iterable<Uint8Array>
}

const lineEnd = Buffer.from('\r\n')

/** A body that streams its parts one after the other, again for each attempt. */
export function multipartBody(parts: readonly MultipartPart[], random: Random): BodySource {
  // 128 bits of chance: no part holds it.
  const boundary = `patchbay-${random.uuid()}`
  const ready = parts.map((part) => readyPart(part, boundary))
  const end = Buffer.from(`--${boundary}--\r\n`)
  let size: number | undefined = end.byteLength
  for (const part of ready)
    size =
      size === undefined || part.size === undefined
        ? undefined
        : size + part.head.byteLength + part.size + lineEnd.byteLength
  return {
    size,
    type: `multipart/form-data; boundary=${boundary}`,
    async *open() {
      for (const part of ready) {
        yield part.head
        yield* part.open()
        yield lineEnd
      }
      yield end
    },
  }
}

function readyPart({ name, value, fileName, type }: MultipartPart, boundary: string): ReadyPart {
  const file = fileName ?? (value instanceof File ? value.name : undefined)
  const given = type ?? ownType(value) ?? (file === undefined ? undefined : 'application/octet-stream')
  const lines = [
    `--${boundary}`,
    `Content-Disposition: form-data; name="${quoted(name)}"${file === undefined ? '' : `; filename="${quoted(file)}"`}`,
    ...(given === undefined ? [] : [`Content-Type: ${given.replace(/[\r\n]/g, '')}`]),
    '\r\n',
  ]
  const head = Buffer.from(lines.join('\r\n'))
  if (typeof value === 'string' || value instanceof Uint8Array) {
    const bytes = typeof value === 'string' ? Buffer.from(value) : value
    return { head, size: bytes.byteLength, open: () => [bytes] }
  }
  if (isBodySource(value as BodySource))
    return { head, size: (value as BodySource).size, open: () => (value as BodySource).open() }
  const blob = value as Blob
  return { head, size: blob.size, open: () => blob.stream() as unknown as AsyncIterable<Uint8Array> }
}

function ownType(value: MultipartPart['value']): string | undefined {
  const type = typeof value === 'string' || value instanceof Uint8Array ? undefined : value.type
  return type === '' ? undefined : type
}

/** As browsers write it (HTML, multipart/form-data encoding algorithm). */
function quoted(text: string): string {
  return text.replaceAll('\n', '%0A').replaceAll('\r', '%0D').replaceAll('"', '%22')
}
