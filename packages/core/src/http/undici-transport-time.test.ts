import { describe, expect, it } from 'vitest'
import { cancellationOf, systemClock } from '../clock.ts'
import { leakCheck } from '../testing/leaks/leak-check.ts'
import { fakeClock } from '../testing/time/fake-clock.ts'
import { type RawRequest, rawServer, reply } from './fixtures/raw-server.ts'
import { factsOf, get, open, serve, textOf } from './fixtures/transport-setup.ts'
import { undiciTransport } from './undici-transport.ts'

const loopback = [{ cidr: '127.0.0.0/8' }]

describe('time', () => {
  it('ends by the deadline, with what was sent by then', async () => {
    const server = await serve(({ socket, head }) => {
      if (!head.includes('/drip')) return
      socket.write('HTTP/1.1 200 OK\r\nx-drip: ')
      setInterval(() => socket.destroyed || socket.write('x'), 20).unref()
    })
    const transport = open()
    const facts = (path: string) =>
      factsOf(transport.send(get(`${server.origin}${path}`, { deadlineAt: systemClock.monotonic() + 120 })))
    expect(await facts('/silent')).toMatchObject({ kind: 'timeout', code: 'deadline', sent: 'maybe' })
    expect(await facts('/drip')).toMatchObject({ kind: 'timeout', code: 'deadline', sent: 'all' })
    expect(await factsOf(transport.send(get(server.origin, { deadlineAt: 0 })))).toMatchObject({ sent: 'none' })
    expect(server.heads).toHaveLength(2)
  })

  it('counts pauses of the body by the injected clock, and only pauses', async () => {
    const clock = fakeClock()
    const sockets: RawRequest['socket'][] = []
    const server = await serve(({ socket }) => {
      sockets.push(socket)
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nstart')
    })
    const transport = open({ clock, limits: { bodyIdleMs: 1000 } })
    const work = factsOf(transport.send(get(server.origin)))
    const arrived = () => new Promise((resolve) => setTimeout(resolve, 30))
    while (sockets.length === 0) await arrived()
    await arrived()
    await clock.advance(900)
    sockets[0]?.write('more')
    await arrived()
    await clock.advance(900)
    sockets[0]?.write('more')
    await arrived()
    await clock.advance(990)
    await arrived()
    expect(server.sockets.size).toBe(1)
    await clock.advance(20)
    expect(await work).toMatchObject({ kind: 'timeout', code: 'body-idle', sent: 'all' })
    await arrived()
    expect(server.sockets.size).toBe(0)
    await clock.advance(20)
    expect(clock.pending).toEqual({ timers: 0, intervals: 0, afterInput: 0 })
  })

  it('does not wait for ever for an answer when nobody set a deadline', async () => {
    const clock = fakeClock()
    const server = await serve(() => undefined)
    const work = factsOf(open({ clock }).send(get(server.origin)))
    while (server.heads.length === 0) await new Promise((resolve) => setTimeout(resolve, 5))
    await clock.advance(299_000)
    await clock.advance(2000)
    expect(await work).toMatchObject({ kind: 'timeout', code: 'answer-timeout', sent: 'maybe' })
  })

  it('limits a slow name server by the time to connect', async () => {
    const transport = open({ lookup: () => undefined })
    const facts = await factsOf(transport.send(get('http://slow.example/', { limits: { connectMs: 50 } })))
    expect(facts).toMatchObject({ kind: 'timeout', code: 'connect-timeout', sent: 'none' })
  })
})

describe('cancellation', () => {
  it('rejects with the reason itself, closes the socket and forgets the listener', async () => {
    const server = await serve(() => undefined)
    const controller = new AbortController()
    const leaks = leakCheck({ signals: [controller.signal] })
    const transport = open()
    const reason = { why: 'the user left' }
    const work = transport.send(get(server.origin, { cancellation: cancellationOf(controller.signal) }))
    while (server.heads.length === 0) await new Promise((resolve) => setTimeout(resolve, 5))
    controller.abort(reason)
    await expect(work).rejects.toBe(reason)
    await transport.close()
    await leaks.verify()
    await expect(open().send(get(server.origin, { cancellation: cancellationOf(controller.signal) }))).rejects.toBe(
      reason,
    )
    expect(server.heads).toHaveLength(1)
  })

  it('ends while waiting for a socket, and the socket goes to the next', async () => {
    const waiting: RawRequest['socket'][] = []
    const server = await serve(({ socket }) => waiting.push(socket))
    const transport = open({ maxSockets: 1 })
    const first = transport.send(get(`${server.origin}/1`))
    while (waiting.length === 0) await new Promise((resolve) => setTimeout(resolve, 5))
    const controller = new AbortController()
    const second = transport.send(get(`${server.origin}/2`, { cancellation: cancellationOf(controller.signal) }))
    const third = transport.send(get(`${server.origin}/3`))
    controller.abort(new Error('second gave up'))
    await expect(second).rejects.toThrow('second gave up')
    reply(waiting[0] as RawRequest['socket'], 200, {}, 'one')
    await first
    while (waiting.length === 1) await new Promise((resolve) => setTimeout(resolve, 5))
    reply(waiting[1] as RawRequest['socket'], 200, {}, 'three')
    expect(textOf((await third).body)).toBe('three')
    expect(server.heads.map((head) => head.slice(0, 6))).toEqual(['GET /1', 'GET /3'])
  })
})

describe('close', () => {
  it('ends what is under way, refuses what comes after, and leaves nothing behind', async () => {
    const leaks = leakCheck()
    const server = await rawServer(({ socket, head }) => {
      if (head.includes('/kept')) reply(socket, 200, {}, '')
    })
    const transport = undiciTransport({ clock: systemClock, allow: loopback, maxSockets: 2 })
    await transport.send(get(`${server.origin}/kept`))
    const pending = [1, 2, 3].map(() => factsOf(transport.send(get(`${server.origin}/silent`))))
    while (server.heads.length < 3) await new Promise((resolve) => setTimeout(resolve, 5))
    await transport.close()
    const all = await Promise.all(pending)
    expect(all.map(({ code, sent }) => `${code} ${sent}`).toSorted()).toEqual([
      'transport-closed maybe',
      'transport-closed maybe',
      'transport-closed none',
    ])
    expect(await factsOf(transport.send(get(server.origin)))).toMatchObject({ kind: 'cancelled', sent: 'none' })
    await transport.close()
    await server.close()
    await leaks.verify()
  })
})
