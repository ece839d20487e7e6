import { createSecureServer } from 'node:http2'
import type { AddressInfo } from 'node:net'
import { createServer, type TlsOptions } from 'node:tls'
import { describe, expect, it } from 'vitest'
import { systemClock } from '../clock.ts'
import { makeCertificates } from '../testing/certificates/make-certificates.ts'
import { leakCheck } from '../testing/leaks/leak-check.ts'
import { type RawServer, reply } from './fixtures/raw-server.ts'
import { afterTest, closeAll, factsOf, get, open as openWith, serve } from './fixtures/transport-setup.ts'
import type { TlsIdentity, Transport } from './transport.ts'
import type { UndiciTransportOptions } from './undici-transport.ts'

const pki = makeCertificates()
const ca = pki.authority.certificate
const own: TlsIdentity = { certificate: pki.client.certificate, key: pki.client.key, ca }

const { certificate: cert, key } = pki.server
const secure = (tls: TlsOptions = {}): Promise<RawServer> =>
  serve(({ socket }) => reply(socket, 200, {}, ''), { tls: { cert, key, ca, ...tls } })
const open = (tls: TlsIdentity, options: Partial<UndiciTransportOptions> = {}): Transport =>
  openWith({ tls, ...options })

describe('the certificate of the server', () => {
  it.each([
    ['has expired', pki.expired, 'CERT_HAS_EXPIRED', 'has expired'],
    ['is not valid yet', pki.notYetValid, 'CERT_NOT_YET_VALID', 'not valid yet'],
    ['is for another host', pki.wrongHost, 'ERR_TLS_CERT_ALTNAME_INVALID', 'another host name'],
    ['comes from nowhere', pki.unknownAuthority, 'UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'tls.ca'],
    ['signed itself', pki.selfSigned, 'DEPTH_ZERO_SELF_SIGNED_CERT', 'tls.ca'],
  ])('%s', async (_, issued, code, remedy) => {
    const server = await secure({ cert: issued.certificate, key: issued.key })
    const facts = await factsOf(open({ ca }).send(get(server.origin)))
    expect(facts).toMatchObject({ kind: 'network', retry: 'never', sent: 'none', code })
    expect(facts.message).toContain(remedy)
    expect(server.heads).toHaveLength(0)
  })

  it('is judged before the missing one of this side', async () => {
    const { certificate: cert, key } = pki.expired
    const server = await secure({ cert, key, requestCert: true, rejectUnauthorized: true })
    expect(await factsOf(open({ ca }).send(get(server.origin)))).toMatchObject({ code: 'CERT_HAS_EXPIRED' })
  })

  it('may come from an authority that the caller names', async () => {
    const { certificate: cert, key } = pki.unknownAuthority
    const server = await secure({ cert, key })
    const both = [ca, pki.otherAuthority.certificate]
    expect((await open({ ca: both }).send(get(server.origin))).status).toBe(200)
  })
})

describe('the certificate of this side', () => {
  it('is shown to servers that ask', async () => {
    const server = await secure({ requestCert: true, rejectUnauthorized: true })
    const transport = open(own)
    for (let count = 0; count < 3; count++) expect((await transport.send(get(server.origin))).status).toBe(200)
  })

  it('is missed by a server that requires it: nothing was sent', async () => {
    const server = await secure({ requestCert: true, rejectUnauthorized: true, minVersion: 'TLSv1.3' })
    const progress = { sent: 'all' as const }
    const facts = await factsOf(open({ ca }).send({ ...get(server.origin), progress }))
    expect(facts).toMatchObject({ kind: 'credential', retry: 'never', sent: 'none' })
    expect(facts.message).toContain('configure tls.certificate and tls.key')
    expect(progress.sent).toBe('none')
  })

  it('is missed by a server that only hangs up', async () => {
    const server = createServer({ cert, key, ca, requestCert: true, rejectUnauthorized: false })
    server.on('secureConnection', (socket) => {
      // As servers do that look at the certificate themselves.
      socket.on('error', () => undefined)
      if (!socket.authorized) socket.destroy()
    })
    server.on('tlsClientError', () => undefined)
    server.listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    afterTest(async () => void server.close())
    const { port } = server.address() as AddressInfo
    const facts = await factsOf(open({ ca }).send(get(`https://127.0.0.1:${port}`)))
    expect(facts).toMatchObject({ kind: 'credential', retry: 'never' })
  })

  it('may be asked for in vain: servers that can do without it answer', async () => {
    const server = await secure({ requestCert: true, rejectUnauthorized: false })
    const transport = open({ ca })
    for (let count = 0; count < 2; count++) expect((await transport.send(get(server.origin))).status).toBe(200)
  })

  it.each([
    ['from a foreign authority', pki.foreignClient],
    ['expired', pki.expiredClient],
  ])('%s is refused', async (_, issued) => {
    const server = await secure({ requestCert: true, rejectUnauthorized: true })
    const identity = { certificate: issued.certificate, key: issued.key, ca }
    const facts = await factsOf(open(identity).send(get(server.origin)))
    expect(['credential', 'network']).toContain(facts.kind)
    expect(facts.message).not.toContain('PRIVATE')
  })

  it.each([
    ['no key', { certificate: own.certificate }, 'tls.key is missing'],
    ['no certificate', { key: own.key }, 'tls.certificate is missing'],
    ['nonsense', { certificate: 'x', key: 'hush' }, 'no valid PEM'],
    ['a foreign key', { certificate: own.certificate, key: pki.foreignClient.key }, 'belong together'],
  ])('with %s is a configuration fault', async (_, identity, message) => {
    const facts = await factsOf(open(identity).send(get('https://127.0.0.1:1/')))
    expect(facts).toMatchObject({ kind: 'config', retry: 'never', sent: 'none', code: 'tls-identity' })
    expect(facts.message).toContain(message)
    expect(facts.message).not.toContain('hush')
  })
})

it('says so when the other side speaks no TLS, or only old TLS', async () => {
  const plain = await serve(({ socket }) => reply(socket, 200, {}, ''))
  const facts = await factsOf(
    open({ ca }).send({ ...get(`https://127.0.0.1:${plain.port}`), limits: { connectMs: 300 } }),
  )
  expect(facts).toMatchObject({ sent: 'none' })
  const old = await secure({ minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT:@SECLEVEL=0' })
  const refused = await factsOf(open({ ca }).send(get(old.origin)))
  expect(refused).toMatchObject({ kind: 'network', retry: 'never', sent: 'none' })
  expect(refused.message).toMatch(/must be updated/)
})

describe('HTTP/2', () => {
  async function serve2() {
    const state = { sessions: 0, http1: 0, streams: 0 }
    const server = createSecureServer({ cert, key, allowHTTP1: true }, (request, response) => {
      if (request.httpVersion === '1.1') state.http1++
      state.streams++
      if (request.url === '/silent') return
      if (request.url === '/cut') {
        response.writeHead(200)
        response.write('some')
        setTimeout(() => response.stream.close(2), 20)
        return
      }
      if (request.url === '/moved') response.writeHead(302, { location: '/' })
      response.end(`${request.method} ${request.httpVersion}`)
    })
    server.on('session', (session) => {
      state.sessions++
      session.on('error', () => undefined)
    })
    server.listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    afterTest(async () => void server.close())
    return { state, origin: `https://127.0.0.1:${(server.address() as AddressInfo).port}` }
  }

  it('is used where the server speaks it, with one session for a burst', async () => {
    const { state, origin } = await serve2()
    const transport = open({ ca })
    const all = await Promise.all(Array.from({ length: 12 }, () => transport.send(get(`${origin}/moved`))))
    expect(new Set(all.map(({ body }) => Buffer.from(body).toString()))).toEqual(new Set(['GET 2.0']))
    expect(state).toEqual({ sessions: 1, http1: 0, streams: 24 })
  })

  it('can be turned off', async () => {
    const { state, origin } = await serve2()
    await open({ ca }, { http2: false }).send(get(origin))
    expect(state).toMatchObject({ sessions: 0, http1: 1 })
  })

  it('falls back to sockets of HTTP/1.1 for a burst', async () => {
    const server = await secure({ ALPNProtocols: ['http/1.1'] })
    const transport = open({ ca })
    await Promise.all(Array.from({ length: 6 }, () => transport.send(get(server.origin))))
    expect(server.connections).toBe(6)
  })

  it('ends single streams, keeps the session, and leaves nothing behind', async () => {
    const leaks = leakCheck({ withinMs: 300 })
    const { state, origin } = await serve2()
    const transport = open({ ca })
    await transport.send(get(origin))
    const silent = { ...get(`${origin}/silent`), deadlineAt: systemClock.monotonic() + 80 }
    expect(await factsOf(transport.send(silent))).toMatchObject({ kind: 'timeout', sent: 'maybe' })
    expect(await factsOf(transport.send(get(`${origin}/cut`)))).toMatchObject({ kind: 'network', sent: 'all' })
    expect((await transport.send(get(origin))).status).toBe(200)
    expect(state.sessions).toBe(1)
    await closeAll()
    await leaks.verify()
  })

  it('lets all who waited for the protocol try by themselves when the first cannot connect', async () => {
    const closed = await secure()
    await closed.close()
    const transport = open({ ca })
    const started = systemClock.monotonic()
    const all = await Promise.all(Array.from({ length: 5 }, () => factsOf(transport.send(get(closed.origin)))))
    expect(all.every(({ code, sent }) => code === 'ECONNREFUSED' && sent === 'none')).toBe(true)
    expect(systemClock.monotonic() - started).toBeLessThan(2000)
  })
})
