import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Fault, isPatchbayError } from '../errors.ts'
import { type JsonRecordsOptions, jsonRecords } from './json-records.ts'
import { ndjsonRecords } from './ndjson.ts'

async function* chunksOf(bytes: Uint8Array, sizes: readonly number[]): AsyncGenerator<Uint8Array> {
  let at = 0
  for (let index = 0; at < bytes.length; index++) {
    const size = sizes.length === 0 ? bytes.length : Math.max(1, sizes[index % sizes.length] as number)
    yield bytes.slice(at, at + size)
    at += size
  }
}

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text)

async function read(text: string | Uint8Array, options: JsonRecordsOptions = {}, sizes: readonly number[] = []) {
  const bytes = typeof text === 'string' ? bytesOf(text) : text
  const body = jsonRecords(chunksOf(bytes, sizes), options)
  const records: unknown[] = []
  for await (const batch of body) records.push(...batch)
  return { records, envelope: body.envelope }
}

async function failure(work: Promise<unknown>): Promise<{ kind: string; code: string | undefined; message: string }> {
  try {
    await work
  } catch (error) {
    if (isPatchbayError(error)) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

describe('jsonRecords', () => {
  it.each([1, 2, 3, 7, 1000])('reads records at a path in chunks of %i bytes', async (size) => {
    const text =
      '\ufeff {"meta":{"items":[9],"n":"x\\"]}"},"it\\u0065ms": [ {"a":"é😀\\\\"} , 1,"s,]" ,null,[[]], {} ] ,"next":"c\\"2"}\n'
    const { records, envelope } = await read(text, { path: 'items' }, [size])
    expect(records).toEqual([{ a: 'é😀\\' }, 1, 's,]', null, [[]], {}])
    expect(envelope).toEqual({ meta: { items: [9], n: 'x"]}' }, items: [], next: 'c"2' })
  })

  it('reads the root array, deep paths, keys with dots, and empty arrays', async () => {
    expect((await read('[1,[2],{"a":3}]')).records).toEqual([1, [2], { a: 3 }])
    expect((await read('{"a":{"b":1,"c":{"d":[5]}}}', { path: 'a.c.d' })).records).toEqual([5])
    expect((await read('{"a.b":[5],"a":{"b":[6]}}', { path: ['a.b'] })).records).toEqual([5])
    expect((await read(' [ \n ] ')).records).toEqual([])
    expect((await read('{"a":[]}', { path: 'a' })).envelope).toEqual({ a: [] })
  })

  it('finds the array behind an object of the same name that has none', async () => {
    expect((await read('{"data":{"x":1},"data":{"rows":[1]}}', { path: 'data.rows' })).records).toEqual([1])
  })

  const broken: readonly (readonly [string, string | undefined, string])[] = [
    ['', undefined, 'truncated'],
    ['[1,2', undefined, 'truncated'],
    ['[1,2,', undefined, 'truncated'],
    ['[{"a":"b', undefined, 'truncated'],
    ['{"items":[1,2]', 'items', 'truncated'],
    ['{"items":[1,2],"x":"', 'items', 'truncated'],
    ['{"ite', 'items', 'truncated'],
    ['[1,2]]', undefined, 'bad-json'],
    ['[1,2] 3', undefined, 'bad-json'],
    ['{"items":[1]} {}', 'items', 'bad-json'],
    ['[1,,2]', undefined, 'bad-json'],
    ['[,1]', undefined, 'bad-json'],
    ['[1,]', undefined, 'bad-json'],
    ['[,]', undefined, 'bad-json'],
    ['[1 2]', undefined, 'bad-json'],
    ['[{"a":1]}', undefined, 'bad-json'],
    ['[1}', undefined, 'bad-json'],
    ['[nul]', undefined, 'bad-json'],
    ["['a']", undefined, 'bad-json'],
    ['{"items":[1],}', 'items', 'bad-json'],
    ['{"items":[1]"next":1}', 'items', 'bad-json'],
    ['{"other":[1]}', 'items', 'no-records'],
    ['{"items":{"a":[1]}}', 'items', 'no-records'],
    ['{"items":null}', 'items', 'no-records'],
    ['{"items":"x"}', 'items', 'no-records'],
    ['[{"items":[1]}]', 'items', 'no-records'],
    ['{"a":{"items":[1]}}', 'items', 'no-records'],
    ['{"a":[{"items":[1]}]}', 'a.items', 'no-records'],
    ['{"a":1}', undefined, 'no-records'],
    ['"x"', undefined, 'no-records'],
    ['{"items":[1],"items":[2]}', 'items', 'no-records'],
    ['{"a":{"items":[1]},"a":{}}', 'a.items', 'no-records'],
  ]
  it.each(broken)('refuses %j at %j as %s', async (text, path, code) => {
    for (const sizes of [[], [1], [2, 3]]) {
      expect(await failure(read(text, { path }, sizes))).toMatchObject({ kind: 'protocol', code })
    }
  })

  it('refuses what is not UTF-8, inside and outside of the records', async () => {
    const bytes = bytesOf('{"items":["ab"],"n":"cd"}')
    const inside = bytes.map((byte) => (byte === 0x62 ? 0xff : byte))
    const outside = bytes.map((byte) => (byte === 0x64 ? 0xff : byte))
    expect(await failure(read(inside, { path: 'items' }))).toMatchObject({ code: 'charset' })
    expect(await failure(read(outside, { path: 'items' }))).toMatchObject({ kind: 'protocol' })
  })

  it('repeats nothing of the body in errors', async () => {
    const { message } = await failure(read('[{"token":"very-secret"]}]'))
    expect(message).not.toContain('very-secret')
  })

  it('holds its caps', async () => {
    const long = `[1,"${'x'.repeat(100)}"]`
    for (const sizes of [[], [1], [50]]) {
      expect(await failure(read(long, { maxRecordBytes: 99 }, sizes))).toMatchObject({ code: 'record-too-large' })
      expect((await read(long, { maxRecordBytes: 103 }, sizes)).records.length).toBe(2)
      expect(await failure(read('[[[[1]]]]', { maxDepth: 2 }, sizes))).toMatchObject({ code: 'too-deep' })
      expect((await read('[[[1]]]', { maxDepth: 2 }, sizes)).records).toEqual([[[1]]])
    }
    const around = `{"a":"${'x'.repeat(100)}","items":[1]}`
    expect(await failure(read(around, { path: 'items', maxEnvelopeBytes: 50 }))).toMatchObject({
      code: 'envelope-too-large',
    })
  })

  it('copies a record of many chunks a constant number of times', async () => {
    const text = `["${'x'.repeat(8_000_000)}"]`
    const before = performance.now()
    const { records } = await read(text, {}, [1000])
    expect((records[0] as string).length).toBe(8_000_000)
    expect(performance.now() - before).toBeLessThan(3000)
  })

  it('closes the source when the loop is left, and asks for no further chunk', async () => {
    let asked = 0
    let closed = false
    async function* source() {
      try {
        for (;;) {
          asked++
          yield bytesOf(asked === 1 ? '[1,2,3,' : '4,5,')
        }
      } finally {
        closed = true
      }
    }
    for await (const record of jsonRecords(source()).records()) if (record === 2) break
    expect({ asked, closed }).toEqual({ asked: 1, closed: true })
  })

  it('gives the errors of its source as users know them', async () => {
    async function* source() {
      yield bytesOf('[1,')
      throw new Fault({ kind: 'network', code: 'ECONNRESET', sent: 'all' })
    }
    const seen: unknown[] = []
    const reading = (async () => {
      for await (const record of jsonRecords(source()).records()) seen.push(record)
    })()
    expect(await failure(reading)).toMatchObject({ kind: 'network', code: 'ECONNRESET' })
    expect(seen).toEqual([1])
  })

  it('can be read once', async () => {
    const body = jsonRecords(chunksOf(bytesOf('[1]'), []))
    for await (const batch of body) expect(batch).toEqual([1])
    await expect(body[Symbol.asyncIterator]().next()).rejects.toThrow('only once')
  })
})

describe('jsonRecords against JSON.parse', () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 8 })
  const document = fc.record(
    {
      meta: fc.jsonValue(),
      data: fc.record({ rows: fc.array(fc.jsonValue(), { maxLength: 6 }), total: fc.integer() }),
      rows: fc.jsonValue(),
    },
    { requiredKeys: ['data'] },
  )

  it('gives the same records and the same rest for every chunking', async () => {
    await fc.assert(
      fc.asyncProperty(document, sizes, fc.constantFrom(0, 1, 2), async (value, chunking, indent) => {
        const text = JSON.stringify(value, null, indent)
        const expected = JSON.parse(text)
        const { records, envelope } = await read(text, { path: 'data.rows' }, chunking)
        expect(records).toEqual(expected.data.rows)
        expected.data.rows = []
        expect(envelope).toEqual(expected)
      }),
      { numRuns: 500 },
    )
  })

  it('accepts a damaged document only when JSON.parse does, with the same records', async () => {
    const damage = fc.record({
      at: fc.nat(),
      cut: fc.integer({ min: 0, max: 3 }),
      put: fc.constantFrom('', ',', '[', ']', '{', '}', '"', '\\', ':', ' ', '1', 'x', '\u0000'),
    })
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.jsonValue(), { maxLength: 5 }),
        damage,
        sizes,
        async (rows, { at, cut, put }, chunking) => {
          const whole = JSON.stringify(rows)
          const place = at % (whole.length + 1)
          const text = whole.slice(0, place) + put + whole.slice(place + cut)
          if (!text.isWellFormed()) return
          let expected: unknown
          try {
            expected = JSON.parse(text)
          } catch {
            expected = undefined
          }
          if (Array.isArray(expected)) expect((await read(text, {}, chunking)).records).toEqual(expected)
          else expect((await failure(read(text, {}, chunking))).kind).toBe('protocol')
        },
      ),
      { numRuns: 3000 },
    )
  })
})

describe('ndjsonRecords', () => {
  async function lines(text: string | Uint8Array, chunking: readonly number[] = [], maxRecordBytes?: number) {
    const records: unknown[] = []
    const bytes = typeof text === 'string' ? bytesOf(text) : text
    for await (const batch of ndjsonRecords(chunksOf(bytes, chunking), { maxRecordBytes })) records.push(...batch)
    return records
  }

  it.each([1, 2, 5, 1000])('reads lines in chunks of %i bytes', async (size) => {
    expect(await lines('\ufeff{"a":"é\\n"}\n\r\n 1 \r\n"x"\n\n[2]', [size])).toEqual([{ a: 'é\n' }, 1, 'x', [2]])
    expect(await lines('', [size])).toEqual([])
  })

  it.each(['1,2', '{"a":1', '{"a":\n1}', '1 2', '{}{}'])('refuses %j', async (text) => {
    expect(await failure(lines(text, [2]))).toMatchObject({ kind: 'protocol', code: 'bad-json' })
  })

  it('holds its cap', async () => {
    for (const size of [1, 1000]) {
      expect(await failure(lines(`1\n"${'x'.repeat(50)}"\n`, [size], 20))).toMatchObject({ code: 'record-too-large' })
      expect(await failure(lines(`1\n"${'x'.repeat(50)}"`, [size], 20))).toMatchObject({ code: 'record-too-large' })
    }
  })

  it('gives back what was written, for every chunking', async () => {
    const chunking = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 8 })
    await fc.assert(
      fc.asyncProperty(fc.array(fc.jsonValue()), chunking, async (values, sizes) => {
        const text = values.map((value) => `${JSON.stringify(value)}\n`).join('')
        expect(await lines(text, sizes)).toEqual(JSON.parse(JSON.stringify(values)))
      }),
    )
  })
})
