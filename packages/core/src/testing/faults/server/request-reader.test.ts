import { describe, expect, it } from 'vitest'
import { RequestReader, type WireRequest } from './request-reader.ts'

const text = (request: WireRequest | undefined) => Buffer.from(request?.body ?? []).toString()

describe('RequestReader', () => {
  it('takes a request apart, whatever the pieces it comes in', () => {
    const bytes = Buffer.from(
      'POST /a?b=1 HTTP/1.1\r\nHost: x\r\nAccept: a\r\naccept:  b \r\nContent-Length: 5\r\n\r\nhello',
    )
    const whole = new RequestReader(() => undefined).push(bytes)
    const reader = new RequestReader(() => undefined)
    const pieces = [...bytes].flatMap((byte) => reader.push(Buffer.of(byte)))
    expect(pieces).toEqual(whole)
    expect(whole).toHaveLength(1)
    expect(whole[0]).toMatchObject({ method: 'POST', target: '/a?b=1', headers: { host: 'x', accept: 'a, b' } })
    expect(text(whole[0])).toBe('hello')
    expect(reader.partial).toBe(false)
  })

  it('reads chunked bodies with extensions and trailers, byte by byte', () => {
    const reader = new RequestReader(() => undefined)
    const bytes = Buffer.from(
      'PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n5;x=1\r\nhello\r\n1\r\n!\r\n0\r\nx-sum: 1\r\n\r\nGET /next HTTP/1.1\r\n\r\n',
    )
    const requests = [...bytes].flatMap((byte) => reader.push(Buffer.of(byte)))
    expect(requests.map((request) => [request.method, request.target, text(request)])).toEqual([
      ['PUT', '/', 'hello!'],
      ['GET', '/next', ''],
    ])
  })

  it('asks for the body of a request that waits for 100', () => {
    let asked = 0
    const reader = new RequestReader(() => asked++)
    expect(reader.push(Buffer.from('PUT / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n'))).toEqual([])
    expect([asked, reader.partial]).toEqual([1, true])
    expect(text(reader.push(Buffer.from('ok'))[0])).toBe('ok')
    expect(asked).toBe(1)
  })

  it.each([
    ['no request line', 'hello\r\n\r\n'],
    ['TLS on a plain port', '\x16\x03\x01\x02\x00\r\n\r\n'],
    ['a field without a name', 'GET / HTTP/1.1\r\n: x\r\n\r\n'],
    ['a length that is no number', 'GET / HTTP/1.1\r\nContent-Length: five\r\n\r\n'],
    ['a chunk without a size', 'GET / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n'],
  ])('refuses %s', (_, bytes) => {
    expect(() => new RequestReader(() => undefined).push(Buffer.from(bytes, 'latin1'))).toThrow()
  })
})
