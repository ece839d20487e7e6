import { describe, expect, it } from 'vitest'
import { cancellationOf } from '../../clock.ts'
import { Fault } from '../../errors.ts'
import type { HttpRequest } from '../../http/transport.ts'
import { fakeTransport } from './fake-transport.ts'

const get = (path: string, extra: Partial<HttpRequest> = {}): HttpRequest => ({
  method: 'GET',
  url: `https://api.test${path}`,
  ...extra,
})
const text = (body: Uint8Array) => Buffer.from(body).toString()

describe('fakeTransport', () => {
  it('answers by method and path, with data, text, bytes and functions', async () => {
    const transport = fakeTransport({
      'GET /items': { json: [1, 2] },
      'GET /items/{id}': ({ params, query }) => ({ json: { id: params.id, page: query.get('page') } }),
      'GET /items/new': { text: 'literal', headers: { 'Content-Type': 'text/plain', 'set-cookie': ['a=1', 'b=2'] } },
      'DELETE /items/{id}': { status: 204 },
      'GET /bytes': { bytes: Uint8Array.of(1, 2) },
    })
    const list = await transport.send(get('/items'))
    expect(list).toMatchObject({ status: 200, statusText: 'OK', url: 'https://api.test/items', stream: undefined })
    expect([list.headers['content-type'], text(list.body)]).toEqual(['application/json', '[1,2]'])
    expect(text((await transport.send(get('/items/a%2Fb?page=2'))).body)).toBe('{"id":"a/b","page":"2"}')
    const literal = await transport.send(get('/items/new'))
    expect([text(literal.body), literal.headers]).toEqual([
      'literal',
      { 'content-type': 'text/plain', 'set-cookie': ['a=1', 'b=2'] },
    ])
    expect((await transport.send({ ...get('/items/7'), method: 'DELETE' })).status).toBe(204)
    expect([...(await transport.send(get('/bytes'))).body]).toEqual([1, 2])
    transport.verify()
  })

  it('tells queries and origins apart', async () => {
    const transport = fakeTransport({
      'GET /items': { text: 'any' },
      'GET /items?page=2': { text: 'second' },
      'GET https://other.test/items': { text: 'other' },
    })
    const ask = async (url: string) => text((await transport.send({ method: 'GET', url })).body)
    expect(await ask('https://api.test/items')).toBe('any')
    expect(await ask('https://api.test/items?x=1&page=2')).toBe('second')
    expect(await ask('https://other.test/items')).toBe('other')
  })

  it('uses up lists, and says what is left', async () => {
    const transport = fakeTransport({ 'GET /a': [{ text: '1' }, { text: '2' }], 'GET /b': {} })
    expect(text((await transport.send(get('/a'))).body)).toBe('1')
    expect(transport.unused).toEqual(['GET /a (1 of 2)', 'GET /b'])
    expect(() => transport.verify()).toThrow('scripted and not asked for: GET /a (1 of 2), GET /b')
    expect(text((await transport.send(get('/a'))).body)).toBe('2')
    await expect(transport.send(get('/a'))).rejects.toThrow('GET /a was scripted 2 times and asked for once more')
  })

  it('records requests with their bodies, whatever their form', async () => {
    const transport = fakeTransport({ 'POST /items': { json: {} } })
    async function* parts() {
      yield Buffer.from('{"a"')
      yield Buffer.from(':1}')
    }
    for (const body of ['{"a":1}', Buffer.from('{"a":1}'), parts()])
      await transport.send({ ...get('/items?dry=1', { body, headers: { accept: ['a', 'b'] } }), method: 'POST' })
    expect(transport.requests).toHaveLength(3)
    for (const request of transport.requests) {
      expect(request.json()).toEqual({ a: 1 })
      expect([request.path, request.query.get('dry'), request.headers.accept]).toEqual(['/items', '1', 'a, b'])
    }
  })

  it.each([
    ['/itms', 'GET', 'no answer is scripted for GET /itms; the closest is GET /items'],
    ['/items', 'PUT', 'the closest is GET /items (another method than PUT)'],
    ['/users/7/keys', 'GET', 'the closest is GET /users/{id}/key'],
    ['/search?q=b', 'GET', 'no answer is scripted for GET /search?q=b; the closest is GET /search?q=a (another query)'],
  ])('names the closest line for %s %s', async (path, method, message) => {
    const transport = fakeTransport({ 'GET /items': {}, 'GET /users/{id}/key': {}, 'GET /search?q=a': {} })
    const sending = transport.send({ ...get(path), method })
    await expect(sending).rejects.toThrow(message)
    await expect(sending).rejects.toBeInstanceOf(TypeError)
  })

  it('refuses a script that is none', () => {
    expect(() => fakeTransport({ items: {} })).toThrow('"items" is no route')
    expect(() => fakeTransport({ 'get /items': {} })).toThrow('is no route')
  })

  it('plays faults, and tells how much was sent', async () => {
    const transport = fakeTransport({
      'GET /a': { fault: { kind: 'network', sent: 'none', code: 'ENOTFOUND' } },
      'GET /b': {},
    })
    const progress = { sent: 'none' as const }
    await expect(transport.send(get('/a', { progress }))).rejects.toBeInstanceOf(Fault)
    expect(progress.sent).toBe('none')
    await transport.send(get('/b', { progress }))
    expect(progress.sent).toBe('all')
  })

  it('streams when asked to', async () => {
    const transport = fakeTransport({ 'GET /a': { text: 'flow' } })
    const response = await transport.send(get('/a', { response: 'stream' }))
    expect(response.body).toHaveLength(0)
    const chunks: Uint8Array[] = []
    for await (const chunk of response.stream ?? []) chunks.push(chunk)
    expect(text(Buffer.concat(chunks))).toBe('flow')
  })

  it('gives up when the caller does, before and in the middle', async () => {
    const controller = new AbortController()
    const transport = fakeTransport({ 'GET /slow': () => new Promise(() => undefined) })
    const pending = transport.send(get('/slow', { cancellation: cancellationOf(controller.signal) }))
    controller.abort(new Error('enough'))
    await expect(pending).rejects.toThrow('enough')
    const late = transport.send(get('/slow', { cancellation: cancellationOf(controller.signal) }))
    await expect(late).rejects.toThrow('enough')
    await transport.close()
    expect(transport.closed).toBe(true)
    await expect(transport.send(get('/slow'))).rejects.toThrow('closed')
  })
})
