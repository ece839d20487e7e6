import * as zlib from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { Fault } from '../errors.ts'
import { acceptedEncodings, contentCodings, decodeSmall, decodeStream, decodeWhole } from './decompress.ts'

const text = Buffer.from('Patchbay '.repeat(5000))
const encoders = {
  gzip: zlib.gzipSync,
  'x-gzip': zlib.gzipSync,
  deflate: zlib.deflateSync,
  br: zlib.brotliCompressSync,
  ...(acceptedEncodings().includes('zstd') ? { zstd: zlib.zstdCompressSync } : {}),
}
const cap = 1024 * 1024

async function* inPieces(data: Uint8Array, size: number, onEnd?: () => void): AsyncGenerator<Uint8Array> {
  try {
    for (let at = 0; at < data.length; at += size) yield data.subarray(at, at + size)
  } finally {
    onEnd?.()
  }
}

async function collect(source: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const chunks: Uint8Array[] = []
  for await (const chunk of source) chunks.push(chunk)
  return Buffer.concat(chunks)
}

describe.each(Object.entries(encoders))('%s', (name, encode) => {
  const encoded = encode(text)
  const codings = contentCodings(name)

  it('decodes whole, small and streamed bodies', async () => {
    expect(Buffer.compare(await decodeWhole(encoded, codings, cap), text)).toBe(0)
    expect(decodeSmall(encoded, codings, cap)).toEqual(text)
    expect(Buffer.compare(await collect(decodeStream(inPieces(encoded, 7), codings, undefined)), text)).toBe(0)
  })

  it('refuses damaged and cut data', async () => {
    const refused = { facts: { kind: 'protocol', retry: 'never', sent: 'all', code: 'bad-encoding' } }
    const junk = Buffer.from('this is not compressed at all')
    const cut = encoded.subarray(0, encoded.length - 5)
    for (const bad of [junk, cut]) {
      await expect(decodeWhole(bad, codings, cap)).rejects.toMatchObject(refused)
      expect(() => decodeSmall(bad, codings, cap)).toThrow(Fault)
      await expect(collect(decodeStream(inPieces(bad, 10), codings, undefined))).rejects.toMatchObject(refused)
    }
  })

  it('stops at the cap', async () => {
    const tooLarge = { facts: { kind: 'protocol', code: 'body-too-large' } }
    await expect(decodeWhole(encoded, codings, 1000)).rejects.toMatchObject(tooLarge)
    expect(() => decodeSmall(encoded, codings, 1000)).toThrow('larger than 1000 bytes')
    let ended = false
    const source = inPieces(encoded, 7, () => {
      ended = true
    })
    await expect(collect(decodeStream(source, codings, 1000))).rejects.toMatchObject(tooLarge)
    expect(ended).toBe(true)
  })
})

describe('codings', () => {
  it('takes what servers write against compression for no coding', () => {
    expect(contentCodings('none')).toEqual([])
    expect(contentCodings('identity')).toEqual([])
  })

  it('takes off chained codings in reverse order', async () => {
    const codings = contentCodings('deflate, identity, gzip')
    expect(codings).toEqual(['gzip', 'deflate'])
    const twice = zlib.gzipSync(zlib.deflateSync(text))
    expect(await decodeWhole(twice, codings, cap)).toEqual(text)
    expect(Buffer.compare(await collect(decodeStream(inPieces(twice, 9), codings, undefined)), text)).toBe(0)
  })

  it('limits layers and names unknown codings', () => {
    expect(() => contentCodings('gzip, gzip, gzip, gzip')).toThrow('encoded 4 times')
    expect(() => contentCodings(['gzip,gzip', 'br,br'])).toThrow('encoded 4 times')
    expect(() => contentCodings('compress')).toThrow('"compress"')
    expect(() => contentCodings('<script>')).toThrow('content coding,')
    expect(() => contentCodings('constructor')).toThrow('"constructor"')
    expect(contentCodings(undefined)).toEqual([])
    expect(contentCodings(' GZIP ')).toEqual(['gzip'])
  })

  it('offers zstd only where a cut frame is noticed', () => {
    const [major = 0] = process.versions.node.split('.').map(Number)
    const offered = acceptedEncodings() === 'gzip, deflate, br, zstd'
    expect(offered).toBe(major >= 24)
    if (offered) expect(contentCodings('zstd')).toEqual(['zstd'])
    else expect(() => contentCodings('zstd')).toThrow('not asked for')
  })

  it('accepts bare deflate, which some servers send', async () => {
    const bare = zlib.deflateRawSync(text)
    expect(await decodeWhole(bare, contentCodings('deflate'), cap)).toEqual(text)
  })

  it('leaves what is small on the wire and large inside to the thread pool', () => {
    const bomb = zlib.gzipSync(Buffer.alloc(8 * 1024 * 1024))
    expect(decodeSmall(bomb, ['gzip'], 64 * 1024 * 1024)).toBeUndefined()
    expect(decodeSmall(zlib.gzipSync(Buffer.alloc(1)), ['gzip'], cap)).toHaveLength(1)
  })

  it('ends the source when the reader leaves early', async () => {
    let ended = false
    const source = inPieces(zlib.gzipSync(text), 16, () => {
      ended = true
    })
    for await (const _ of decodeStream(source, ['gzip'], undefined)) break
    expect(ended).toBe(true)
  })

  it('ends the source also when the reader never began', async () => {
    let left = 0
    const source: AsyncIterable<Uint8Array> = {
      [Symbol.asyncIterator]: () => ({
        next: () => Promise.reject(new Error('nobody reads')),
        return: async () => {
          left++
          return { done: true, value: undefined }
        },
      }),
    }
    await decodeStream(source, ['gzip', 'br'], undefined)[Symbol.asyncIterator]().return?.()
    expect(left).toBe(1)
  })

  it('hands on the error of the source as it is', async () => {
    async function* broken(): AsyncGenerator<Uint8Array> {
      yield zlib.gzipSync(text).subarray(0, 20)
      throw new RangeError('from the wire')
    }
    await expect(collect(decodeStream(broken(), ['gzip'], undefined))).rejects.toThrow('from the wire')
  })
})
