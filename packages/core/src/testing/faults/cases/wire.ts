import type { ExpectedError, FaultCase } from '../fault-case.ts'

const cutOff: ExpectedError = { kind: 'network', retry: 'later', sent: 'all' }
const noAnswer: ExpectedError = { kind: 'network', retry: 'later', sent: 'maybe' }
const tooLate = (sent: 'maybe' | 'all'): ExpectedError => ({ kind: 'timeout', retry: 'later', sent })

/** Connections that break, stall or say too much. */
export const wireFaults: readonly FaultCase[] = [
  {
    id: 'body-cut-length',
    group: 'wire',
    title: 'the body ends before its Content-Length',
    layer: 'transport',
    expected: cutOff,
    async serve(exchange) {
      const { status, headers, body } = exchange.good
      await exchange.head(status, { ...headers, 'content-length': body.length + 500 })
      await exchange.send(body)
      exchange.finish()
    },
  },
  {
    id: 'body-cut-chunk',
    group: 'wire',
    title: 'the body ends without its last chunk',
    layer: 'transport',
    expected: cutOff,
    async serve(exchange) {
      const { status, headers, body } = exchange.good
      await exchange.head(status, { ...headers, 'transfer-encoding': 'chunked' })
      await exchange.chunk(body)
      exchange.finish()
    },
  },
  {
    id: 'rst-in-body',
    group: 'wire',
    title: 'the connection is reset inside the body',
    layer: 'transport',
    expected: cutOff,
    async serve(exchange) {
      const { status, headers, body } = exchange.good
      await exchange.head(status, { ...headers, 'content-length': body.length + 500 })
      await exchange.send(body)
      await exchange.wait(exchange.stepMs)
      exchange.reset()
    },
  },
  {
    id: 'rst-before-reply',
    group: 'wire',
    title: 'the connection is reset before a byte of the reply',
    layer: 'transport',
    expected: noAnswer,
    serve: (exchange) => exchange.reset(),
  },
  {
    id: 'fin-before-reply',
    group: 'wire',
    title: 'the connection is closed before a byte of the reply',
    layer: 'transport',
    expected: noAnswer,
    serve: (exchange) => exchange.finish(),
  },
  {
    id: 'silence',
    group: 'wire',
    title: 'the request is accepted and never answered',
    layer: 'transport',
    expected: tooLate('maybe'),
    wire: { dropsSocket: true },
    client: { timeoutMs: 250 },
    serve: (exchange) => exchange.silence(),
  },
  {
    id: 'headers-drip',
    group: 'wire',
    title: 'the header fields come byte by byte and never end',
    layer: 'transport',
    expected: tooLate('all'),
    wire: { dropsSocket: true },
    client: { timeoutMs: 250 },
    async serve(exchange) {
      await exchange.send('HTTP/1.1 200 OK\r\nx-drip: ')
      for (;;) {
        await exchange.wait(exchange.stepMs)
        await exchange.send('a')
      }
    },
  },
  {
    id: 'body-drip',
    group: 'wire',
    title: 'the body comes byte by byte, always before an idle timeout',
    layer: 'transport',
    expected: tooLate('all'),
    wire: { dropsSocket: true },
    client: { timeoutMs: 250 },
    async serve(exchange) {
      await exchange.head(200, { ...exchange.good.headers, 'content-length': 1_000_000 })
      for (;;) {
        await exchange.wait(exchange.stepMs)
        await exchange.send(' ')
      }
    },
  },
  {
    id: 'body-overlong',
    group: 'wire',
    title: 'more bytes follow than Content-Length declares',
    layer: 'transport',
    expected: 'success',
    wire: { dropsSocket: true },
    async serve(exchange) {
      const { status, headers, body } = exchange.good
      await exchange.head(status, { ...headers, 'content-length': body.length })
      await exchange.send(Buffer.concat([body, Buffer.from('and more than was declared')]))
      await exchange.silence()
    },
  },
  {
    id: 'length-and-chunked',
    group: 'wire',
    title: 'Content-Length and chunked coding stand together (request smuggling)',
    layer: 'transport',
    expected: { kind: 'protocol', retry: 'never', sent: 'all' },
    wire: { dropsSocket: true },
    async serve(exchange) {
      const { status, headers, body } = exchange.good
      await exchange.head(status, { ...headers, 'content-length': body.length, 'transfer-encoding': 'chunked' })
      await exchange.chunk(body)
      await exchange.send('0\r\n\r\n')
      await exchange.silence()
    },
  },
  {
    id: 'header-huge',
    group: 'wire',
    title: 'one header field of 64 KiB',
    layer: 'transport',
    expected: { kind: 'protocol', retry: 'never', sent: 'all' },
    wire: { dropsSocket: true },
    async serve(exchange) {
      const { status, headers, body } = exchange.good
      await exchange.head(status, { ...headers, 'x-huge': 'a'.repeat(65_536), 'content-length': body.length })
      await exchange.send(body)
      await exchange.silence()
    },
  },
  {
    id: 'stale-keep-alive',
    group: 'wire',
    title: 'a kept connection is closed as the next request arrives',
    layer: 'transport',
    expected: 'success',
    expectedOfWrite: { kind: 'network', retry: 'never', sent: 'maybe' },
    wire: { leastRequests: 3, mostRequests: 3 },
    client: { warmUp: true },
    async serve(exchange) {
      if (exchange.earlierOnConnection > 0) exchange.finish()
      else await exchange.respond(exchange.good)
    },
  },
]
