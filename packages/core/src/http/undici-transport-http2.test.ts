import { createSecureServer, type Http2ServerRequest, type Http2ServerResponse } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import type { Fault } from '../errors.ts'
import { makeCertificates } from '../testing/certificates/make-certificates.ts'
import { afterTest, factsOf, get, open as openWith, textOf } from './fixtures/transport-setup.ts'
import type { Transport } from './transport.ts'
import type { UndiciTransportOptions } from './undici-transport.ts'

const pki = makeCertificates()
const open = (options: Partial<UndiciTransportOptions> = {}): Transport =>
  openWith({ tls: { ca: pki.authority.certificate }, ...options })

/** A server of HTTP/2 that counts its sessions. */
async function serve(respond: (request: Http2ServerRequest, response: Http2ServerResponse, session: number) => void) {
  const state = { sessions: 0, origin: '' }
  const numbers = new WeakMap<object, number>()
  const server = createSecureServer({ cert: pki.server.certificate, key: pki.server.key })
  server.on('session', (session) => {
    state.sessions++
    numbers.set(session, state.sessions)
    session.on('error', () => undefined)
  })
  server.on('request', (request, response) => {
    request.on('error', () => undefined)
    response.stream.on('error', () => undefined)
    respond(request, response, numbers.get(response.stream.session as object) ?? 0)
  })
  server.listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  afterTest(async () => void server.close())
  state.origin = `https://127.0.0.1:${(server.address() as AddressInfo).port}`
  return state
}

describe('uploads over HTTP/2', () => {
  /** Counts the body and answers at its end. */
  const count = (request: Http2ServerRequest, response: Http2ServerResponse): void => {
    let size = 0
    request.on('data', (chunk: Buffer) => {
      size += chunk.length
    })
    request.on('end', () => response.end(`${size} of ${request.headers['content-length'] ?? 'unknown'}`))
  }
  async function* inTwo(size: number): AsyncGenerator<Uint8Array> {
    yield Buffer.alloc(size / 2)
    yield Buffer.alloc(size / 2)
  }

  it('leave room for the answers to others, however large they are', async () => {
    const { origin } = await serve(count)
    const transport = open()
    await transport.send(get(origin))
    const size = 12_000_000
    const bodies = [Buffer.alloc(size), 'x'.repeat(size), inTwo(size)]
    const uploads = bodies.map((body) => transport.send({ method: 'POST', url: origin, body }))
    const others = Array.from({ length: 20 }, () => transport.send(get(origin)))
    for (const answer of await Promise.all(others)) expect(textOf(answer.body)).toBe('0 of unknown')
    const answers = (await Promise.all(uploads)).map(({ body }) => textOf(body))
    expect(answers).toEqual([`${size} of ${size}`, `${size} of ${size}`, `${size} of unknown`])
  })

  it('that the server does not read to the end get its answer, each time', async () => {
    const state = await serve((_, response) => {
      response.writeHead(413)
      response.end('too large', () => response.stream.close())
    })
    const transport = open()
    for (let index = 0; index < 5; index++) {
      const answer = await transport.send({ method: 'POST', url: state.origin, body: Buffer.alloc(8_000_000) })
      expect([answer.status, textOf(answer.body)]).toEqual([413, 'too large'])
    }
  })

  it('in many bytes per character keep their length', async () => {
    const { origin } = await serve(count)
    const answer = await open().send({ method: 'POST', url: origin, body: '漢'.repeat(20_000) })
    expect(textOf(answer.body)).toBe('60000 of 60000')
  })
})

describe('a session of HTTP/2 that the server ends', () => {
  it('has not begun what it refuses: the request is as good as not sent', async () => {
    // Each session takes its first stream and refuses the others. The client library tries once more by itself.
    const firsts = new Map<number, Http2ServerResponse>()
    const state = await serve((_, response, session) => {
      const first = firsts.get(session)
      if (first === undefined) {
        firsts.set(session, response)
        return
      }
      response.stream.session?.goaway(0, first.stream.id as number)
      first.end('taken')
    })
    const transport = open()
    const send = () => transport.send({ method: 'POST', url: state.origin, body: 'once' })
    const ended = await Promise.allSettled([send(), send(), send()])
    const refused = ended.filter((one) => one.status === 'rejected').map(({ reason }) => (reason as Fault).facts)
    expect(refused).toHaveLength(1)
    expect(refused[0]).toMatchObject({
      kind: 'network',
      sent: 'none',
      code: 'stream-refused',
      freeRetry: 'stale-socket',
    })
    expect(state.sessions).toBe(2)
  })

  it('has not begun a stream that it resets as refused', async () => {
    const { origin } = await serve((_, response) => response.stream.close(7))
    expect(await factsOf(open().send(get(origin)))).toMatchObject({ sent: 'none', code: 'stream-refused' })
  })

  it('may have begun what it resets for another reason', async () => {
    const { origin } = await serve((_, response) => response.stream.close(2))
    expect(await factsOf(open().send(get(origin)))).toMatchObject({ sent: 'maybe', code: 'socket-closed' })
  })

  it('and one that is overloaded gets no further requests', async () => {
    const state = await serve((_, response, session) => {
      if (session === 1) response.stream.close(11)
      else response.end(`session ${session}`)
    })
    const transport = open()
    expect(await factsOf(transport.send(get(state.origin)))).toMatchObject({ kind: 'network', sent: 'maybe' })
    for (let index = 0; index < 3; index++)
      expect(textOf((await transport.send(get(state.origin))).body)).toBe('session 2')
  })
})

it('caps the header of a response over HTTP/2 as over HTTP/1.1', async () => {
  const { origin } = await serve((request, response) => {
    response.setHeader('x-large', 'x'.repeat(Number(request.url?.slice(1))))
    response.setHeader('set-cookie', ['a=1', 'b=2'])
    response.end('ok')
  })
  const transport = open({ maxHeaderBytes: 10_000 })
  expect((await transport.send(get(`${origin}/9000`))).headers['set-cookie']).toEqual(['a=1', 'b=2'])
  const facts = await factsOf(transport.send(get(`${origin}/10000`)))
  expect(facts).toMatchObject({ kind: 'protocol', retry: 'never', sent: 'all', code: 'header-too-large' })
  expect((await transport.send(get(`${origin}/1`))).status).toBe(200)
})
