import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import type { BodySource } from '../request/body.ts'

/** Bytes of a known size that can be read from any place, as often as needed. */
export interface RangeSource extends BodySource {
  readonly size: number
  /** `to` included. Default: all. */
  open(range?: { readonly from: number; readonly to: number }): AsyncIterable<Uint8Array>
}

/** A file as a body: streamed, its length known, opened anew for each attempt. The file must not change meanwhile. */
export async function fileSource(
  path: string,
  options: { readonly type?: string | undefined } = {},
): Promise<RangeSource> {
  const { size } = await stat(path)
  return {
    size,
    type: options.type ?? 'application/octet-stream',
    async *open(range) {
      if (size === 0) return
      const { from, to } = range ?? { from: 0, to: size - 1 }
      yield* createReadStream(path, { start: from, end: to }) as AsyncIterable<Uint8Array>
    },
  }
}

/** Bytes in memory as a body that can be sent in parts. */
export function bytesSource(bytes: Uint8Array, options: { readonly type?: string | undefined } = {}): RangeSource {
  return {
    size: bytes.byteLength,
    type: options.type ?? 'application/octet-stream',
    async *open(range) {
      yield range === undefined ? bytes : bytes.subarray(range.from, range.to + 1)
    },
  }
}
