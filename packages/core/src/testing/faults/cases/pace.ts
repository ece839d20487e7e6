import type { ExpectedError, FaultCase } from '../fault-case.ts'
import type { Exchange } from '../server/exchange.ts'

const tooLate = (sent: 'none' | 'maybe' | 'all'): ExpectedError => ({ kind: 'timeout', retry: 'later', sent })
const neverConnects = { timeoutMs: 400, connectMs: 150 } as const

/** Sends the good answer in parts, with the waits that `waitBefore` gives for part 0, 1, ... */
async function inParts(exchange: Exchange, parts: number, waitBefore: (part: number) => number): Promise<void> {
  const { status, headers, body } = exchange.good
  await exchange.head(status, { ...headers, 'content-length': body.length })
  const size = Math.max(1, Math.ceil(body.length / parts))
  for (let part = 0; part * size < body.length; part++) {
    await exchange.wait(waitBefore(part))
    await exchange.send(body.subarray(part * size, (part + 1) * size))
  }
}

/** Slow peers: those that make it in time, and those that do not. */
export const paceFaults: readonly FaultCase[] = [
  {
    id: 'latency-fixed',
    group: 'pace',
    title: 'every answer waits',
    layer: 'transport',
    expected: 'success',
    async serve(exchange) {
      await exchange.wait(3 * exchange.stepMs)
      await exchange.respond(exchange.good)
    },
  },
  {
    id: 'latency-spread',
    group: 'pace',
    title: 'every part of the answer waits for another time',
    layer: 'transport',
    expected: 'success',
    serve: (exchange) => inParts(exchange, 4, () => exchange.random.between(0, 2 * exchange.stepMs)),
  },
  {
    id: 'slow-start',
    group: 'pace',
    title: 'the answer starts slowly and gets faster',
    layer: 'transport',
    expected: 'success',
    serve: (exchange) => inParts(exchange, 5, (part) => (4 * exchange.stepMs) / 2 ** part),
  },
  {
    id: 'bandwidth-capped',
    group: 'pace',
    title: 'a narrow line, within the deadline',
    layer: 'transport',
    expected: 'success',
    serve: (exchange) => inParts(exchange, 8, () => exchange.stepMs / 2),
  },
  {
    id: 'bandwidth-starved',
    group: 'pace',
    title: 'a line too narrow for the deadline',
    layer: 'transport',
    expected: tooLate('all'),
    wire: { dropsSocket: true },
    client: { timeoutMs: 250 },
    async serve(exchange) {
      await exchange.head(200, { ...exchange.good.headers, 'content-length': 8_000_000 })
      for (;;) {
        await exchange.send(Buffer.alloc(4096, 0x20))
        await exchange.wait(exchange.stepMs)
      }
    },
  },
  {
    id: 'connect-blackhole',
    group: 'pace',
    title: 'nobody answers the SYN (full backlog)',
    layer: 'transport',
    expected: tooLate('none'),
    listening: 'unconnectable',
    client: neverConnects,
    serve: unserved,
  },
  {
    id: 'tls-silent',
    group: 'pace',
    title: 'the connection is accepted and the TLS handshake never answered',
    layer: 'transport',
    expected: tooLate('none'),
    wire: { dropsSocket: true },
    listening: 'tls-silent',
    client: neverConnects,
    serve: unserved,
  },
  {
    id: 'half-open',
    group: 'pace',
    title: 'the peer vanishes inside the body, without FIN',
    layer: 'transport',
    expected: tooLate('all'),
    wire: { dropsSocket: true },
    client: { timeoutMs: 250 },
    async serve(exchange) {
      const { status, headers, body } = exchange.good
      await exchange.head(status, { ...headers, 'content-length': body.length + 500 })
      await exchange.send(body)
      await exchange.silence()
    },
  },
  {
    id: 'half-open-kept',
    group: 'pace',
    title: 'the peer of a kept connection has vanished, without FIN',
    layer: 'transport',
    expected: tooLate('maybe'),
    client: { warmUp: true, timeoutMs: 250 },
    async serve(exchange) {
      if (exchange.earlierOnConnection > 0) await exchange.silence()
      await exchange.respond(exchange.good)
    },
  },
]

function unserved(): never {
  throw new Error('this fault happens before a request can arrive')
}
