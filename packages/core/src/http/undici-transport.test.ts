import { execFileSync } from 'node:child_process'
import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { reply } from './fixtures/raw-server.ts'
import { factsOf, get, open, serve, textOf } from './fixtures/transport-setup.ts'

describe('a request and its response', () => {
  it('keeps repeated fields, query and status text, and asks for codings', async () => {
    const server = await serve(({ socket }) =>
      socket.write('HTTP/1.1 201 Made Up\r\nX-Two: a\r\nx-two: b\r\nSet-Cookie: c\r\ncontent-length: 2\r\n\r\nok'),
    )
    const response = await open().send(
      get(`${server.origin}/a%20b/?q=1#part`, { headers: { 'x-list': ['1', '2'], accept: 'text/plain' } }),
    )
    expect(response).toMatchObject({
      status: 201,
      statusText: 'Made Up',
      headers: { 'x-two': ['a', 'b'], 'set-cookie': 'c' },
      url: `${server.origin}/a%20b/?q=1`,
      stream: undefined,
    })
    expect(textOf(response.body)).toBe('ok')
    const [head = ''] = server.heads
    expect(head).toMatch(/^GET \/a%20b\/\?q=1 HTTP\/1\.1\r\n/)
    expect(head).toContain('x-list: 1\r\nx-list: 2')
    expect(head).toMatch(/accept-encoding: gzip, deflate, br/)
  })

  it('sends strings, bytes and streams', async () => {
    const bodies: string[] = []
    const server = await serve(({ socket, body, head }) => {
      bodies.push(/chunked/i.test(head) ? 'chunked' : body)
      reply(socket, 200, {}, '')
    })
    const transport = open()
    async function* chunks(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('one ')
      yield Buffer.from('two')
    }
    for (const body of ['text é', Buffer.from('bytes'), chunks()]) {
      await transport.send({ method: 'POST', url: server.origin, body })
    }
    expect(bodies).toEqual(['text é', 'bytes', 'chunked'])
  })

  it('joins chunks, decodes, and describes what it hands over', async () => {
    const data = gzipSync(Buffer.alloc(300_000, 'x'))
    const server = await serve(({ socket, head }) => {
      if (head.includes('/coded')) reply(socket, 200, { 'content-encoding': 'gzip' }, data)
      else {
        socket.write('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\nabc\r\n')
        setImmediate(() => socket.write('3\r\ndef\r\n0\r\n\r\n'))
      }
    })
    const transport = open()
    expect(textOf((await transport.send(get(`${server.origin}/chunked`))).body)).toBe('abcdef')
    const coded = await transport.send(get(`${server.origin}/coded`))
    expect(coded.body).toHaveLength(300_000)
    expect(coded.headers).toEqual({})
  })

  it('gives empty bodies for HEAD and 204, and reads bodies up to the end of the connection', async () => {
    const server = await serve(({ socket, head }) => {
      if (head.startsWith('HEAD')) socket.write('HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\n')
      else if (head.includes('/204')) socket.write('HTTP/1.1 204 No Content\r\n\r\n')
      else socket.end('HTTP/1.1 200 OK\r\n\r\nto the end')
    })
    const transport = open()
    expect((await transport.send({ method: 'HEAD', url: server.origin })).body).toHaveLength(0)
    expect((await transport.send(get(`${server.origin}/204`))).status).toBe(204)
    expect(textOf((await transport.send(get(`${server.origin}/end`))).body)).toBe('to the end')
  })

  it('takes no reset for the end of a body without a length', async () => {
    const server = await serve(({ socket }) => {
      socket.write('HTTP/1.1 200 OK\r\n\r\nhalf of it')
      setTimeout(() => socket.resetAndDestroy(), 20)
    })
    expect(await factsOf(open().send(get(server.origin)))).toMatchObject({ kind: 'network', sent: 'all' })
  })

  it('refuses what cannot be sent, without showing values', async () => {
    const server = await serve(({ socket }) => reply(socket, 200, {}, ''))
    const transport = open()
    const broken = await factsOf(transport.send(get(server.origin, { headers: { 'x-key': 'secret\r\nx-evil: 1' } })))
    expect(broken).toMatchObject({ kind: 'invalid-input', retry: 'never', sent: 'none' })
    expect(broken.message).not.toContain('secret')
    const host = await factsOf(transport.send(get(server.origin, { headers: { host: 'elsewhere.example' } })))
    expect(host).toMatchObject({ kind: 'invalid-input', sent: 'none' })
    await transport.send(get(server.origin, { headers: { host: new URL(server.origin).host } }))
    expect(server.heads).toHaveLength(1)
    expect(server.heads[0]?.match(/^host:/gim)).toHaveLength(1)
  })

  it('caps bodies by what is declared, sent and decoded', async () => {
    const server = await serve(({ socket, head }) => {
      if (head.includes('/declared')) socket.write('HTTP/1.1 200 OK\r\ncontent-length: 5000\r\n\r\n')
      else if (head.includes('/coded'))
        reply(socket, 200, { 'content-encoding': 'gzip' }, gzipSync(Buffer.alloc(100_000)))
      else socket.write(`HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n7d0\r\n${'x'.repeat(2000)}\r\n`)
    })
    const transport = open({ limits: { maxBodyBytes: 1000 } })
    for (const path of ['declared', 'coded', 'sent']) {
      expect(await factsOf(transport.send(get(`${server.origin}/${path}`))), path).toMatchObject({
        kind: 'protocol',
        retry: 'never',
        sent: 'all',
        code: 'body-too-large',
      })
    }
  })
})

it('loads undici with the first request and not before', () => {
  const program = `
    import { Module } from 'node:module'
    const { undiciTransport } = await import(${JSON.stringify(new URL('./undici-transport.ts', import.meta.url).href)})
    const { systemClock } = await import(${JSON.stringify(new URL('../clock.ts', import.meta.url).href)})
    const loaded = () => Object.keys(Module._cache).some((file) => file.includes('/undici/'))
    const transport = undiciTransport({ clock: systemClock })
    const before = loaded()
    await transport.send({ method: 'GET', url: 'http://127.0.0.1:1/' }).catch(() => undefined)
    console.log(before, loaded())
  `
  const output = execFileSync(process.execPath, ['--input-type=module', '--no-warnings', '-e', program], {
    encoding: 'utf8',
  })
  expect(output.trim()).toBe('false true')
})
