import * as zlib from 'node:zlib'
import { Fault } from '../errors.ts'

/** More codings than this on one response serve nobody but an attacker. */
const mostCodings = 3

/** Encoded bodies up to here are decoded at once: cheaper than the way through the thread pool. */
const smallEncoded = 16 * 1024
const smallDecoded = 1024 * 1024

type Coding = 'gzip' | 'deflate' | 'br' | 'zstd'
type Decode = (input: Uint8Array, options: { maxOutputLength: number }) => Buffer
type DecodeLater = (
  input: Uint8Array,
  options: { maxOutputLength: number },
  callback: (error: Error | null, output: Buffer) => void,
) => void

let zstd: boolean | undefined

/** zstd came with Node 22.15, but Node 22 takes a cut frame for a whole one: a body that broke off would pass as complete. */
function hasZstd(): boolean {
  if (zstd === undefined) {
    zstd = false
    try {
      const frame = zlib.zstdCompressSync(Buffer.from('zstd'))
      zlib.zstdDecompressSync(frame.subarray(0, -1))
    } catch {
      zstd = typeof zlib.zstdDecompressSync === 'function'
    }
  }
  return zstd
}

/** Value of Accept-Encoding: what {@link decodeWhole} and {@link decodeStream} understand. */
export function acceptedEncodings(): string {
  return hasZstd() ? 'gzip, deflate, br, zstd' : 'gzip, deflate, br'
}

const names: Readonly<Record<string, Coding | 'identity'>> = {
  gzip: 'gzip',
  'x-gzip': 'gzip',
  deflate: 'deflate',
  br: 'br',
  zstd: 'zstd',
  identity: 'identity',
  // No registered name, but what servers write to keep middleware from compressing a stream of events.
  none: 'identity',
}

/**
 * The codings of a body in the order in which they must be taken off, empty for none.
 * @throws Fault `protocol` for an unknown coding, or more than three
 */
export function contentCodings(header: string | readonly string[] | undefined): readonly Coding[] {
  if (header === undefined || header === '') return []
  const list = (typeof header === 'string' ? header : header.join(',')).split(',')
  if (list.length > mostCodings) throw broken('encoding-depth', `the body is encoded ${list.length} times`)
  const codings: Coding[] = []
  for (const item of list) {
    const written = item.trim().toLowerCase()
    if (written === '') continue
    const coding = Object.hasOwn(names, written) ? names[written] : undefined
    if (coding === undefined || (coding === 'zstd' && !hasZstd())) {
      const shown = /^[a-z0-9._-]{1,20}$/.test(written) ? ` "${written}"` : ''
      throw broken('encoding-unknown', `the body has the content coding${shown}, which was not asked for`)
    }
    if (coding !== 'identity') codings.unshift(coding)
  }
  return codings
}

/**
 * Decodes a whole body; stops as soon as more than `cap` bytes came out of any layer.
 * @throws Fault `protocol` (rejects): bad or cut data, or over the cap
 */
export async function decodeWhole(body: Uint8Array, codings: readonly Coding[], cap: number): Promise<Uint8Array> {
  let data = body
  for (const coding of codings) data = await decodeLayer(data, coding, cap)
  return data
}

/** Decodes a small body at once; undefined when it turns out not to be small. */
export function decodeSmall(body: Uint8Array, codings: readonly Coding[], cap: number): Uint8Array | undefined {
  let data = body
  for (const coding of codings) {
    if (data.byteLength > smallEncoded) return undefined
    try {
      data = syncDecoder(coding, data)(data, { maxOutputLength: Math.min(cap, smallDecoded) })
    } catch (error) {
      if (!isOverflow(error)) throw decodeFault(error, coding, cap)
      if (cap <= smallDecoded) throw decodeFault(error, coding, cap)
      return undefined
    }
  }
  return data
}

/** Decodes a body as it comes, one bounded buffer per layer. Leaving the loop early ends the source; so does more than `cap` bytes. */
export function decodeStream(
  source: AsyncIterable<Uint8Array>,
  codings: readonly Coding[],
  cap: number | undefined,
): AsyncIterable<Uint8Array> {
  const iterator = source[Symbol.asyncIterator]()
  let layer: AsyncIterator<Uint8Array> = iterator
  for (const coding of codings) layer = decodeStreamLayer(layer, coding, cap ?? Number.POSITIVE_INFINITY)
  const outermost = layer
  return {
    [Symbol.asyncIterator]: () => ({
      next: () => outermost.next(),
      // A generator that was never started runs none of its `finally`, so the source is told directly.
      async return() {
        await iterator.return?.()
        await outermost.return?.()
        return { done: true, value: undefined }
      },
    }),
  }
}

async function* decodeStreamLayer(
  iterator: AsyncIterator<Uint8Array>,
  coding: Coding,
  cap: number,
): AsyncGenerator<Uint8Array> {
  const first = await iterator.next()
  if (first.done === true) return
  const decoder = streamDecoder(coding, first.value)
  let sourceError: { readonly error: unknown } | undefined
  const pump = feed(decoder, first.value, iterator).catch((error: unknown) => {
    sourceError = { error }
    decoder.destroy()
  })
  try {
    let size = 0
    for await (const chunk of decoder as AsyncIterable<Uint8Array>) {
      size += chunk.byteLength
      if (size > cap) throw bodyTooLarge(cap)
      yield chunk
    }
    if (sourceError !== undefined) throw sourceError.error
  } catch (error) {
    if (sourceError !== undefined) throw sourceError.error
    throw error instanceof Fault ? error : decodeFault(error, coding, cap)
  } finally {
    decoder.destroy()
    await iterator.return?.()
    await pump
  }
}

/** Hands chunks over at the pace at which the decoder takes them. */
async function feed(
  decoder: zlib.Gunzip | zlib.Inflate | zlib.BrotliDecompress,
  first: Uint8Array,
  iterator: AsyncIterator<Uint8Array>,
): Promise<void> {
  for (let chunk = first; ; ) {
    if (decoder.destroyed) return
    if (!decoder.write(chunk)) await drained(decoder)
    const next = await iterator.next()
    if (next.done === true) break
    chunk = next.value
  }
  if (!decoder.destroyed) decoder.end()
}

function drained(decoder: zlib.Gunzip | zlib.Inflate | zlib.BrotliDecompress): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      decoder.off('drain', done).off('close', done)
      resolve()
    }
    if (decoder.destroyed || !decoder.writableNeedDrain) resolve()
    else decoder.on('drain', done).on('close', done)
  })
}

function decodeLayer(data: Uint8Array, coding: Coding, cap: number): Promise<Uint8Array> {
  return new Promise((resolve, reject) => {
    laterDecoder(coding, data)(data, { maxOutputLength: cap }, (error, output) => {
      if (error === null) resolve(output)
      else reject(decodeFault(error, coding, cap))
    })
  })
}

function laterDecoder(coding: Coding, data: Uint8Array): DecodeLater {
  if (coding === 'gzip') return zlib.gunzip as DecodeLater
  if (coding === 'br') return zlib.brotliDecompress as DecodeLater
  if (coding === 'zstd') return zlib.zstdDecompress as DecodeLater
  return (isWrapped(data) ? zlib.inflate : zlib.inflateRaw) as DecodeLater
}

function syncDecoder(coding: Coding, data: Uint8Array): Decode {
  if (coding === 'gzip') return zlib.gunzipSync
  if (coding === 'br') return zlib.brotliDecompressSync
  if (coding === 'zstd') return zlib.zstdDecompressSync
  return isWrapped(data) ? zlib.inflateSync : zlib.inflateRawSync
}

function streamDecoder(coding: Coding, first: Uint8Array): zlib.Gunzip | zlib.Inflate | zlib.BrotliDecompress {
  if (coding === 'gzip') return zlib.createGunzip()
  if (coding === 'br') return zlib.createBrotliDecompress()
  if (coding === 'zstd') return zlib.createZstdDecompress()
  return isWrapped(first) ? zlib.createInflate() : zlib.createInflateRaw()
}

/** `deflate` means the zlib format (RFC 9110 section 8.4.1.2); some servers send bare deflate, whose first byte differs. */
function isWrapped(data: Uint8Array): boolean {
  return ((data[0] ?? 0) & 0x0f) === 8
}

function isOverflow(error: unknown): boolean {
  return (error as { code?: unknown }).code === 'ERR_BUFFER_TOO_LARGE'
}

function decodeFault(error: unknown, coding: Coding, cap: number): Fault {
  if (isOverflow(error)) return bodyTooLarge(cap)
  return broken('bad-encoding', `the ${coding} data of the body is damaged or cut short`, error)
}

/** A body over its cap, decoded or not. */
export function bodyTooLarge(cap: number): Fault {
  const message = `the body is larger than ${cap} bytes; raise limits.maxBodyBytes or read it as a stream`
  return broken('body-too-large', message)
}

function broken(code: string, message: string, cause?: unknown): Fault {
  return new Fault({ kind: 'protocol', retry: 'never', sent: 'all', code, message, cause })
}
