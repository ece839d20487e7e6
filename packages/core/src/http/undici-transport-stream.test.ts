import { gzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { cancellationOf, systemClock } from '../clock.ts'
import { leakCheck } from '../testing/leaks/leak-check.ts'
import { fakeClock } from '../testing/time/fake-clock.ts'
import type { RawRequest } from './fixtures/raw-server.ts'
import { factsOf, open, pause, serve } from './fixtures/transport-setup.ts'
import type { HttpRequest, Transport } from './transport.ts'

async function stream(transport: Transport, url: string, more: Partial<HttpRequest> = {}) {
  const response = await transport.send({ method: 'GET', url, response: 'stream', ...more })
  if (response.stream === undefined) throw new Error('there is no stream')
  return response.stream
}

async function sizeOf(source: AsyncIterable<Uint8Array>): Promise<number> {
  let size = 0
  for await (const chunk of source) size += chunk.byteLength
  return size
}

/** Writes `total` bytes as fast as the other side takes them; counts what was taken. */
function flood(total: number, taken: { bytes: number }, piece = Buffer.alloc(64 * 1024)) {
  return ({ socket }: RawRequest): void => {
    socket.write(`HTTP/1.1 200 OK\r\ncontent-length: ${total}\r\n\r\n`)
    const more = (): void => {
      while (taken.bytes < total && !socket.destroyed) {
        taken.bytes += piece.length
        if (!socket.write(piece)) {
          socket.once('drain', more)
          return
        }
      }
    }
    more()
  }
}

it('hands the body over as it comes, then uses the socket again', async () => {
  const taken = { bytes: 0 }
  const server = await serve((request) => {
    taken.bytes = 0
    flood(8 * 1024 * 1024, taken)(request)
  })
  const transport = open()
  for (let count = 0; count < 3; count++) expect(await sizeOf(await stream(transport, server.origin))).toBe(8388608)
  expect(server.connections).toBe(1)
})

it('holds the server back when the reader is slow, without calling that idle', async () => {
  const taken = { bytes: 0 }
  const total = 64 * 1024 * 1024
  const server = await serve(flood(total, taken))
  const transport = open({ limits: { bodyIdleMs: 100 } })
  const before = process.memoryUsage().arrayBuffers
  const body = await stream(transport, server.origin)
  await pause(400)
  const held = process.memoryUsage().arrayBuffers - before
  expect(held).toBeLessThan(4 * 1024 * 1024)
  expect(taken.bytes).toBeLessThan(total / 2)
  expect(await sizeOf(body)).toBe(total)
})

it('closes the socket when the reader leaves early', async () => {
  const server = await serve(flood(64 * 1024 * 1024, { bytes: 0 }))
  const leaks = leakCheck({ withinMs: 300 })
  const transport = open()
  for await (const _ of await stream(transport, server.origin)) break
  await pause(50)
  expect(server.sockets.size).toBe(0)
  await leaks.verify()
})

describe('fails', () => {
  it('after the bytes that came, when the body is cut', async () => {
    const server = await serve(({ socket }) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nfive!'))
    const body = await stream(open(), server.origin)
    await pause(30)
    let text = ''
    const work = (async () => {
      for await (const chunk of body) text += Buffer.from(chunk).toString()
    })()
    expect(await factsOf(work)).toMatchObject({ kind: 'network', sent: 'all' })
    expect(text).toBe('five!')
  })

  it('by the deadline, and by cancellation, at once', async () => {
    const server = await serve(({ socket }) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nfive!'))
    const transport = open()
    const late = await stream(transport, server.origin, { deadlineAt: systemClock.monotonic() + 80 })
    expect(await factsOf(sizeOf(late))).toMatchObject({ kind: 'timeout', code: 'deadline', sent: 'all' })
    const controller = new AbortController()
    const leaks = leakCheck({ signals: [controller.signal] })
    const reason = { why: 'enough' }
    const body = await stream(transport, server.origin, { cancellation: cancellationOf(controller.signal) })
    controller.abort(reason)
    await expect(sizeOf(body)).rejects.toBe(reason)
    await pause(30)
    expect(server.sockets.size).toBe(0)
    await leaks.verify()
  })

  it('when the server pauses for too long', async () => {
    const clock = fakeClock()
    const server = await serve(({ socket }) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nfive!'))
    const body = await stream(open({ clock, limits: { bodyIdleMs: 1000 } }), server.origin)
    const work = factsOf(sizeOf(body))
    await pause(30)
    await clock.advance(1100)
    expect(await work).toMatchObject({ kind: 'timeout', code: 'body-idle', sent: 'all' })
  })

  it('over a cap that was asked for, plain and decoded, and has none otherwise', async () => {
    const zipped = gzipSync(Buffer.alloc(3_000_000))
    const server = await serve(({ socket, head }) => {
      const coding = head.includes('/coded') ? 'content-encoding: gzip\r\n' : ''
      const data = coding === '' ? Buffer.alloc(3_000_000) : zipped
      socket.write(`HTTP/1.1 200 OK\r\n${coding}content-length: ${data.length}\r\n\r\n`)
      socket.write(data)
    })
    const transport = open({ limits: { maxBodyBytes: 1000 } })
    for (const path of ['coded', 'plain']) {
      const capped = { limits: { maxBodyBytes: 100_000 } }
      const facts = await factsOf(sizeOf(await stream(transport, `${server.origin}/${path}`, capped)))
      expect(facts, path).toMatchObject({ kind: 'protocol', code: 'body-too-large' })
      expect(await sizeOf(await stream(transport, `${server.origin}/${path}`)), path).toBe(3_000_000)
    }
  })

  it('on damaged codings, and ends the socket with it', async () => {
    const server = await serve(({ socket }) =>
      socket.write('HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 1000\r\n\r\nno gzip at all'),
    )
    const facts = await factsOf(sizeOf(await stream(open(), server.origin)))
    expect(facts).toMatchObject({ kind: 'protocol', code: 'bad-encoding' })
    await pause(30)
    expect(server.sockets.size).toBe(0)
  })

  it('when the transport is closed', async () => {
    const server = await serve(flood(64 * 1024 * 1024, { bytes: 0 }))
    const transport = open()
    const body = await stream(transport, server.origin)
    await transport.close()
    expect(await factsOf(sizeOf(body))).toMatchObject({ kind: 'cancelled', code: 'transport-closed' })
  })

  it('for a second reader', async () => {
    const server = await serve(({ socket }) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\n1'))
    const body = await stream(open(), server.origin)
    expect(await sizeOf(body)).toBe(1)
    await expect(sizeOf(body)).rejects.toThrow('only once')
  })
})
