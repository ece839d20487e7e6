import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Fault } from '../errors.ts'
import { fakeClock } from '../testing/index.ts'
import { readErrorBody, readJson, readText } from './read-body.ts'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
const answer = (body: string | Uint8Array, type?: string) => ({
  status: 200,
  headers: type === undefined ? {} : { 'content-type': type },
  body: typeof body === 'string' ? bytes(body) : body,
})

function fault(work: () => unknown): Fault {
  try {
    work()
  } catch (error) {
    if (error instanceof Fault) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

describe('readJson', () => {
  it.each([
    'application/json',
    'Application/JSON; charset=utf-8',
    'application/problem+json',
    'application/vnd.api+json;charset="UTF-8"',
    'text/json',
    undefined,
    '',
  ])('accepts %j', (type) => {
    expect(readJson(answer('{"a":"é"}', type))).toEqual({ a: 'é' })
  })

  it('gives undefined for an empty body, whatever its type', () => {
    expect(readJson(answer('', 'text/html'))).toBeUndefined()
  })

  it('refuses a login page with status 200 and names its type and hash, not its text', () => {
    const { facts, message } = fault(() => readJson(answer('<html>secret-text</html>', 'text/html; charset=utf-8')))
    expect(facts).toMatchObject({ kind: 'protocol', code: 'content-type', status: 200, sent: 'all' })
    expect(message).toMatch(/text\/html where JSON was expected \(24 bytes, sha256 [0-9a-f]{16}\)/)
    expect(message).not.toContain('secret-text')
  })

  it.each([
    ['{"token":"secret-text"', 'ends too early'],
    ['{"token":"secret-te', 'ends too early'],
    ['[1,2', 'ends too early'],
    ['{"token":"secret-text"}}', 'broken at character 23'],
    ['{token:"secret-text"}', 'broken at character 1'],
    ['nul', ''],
  ])('refuses %j', (body, why) => {
    const { facts, message, cause } = fault(() => readJson(answer(body, 'application/json')))
    expect(facts).toMatchObject({ kind: 'protocol', code: 'bad-json' })
    expect(message).toContain(why)
    expect(message).not.toContain('secret')
    expect(cause).toBeUndefined()
  })

  it('reads byte order marks and declared charsets', () => {
    expect(readJson(answer('\ufeff{"a":1}', 'application/json'))).toEqual({ a: 1 })
    expect(readJson(answer('\ufeff{"a":"é"}', 'application/json; charset=utf-8'))).toEqual({ a: 'é' })
    const latin = Uint8Array.from(Buffer.from('{"a":"é"}', 'latin1'))
    expect(readJson(answer(latin, 'application/json; charset=iso-8859-1'))).toEqual({ a: 'é' })
    const wide = Uint8Array.from(Buffer.from('{"a":"é"}', 'utf16le'))
    expect(readJson(answer(wide, 'application/json; charset=utf-16le'))).toEqual({ a: 'é' })
  })

  it('refuses bytes that are not in the charset, and charsets that nobody knows', () => {
    const latin = Uint8Array.from(Buffer.from('{"a":"é"}', 'latin1'))
    expect(fault(() => readJson(answer(latin, 'application/json'))).facts).toMatchObject({ code: 'charset' })
    expect(fault(() => readJson(answer(latin, 'application/json; charset=shift_jis'))).facts.code).toBe('charset')
    expect(fault(() => readJson(answer(latin, 'application/json; charset=klingon'))).message).toContain('klingon')
  })

  it('takes the types and prefixes that a manifest declares', () => {
    expect(readJson(answer(")]}'\n[1]", 'application/json'), { prefix: ")]}'" })).toEqual([1])
    expect(readJson(answer('[1]', 'text/plain'), { types: ['text/plain'] })).toEqual([1])
    expect(fault(() => readJson(answer('[1]', 'text/plain'))).message).toContain('text/plain')
  })

  it('equals JSON.parse for any value, whether or not its text is ASCII', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(readJson(answer(JSON.stringify(value), 'application/json'))).toEqual(JSON.parse(JSON.stringify(value)))
      }),
    )
  })
})

it('readText reads a slice of a larger buffer', () => {
  const body = bytes('xxgrößexx').subarray(2, 9)
  expect(readText(answer(body, 'text/plain'))).toBe('größe')
})

describe('readErrorBody', () => {
  it('stops at the size cap and closes the stream', async () => {
    let closed = false
    async function* endless() {
      try {
        for (;;) yield new Uint8Array(10_000)
      } finally {
        closed = true
      }
    }
    expect((await readErrorBody(endless(), fakeClock())).byteLength).toBe(65_536)
    await Promise.resolve()
    expect(closed).toBe(true)
  })

  it('stops at the time cap and leaves no timer', async () => {
    const clock = fakeClock()
    async function* hangs() {
      yield bytes('start')
      await new Promise(() => undefined)
    }
    const reading = readErrorBody(hangs(), clock)
    await clock.advance(5000)
    expect(Buffer.from(await reading).toString()).toBe('start')
    expect(clock.pending.timers).toBe(0)
  })

  it('keeps what came when the stream breaks', async () => {
    const clock = fakeClock()
    async function* breaks() {
      yield bytes('start')
      throw new Error('reset')
    }
    expect(Buffer.from(await readErrorBody(breaks(), clock)).toString()).toBe('start')
    expect(clock.pending.timers).toBe(0)
  })
})
