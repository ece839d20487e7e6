import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest'
import { leakCheck } from '../leaks/leak-check.ts'
import { fakeClock } from '../time/fake-clock.ts'
import { seededRandom } from '../time/seeded-random.ts'
import { type TcpProxy, type TcpProxyOptions, tcpProxy } from './tcp-proxy.ts'
import type { Toxic } from './toxic.ts'

/** Says hello at once, then echoes; remembers its sockets. */
const accepted: Socket[] = []
const echo = createServer({ allowHalfOpen: true }, (socket) => {
  accepted.push(socket)
  socket.on('error', () => undefined)
  socket.on('data', (chunk) => socket.write(chunk))
  socket.on('end', () => socket.end())
})
echo.listen(0, '127.0.0.1')
await once(echo, 'listening')
const { port } = echo.address() as AddressInfo

const proxies: TcpProxy[] = []
async function start(toxics: readonly Toxic[] = [], options: Partial<TcpProxyOptions> = {}): Promise<TcpProxy> {
  const proxy = await tcpProxy({ target: { port }, ...options })
  proxies.push(proxy)
  for (const [index, toxic] of toxics.entries()) proxy.add(`toxic ${index}`, toxic)
  return proxy
}

afterEach(async () => {
  for (const proxy of proxies.splice(0)) await proxy.close()
  for (const socket of accepted.splice(0)) socket.destroy()
})
afterAll(() => echo.close())

interface Answer {
  readonly text: string
  readonly tookMs: number
  readonly ended: 'end' | 'complete' | 'quiet' | string
}

/** Sends, and reads until as much came back, the peer ends or resets, or nothing (more) came for some time. */
async function send(proxy: TcpProxy, text: string, quietMs = 10_000, firstMs = quietMs): Promise<Answer> {
  const socket = connect(proxy.port, proxy.host)
  const start = performance.now()
  const chunks: Buffer[] = []
  let timer: NodeJS.Timeout | undefined
  const ended = await new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve('quiet'), firstMs)
    socket.on('data', (chunk: Buffer) => {
      chunks.push(chunk)
      clearTimeout(timer)
      timer = setTimeout(() => resolve('quiet'), quietMs)
      if (Buffer.concat(chunks).length >= text.length) resolve('complete')
    })
    socket.on('end', () => resolve('end'))
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message))
    socket.write(text)
  })
  const tookMs = performance.now() - start
  clearTimeout(timer)
  socket.destroy()
  return { text: Buffer.concat(chunks).toString('latin1'), tookMs, ended }
}

describe('tcpProxy', () => {
  it('passes everything on, both ways, FIN included', async () => {
    const proxy = await start()
    const big = 'x'.repeat(3_000_000)
    expect((await send(proxy, big)).text).toBe(big)
    const socket = connect({ port: proxy.port, allowHalfOpen: true })
    socket.end('half closed')
    const chunks: Buffer[] = []
    for await (const chunk of socket) chunks.push(chunk as Buffer)
    expect(Buffer.concat(chunks).toString()).toBe('half closed')
    expect(proxy.accepted).toBe(2)
    expect(proxy.bytes).toEqual({ up: 3_000_011, down: 3_000_011 })
  })

  it('passes a reset on', async () => {
    const proxy = await start()
    const socket = connect(proxy.port)
    await once(socket, 'connect')
    socket.write('a')
    await once(socket, 'data')
    accepted.at(-1)?.resetAndDestroy()
    const [error] = await once(socket, 'error')
    expect((error as NodeJS.ErrnoException).code).toBe('ECONNRESET')
  })

  it('delays without narrowing the line', async () => {
    const proxy = await start([{ type: 'latency', ms: 30 }])
    const { text, tookMs } = await send(proxy, 'y'.repeat(200_000))
    expect(text).toHaveLength(200_000)
    expect(tookMs).toBeGreaterThanOrEqual(29)
    // Many chunks, one latency: had they waited for each other it would be the multiple.
    expect(tookMs).toBeLessThan(500)
  })

  it('delays what the client sends, when told so', async () => {
    const proxy = await start([{ type: 'latency', ms: 30, direction: 'up' }])
    const socket = connect(proxy.port)
    const begun = performance.now()
    socket.write('a')
    await once(socket, 'data')
    expect(performance.now() - begun).toBeGreaterThanOrEqual(29)
    socket.destroy()
  })

  it('jitters and slices in order', async () => {
    const proxy = await start([
      { type: 'slicer', bytes: 40, variation: 10, delayMs: 5 },
      { type: 'jitter', mostMs: 3 },
    ])
    const text = Array.from({ length: 20 }, (_, index) => `part-${index};`).join('')
    expect((await send(proxy, text)).text).toBe(text)
  })

  it('narrows the line', async () => {
    const proxy = await start([{ type: 'bandwidth', bytesPerSecond: 100_000 }])
    const { text, tookMs } = await send(proxy, 'z'.repeat(5000))
    expect(text).toHaveLength(5000)
    expect(tookMs).toBeGreaterThanOrEqual(45)
  })

  it('makes a sender wait when the line is narrow', async () => {
    const proxy = await start([{ type: 'bandwidth', bytesPerSecond: 10_000, direction: 'up' }])
    const socket = connect(proxy.port)
    socket.on('error', () => undefined)
    await once(socket, 'connect')
    let taken = 0
    let quiet = false
    // The buffers of the systems hold a few megabytes; without back pressure there would be no end to it.
    while (taken < 64 && !quiet) {
      taken++
      if (socket.write(Buffer.alloc(1 << 20))) continue
      const drained = once(socket, 'drain').then(() => false)
      quiet = await Promise.race([drained, new Promise<true>((resolve) => setTimeout(() => resolve(true), 45))])
    }
    expect(taken).toBeLessThan(64)
    expect(proxy.bytes.up).toBeLessThan(50_000)
    socket.destroy()
  })

  it('ends in order after a limit', async () => {
    const proxy = await start([{ type: 'limit', bytes: 100 }])
    expect(await send(proxy, 'a'.repeat(99))).toMatchObject({ text: 'a'.repeat(99), ended: 'complete' })
    expect(await send(proxy, 'a'.repeat(5000))).toMatchObject({ text: 'a'.repeat(100), ended: 'end' })
    await vi.waitFor(() => expect(proxy.open).toBe(0))
  })

  it('resets after bytes, after a time, and at once', async () => {
    const bytes = await start([{ type: 'reset', afterBytes: 10 }])
    expect((await send(bytes, 'a'.repeat(500))).ended).toBe('ECONNRESET')
    const clock = fakeClock()
    const time = await start([{ type: 'reset', afterMs: 60_000 }], { clock })
    expect(await send(time, 'abc')).toMatchObject({ ended: 'complete', text: 'abc' })
    const waiting = connect(time.port)
    while (time.accepted < 2) await new Promise((resolve) => setImmediate(resolve))
    const reset = once(waiting, 'error')
    await clock.advance(60_000)
    expect(((await reset)[0] as NodeJS.ErrnoException).code).toBe('ECONNRESET')
    expect((await send(await start([{ type: 'reset' }]), 'a'.repeat(500))).ended).toBe('ECONNRESET')
  })

  it('swallows everything, for ever or until it closes', async () => {
    const hole = await start([{ type: 'timeout' }])
    expect(await send(hole, 'abc', 30)).toMatchObject({ text: '', ended: 'quiet' })
    expect(hole.bytes).toEqual({ up: 0, down: 0 })
    const closing = await start([{ type: 'timeout', closeAfterMs: 10 }])
    expect(await send(closing, 'abc')).toMatchObject({ text: '' })
    await vi.waitFor(() => expect(closing.open).toBe(0))
  })

  it('loses the route without FIN: neither side learns of it', async () => {
    const proxy = await start()
    const socket = connect({ port: proxy.port })
    socket.write('before')
    expect(String(await once(socket, 'data'))).toBe('before')
    proxy.add('gone', { type: 'half-open' })
    socket.write('after')
    accepted.at(-1)?.write('unasked')
    await new Promise((resolve) => setTimeout(resolve, 30))
    expect([socket.readableLength, accepted.at(-1)?.bytesRead, socket.readyState]).toEqual([0, 6, 'open'])
    socket.end()
    await new Promise((resolve) => setTimeout(resolve, 20))
    expect(accepted.at(-1)?.readyState).toBe('open')
    socket.destroy()
  })

  it('loses the route in the middle of an answer', async () => {
    const proxy = await start([{ type: 'half-open', afterBytes: 4, direction: 'down' }])
    expect(await send(proxy, 'abcdefgh', 30, 10_000)).toMatchObject({ text: 'abcd', ended: 'quiet' })
  })

  it('corrupts bits, the same for a seed', async () => {
    const play = async (seed: number) => {
      const proxy = await start([{ type: 'corrupt', everyBytes: 50 }], { random: seededRandom(seed) })
      return (await send(proxy, 'a'.repeat(1000))).text
    }
    const first = await play(5)
    const wrong = [...first].filter((letter) => letter !== 'a').length
    expect(wrong).toBeGreaterThan(5)
    expect(wrong).toBeLessThan(50)
    expect(await play(5)).toBe(first)
    expect(await play(6)).not.toBe(first)
  })

  it('hits a part of the connections, the same for a seed', async () => {
    const play = async () => {
      const proxy = await start([{ type: 'limit', bytes: 1, probability: 0.5 }], { random: seededRandom(2) })
      const seen: boolean[] = []
      for (let count = 0; count < 12; count++) seen.push((await send(proxy, 'abc')).ended === 'end')
      return seen
    }
    const seen = await play()
    expect(new Set(seen).size).toBe(2)
    expect(await play()).toEqual(seen)
  })

  it('changes while connections are open: what was held back goes out', async () => {
    const proxy = await start([{ type: 'latency', ms: 60_000 }])
    const socket = connect(proxy.port)
    socket.write('held')
    while (proxy.bytes.up < 4) await new Promise((resolve) => setImmediate(resolve))
    await new Promise((resolve) => setTimeout(resolve, 10))
    expect(proxy.bytes.down).toBe(0)
    proxy.remove('toxic 0')
    expect(String(await once(socket, 'data'))).toBe('held')
    proxy.add('cut', { type: 'reset', afterMs: 0 })
    const [error] = await once(socket, 'error')
    expect((error as NodeJS.ErrnoException).code).toBe('ECONNRESET')
    expect(() => proxy.add('cut', { type: 'timeout' })).toThrow('there is a toxic "cut" already')
    proxy.clear()
    expect(proxy.toxics.size).toBe(0)
    expect((await send(proxy, 'fine')).text).toBe('fine')
  })

  it('goes down and comes back at the same port', async () => {
    const proxy = await start()
    const socket = connect(proxy.port)
    await once(socket, 'connect')
    const reset = once(socket, 'error')
    await proxy.disable()
    expect(((await reset)[0] as NodeJS.ErrnoException).code).toBe('ECONNRESET')
    expect((await send(proxy, 'a')).ended).toBe('ECONNREFUSED')
    await proxy.enable()
    expect((await send(proxy, 'back')).text).toBe('back')
  })

  it('resets the client when the target refuses', async () => {
    const gone = createServer().listen(0, '127.0.0.1')
    await once(gone, 'listening')
    const target = { port: (gone.address() as AddressInfo).port }
    gone.close()
    await once(gone, 'close')
    expect((await send(await start([], { target }), 'a')).ended).toBe('ECONNRESET')
  })

  it('closes without leaving a socket or a timer', async () => {
    const leaks = leakCheck()
    const proxy = await tcpProxy({ target: { port } })
    for (const toxic of [
      { type: 'latency', ms: 60_000 },
      { type: 'reset', afterMs: 60_000 },
    ] as const)
      proxy.add(toxic.type, toxic)
    const socket = connect(proxy.port)
    socket.on('error', () => undefined)
    socket.write('abc')
    while (proxy.bytes.up < 3) await new Promise((resolve) => setImmediate(resolve))
    await proxy.close()
    socket.destroy()
    await leaks.verify()
    expect(proxy.open).toBe(0)
  })
})
