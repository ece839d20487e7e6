import { describe, expect, it } from 'vitest'
import { cancellationOf } from '../clock.ts'
import type { Sent } from '../errors.ts'
import { Events } from '../events.ts'
import { reply } from './fixtures/raw-server.ts'
import { factsOf, get, open, serve, textOf } from './fixtures/transport-setup.ts'

describe('how much was sent', () => {
  it('goes from none over maybe to all', async () => {
    const seen: Sent[] = []
    const progress = {
      value: 'none' as Sent,
      get sent() {
        return this.value
      },
      set sent(sent: Sent) {
        this.value = sent
        seen.push(sent)
      },
    }
    const server = await serve(({ socket }) => reply(socket, 200, {}, ''))
    await open().send(get(server.origin, { progress }))
    expect(seen).toEqual(['none', 'maybe', 'all'])
  })

  it('stays none while a streamed body ponders its first chunk', async () => {
    const server = await serve(({ socket }) => reply(socket, 200, {}, ''))
    const controller = new AbortController()
    const progress: { sent: Sent } = { sent: 'all' }
    let returned = false
    const body: AsyncIterable<Uint8Array> = {
      [Symbol.asyncIterator]: () => ({
        next: () => new Promise(() => undefined),
        return: async () => {
          returned = true
          return { done: true, value: undefined }
        },
      }),
    }
    const cancellation = cancellationOf(controller.signal)
    const work = open().send({ method: 'POST', url: server.origin, body, progress, cancellation })
    setTimeout(() => controller.abort(new Error('enough')), 50)
    await expect(work).rejects.toThrow('enough')
    expect([progress.sent, returned]).toEqual(['none', true])
  })

  it("hands a streamed body's own error on untouched", async () => {
    const server = await serve(({ socket }) => reply(socket, 200, {}, ''))
    const own = new TypeError('my own')
    async function* body(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('first')
      throw own
    }
    const progress: { sent: Sent } = { sent: 'none' }
    await expect(open().send({ method: 'POST', url: server.origin, body: body(), progress })).rejects.toBe(own)
    expect(progress.sent).toBe('maybe')
  })

  it('is none when nobody listens', async () => {
    const server = await serve(() => undefined)
    const { origin } = server
    await server.close()
    expect(await factsOf(open().send(get(origin)))).toMatchObject({
      kind: 'network',
      sent: 'none',
      code: 'ECONNREFUSED',
    })
  })
})

describe('kept sockets', () => {
  it('are used again, the last one first', async () => {
    const server = await serve(({ socket, connection }) => reply(socket, 200, {}, String(connection)))
    const transport = open()
    await Promise.all([1, 2, 3].map(() => transport.send(get(server.origin))))
    for (let count = 0; count < 10; count++) await transport.send(get(server.origin))
    expect(server.connections).toBe(3)
  })

  it('that turn out to be stale entitle to a free retry, which uses a fresh one', async () => {
    const server = await serve(({ socket, turn }) => (turn === 2 ? socket.destroy() : reply(socket, 200, {}, '')))
    const transport = open()
    await transport.send(get(server.origin))
    const progress: { sent: Sent } = { sent: 'none' }
    const facts = await factsOf(transport.send(get(server.origin, { progress })))
    expect(facts).toMatchObject({ kind: 'network', sent: 'maybe', freeRetry: 'stale-socket' })
    expect(progress.sent).toBe('maybe')
    await transport.send(get(server.origin))
    await transport.send(get(server.origin, { freshSocket: true }))
    expect(server.connections).toBe(3)
  })

  it('of a fresh connection give no free retry', async () => {
    const server = await serve(({ socket }) => socket.destroy())
    const facts = await factsOf(open().send(get(server.origin)))
    expect(facts).toMatchObject({ kind: 'network', sent: 'maybe', freeRetry: undefined })
  })

  it('are dropped with a notice when more came than was declared, and the next request is none the worse', async () => {
    const server = await serve(({ socket, connection }) =>
      socket.write(`HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok${connection === 1 ? 'HTTP/1.1 200 injected' : ''}`),
    )
    const events = new Events()
    const notices: string[] = []
    events.on('notice', ({ code, message }) => notices.push(`${code} ${message}`))
    const transport = open({ events })
    expect(textOf((await transport.send(get(`${server.origin}/?key=s3cret`))).body)).toBe('ok')
    expect(textOf((await transport.send(get(server.origin))).body)).toBe('ok')
    expect(server.connections).toBe(2)
    expect(notices).toHaveLength(1)
    expect(notices[0]).toMatch(/^extra-bytes http/)
    expect(notices[0]).not.toContain('s3cret')
  })

  it('are limited in number; the rest waits without a connect timeout', async () => {
    let most = 0
    const server = await serve(({ socket }) => {
      most = Math.max(most, server.sockets.size)
      setTimeout(() => reply(socket, 200, {}, ''), 40)
    })
    const transport = open({ maxSockets: 2, limits: { connectMs: 50 } })
    await Promise.all(Array.from({ length: 8 }, () => transport.send(get(server.origin))))
    expect(most).toBe(2)
  })

  it('that the server closes between two requests cost nothing', async () => {
    const server = await serve(({ socket }) => {
      reply(socket, 200, {}, '')
      setTimeout(() => socket.end(), 5)
    })
    const transport = open()
    for (let count = 0; count < 4; count++) {
      await transport.send(get(server.origin))
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    expect(server.connections).toBe(4)
  })
})
