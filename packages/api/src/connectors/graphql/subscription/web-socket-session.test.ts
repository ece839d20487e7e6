import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { connect, isPatchbayError, type PatchbayError, Runtime, systemClock } from '@patchbay/core'
import { undiciTransport } from '@patchbay/core/http'
import { fakeClock, leakCheck, seededRandom } from '@patchbay/core/testing'
import { afterEach, expect, it } from 'vitest'
import { type WebSocket, WebSocketServer } from 'ws'
import { graphql } from '../index.ts'
import { subscribe } from './subscribe.ts'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

interface Message {
  readonly type: string
  readonly id?: string
  readonly payload?: unknown
}
type Say = (message: Message | string) => void

/** A server that does as it is told, in the graphql-transport-ws protocol or not. */
async function serve(
  answer: (message: Message, say: Say, socket: WebSocket) => void,
  protocol = 'graphql-transport-ws',
) {
  const server = createServer((_request, response) => response.writeHead(403).end('{"message":"no token-S3CR3T here"}'))
  const heard: Message[] = []
  const sockets = new WebSocketServer({ server, path: '/graphql', handleProtocols: () => protocol })
  sockets.on('connection', (socket) => {
    const say: Say = (message) => socket.send(typeof message === 'string' ? message : JSON.stringify(message))
    socket.on('error', () => undefined)
    socket.on('message', (data) => {
      const message = JSON.parse(String(data)) as Message
      heard.push(message)
      answer(message, say, socket)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  cleanups.push(async () => {
    for (const socket of sockets.clients) socket.terminate()
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/graphql`, heard }
}

const document = 'subscription { a }'
const next = (a: number) => ({ id: '1', type: 'next', payload: { data: { a } } })

/** Over a clock that stands still and a real wire. */
function open(url: string, subscriptions: object = {}) {
  const clock = fakeClock()
  const transport = undiciTransport({ clock: systemClock, allow: [{ host: '127.0.0.1' }] })
  cleanups.push(() => transport.close())
  const connection = connect(graphql, {
    config: { url, subscriptions: { protocol: 'websocket', ...subscriptions } },
    transport,
    policies: { retry: false, breaker: false, deadline: false, attemptTimeout: false },
    runtime: new Runtime({ clock, random: seededRandom(1) }),
  })
  cleanups.push(() => connection.$close())
  return { connection, clock }
}

async function failure(loop: AsyncIterable<unknown>): Promise<PatchbayError> {
  try {
    for await (const _ of loop);
  } catch (error) {
    if (isPatchbayError(error)) return error
    throw error
  }
  throw new Error('the loop ended without an error')
}

async function until(ready: () => boolean): Promise<void> {
  for (let turn = 0; turn < 400 && !ready(); turn++) await new Promise((resolve) => setTimeout(resolve, 5))
  if (!ready()) throw new Error('it did not happen within 2 s')
}

it.each([
  [4401, 'credential', 'never'],
  [4403, 'permission', 'never'],
  [4400, 'protocol', 'never'],
  [4406, 'unsupported', 'never'],
  [4408, 'timeout', 'later'],
  [4500, 'unavailable', 'later'],
  [1011, 'unavailable', 'later'],
  [1008, 'permission', 'never'],
])('a server that closes with %i means %s', async (code, kind, retry) => {
  const { url } = await serve((_message, _say, socket) => socket.close(code, 'because token=abcdef12'))
  const error = await failure(subscribe(open(url).connection, document, {}, { reconnect: false }))
  expect(error).toMatchObject({ kind, code: `websocket-${code}` })
  expect(error.retry === 'exhausted' ? 'later' : error.retry).toBe(retry)
  expect(error.message).toContain('because token=[secret]')
})

it('reports the status of a handshake that is refused, and what it said', async () => {
  const { url } = await serve(() => undefined)
  const { connection } = open(url, { url: url.replace('http', 'ws').replace('/graphql', '/other') })
  const error = await failure(subscribe(connection, document, {}, { reconnect: false }))
  // ws answers 400 to a path that it does not serve.
  expect(error).toMatchObject({ kind: 'invalid-input', status: 400, retry: 'never' })
})

it.each([
  ['text that is no JSON', 'nonsense'],
  ['another type', JSON.stringify({ type: 'data' })],
  ['an event that is none', JSON.stringify({ id: '1', type: 'next', payload: { nothing: 1 } })],
])('calls %s a protocol error', async (_, text) => {
  const { url } = await serve(({ type }, say) => {
    say(type === 'connection_init' ? { type: 'connection_ack' } : text)
  })
  const error = await failure(subscribe(open(url).connection, document))
  expect(error).toMatchObject({ kind: 'protocol', retry: 'never' })
})

it('refuses a server with another subprotocol, and an event that is too large', async () => {
  const other = await serve(() => undefined, 'graphql-ws')
  expect(await failure(subscribe(open(other.url).connection, document))).toMatchObject({
    kind: 'protocol',
    code: 'no-websocket',
  })
  const { url } = await serve(({ type }, say) => {
    say(
      type === 'connection_init'
        ? { type: 'connection_ack' }
        : { ...next(1), payload: { data: { a: 'x'.repeat(5000) } } },
    )
  })
  const large = await failure(subscribe(open(url, { maxEventBytes: 1000 }).connection, document))
  expect(large).toMatchObject({ kind: 'protocol', code: 'event-too-large' })
})

it('gives up a server that does not acknowledge', async () => {
  const leaks = leakCheck({ withinMs: 1500 })
  const { url, heard } = await serve(() => undefined)
  const { connection, clock } = open(url, { acknowledgeMs: 3000 })
  const running = failure(subscribe(connection, document, {}, { reconnect: false }))
  await until(() => heard.length === 1)
  await clock.advance(2999)
  await clock.advance(1)
  expect(await running).toMatchObject({ kind: 'timeout', code: 'acknowledge-timeout' })
  await clock.advance(2000)
  expect(clock.pending.timers).toBe(0)
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
  await leaks.verify()
})

it('pings a silent server, answers its pings, and gives it up when it stays silent', async () => {
  let answers = true
  const { url, heard } = await serve(({ type }, say) => {
    if (type === 'connection_init') say({ type: 'connection_ack' })
    if (type === 'subscribe') {
      say(next(1))
      say({ type: 'ping', payload: { n: 1 } })
    }
    if (type === 'ping' && answers) say({ type: 'pong' })
  })
  const { connection, clock } = open(url, { idleMs: 10_000 })
  const seen: unknown[] = []
  const running = failure(
    (async function* () {
      for await (const { data } of subscribe(connection, document, {}, { reconnect: false })) {
        seen.push(data)
        yield data
      }
    })(),
  )
  await until(() => heard.some(({ type }) => type === 'pong'))
  expect(heard.find(({ type }) => type === 'pong')).toEqual({ type: 'pong', payload: { n: 1 } })
  const pings = () => heard.filter(({ type }) => type === 'ping').length
  for (let round = 1; round <= 3; round++) {
    await clock.advance(5_000)
    await until(() => pings() === round)
    // The answer has to arrive on the real wire.
    await new Promise((resolve) => setTimeout(resolve, 30))
  }
  answers = false
  await clock.advance(5_000)
  await clock.advance(5_000)
  expect(await running).toMatchObject({ kind: 'timeout', code: 'idle' })
  expect(seen).toEqual([{ a: 1 }])
})

it('gives what arrived before the connection broke, then goes on', async () => {
  let connections = 0
  const { url } = await serve(({ type }, say, socket) => {
    if (type === 'connection_init') say({ type: 'connection_ack' })
    if (type !== 'subscribe') return
    connections++
    for (let a = 1; a <= 3; a++) say(next(connections * 10 + a))
    if (connections < 3) setTimeout(() => socket.terminate(), 20)
    else say({ id: '1', type: 'complete' })
  })
  const { connection, clock } = open(url)
  const seen: number[] = []
  const delays: number[] = []
  const loop = (async () => {
    const options = { onReconnect: ({ delayMs }: { delayMs: number }) => delays.push(delayMs) }
    for await (const { data } of subscribe<{ a: number }>(connection, document, {}, options)) seen.push(data.a)
  })()
  for (let turn = 1; turn < 3; turn++) {
    await until(() => delays.length === turn)
    await clock.advance(delays.at(-1) ?? 0)
  }
  await loop
  expect(seen).toEqual([11, 12, 13, 21, 22, 23, 31, 32, 33])
  for (const delay of delays) expect(delay).toBeGreaterThanOrEqual(250)
  for (const delay of delays) expect(delay).toBeLessThanOrEqual(500)
})
