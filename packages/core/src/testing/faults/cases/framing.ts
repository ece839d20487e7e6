import type { ExpectedError, FaultCase } from '../fault-case.ts'

const malformed: ExpectedError = { kind: 'protocol', retry: 'never' }
/** Far more interim answers than any server has reason for; the client must give up before the last. */
const interimAnswers = 5000

/** HTTP that breaks its own rules. */
export const framingFaults: readonly FaultCase[] = [
  {
    id: 'chunk-size-bad',
    group: 'framing',
    title: 'a chunk size that is no hexadecimal number',
    layer: 'transport',
    expected: malformed,
    wire: { dropsSocket: true },
    async serve(exchange) {
      const { status, headers, body } = exchange.good
      await exchange.head(status, { ...headers, 'transfer-encoding': 'chunked' })
      await exchange.chunk(body)
      await exchange.send('xyz\r\n')
      await exchange.silence()
    },
  },
  {
    id: 'informational-flood',
    group: 'framing',
    title: 'a flood of 1xx answers without a final one',
    layer: 'transport',
    expected: malformed,
    wire: { dropsSocket: true },
    async serve(exchange) {
      for (let count = 0; count < interimAnswers; count++) {
        await exchange.send('HTTP/1.1 103 Early Hints\r\nlink: </style.css>; rel=preload\r\n\r\n')
      }
      await exchange.silence()
    },
  },
  {
    id: 'charset-wrong',
    group: 'framing',
    title: 'text that is not in the charset that it declares',
    layer: 'http',
    expected: malformed,
    serve(exchange) {
      const { good } = exchange
      // Latin-1 letters inside a document that calls itself UTF-8.
      const body = Buffer.from(Buffer.from(good.body).toString('latin1').replace('Patchbay', 'Pàtchbäy'), 'latin1')
      return exchange.respond({ ...good, body })
    },
  },
  {
    id: 'rst-after-body',
    group: 'framing',
    title: 'the connection is reset after a complete body',
    layer: 'transport',
    expected: 'success',
    async serve(exchange) {
      await exchange.respond(exchange.good)
      await exchange.wait(exchange.stepMs)
      exchange.reset()
    },
  },
]
