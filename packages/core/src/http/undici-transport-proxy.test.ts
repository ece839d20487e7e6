import type { AddressInfo } from 'node:net'
import { connect, createServer, type Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { describe, expect, it } from 'vitest'
import { makeCertificates } from '../testing/certificates/make-certificates.ts'
import { leakCheck } from '../testing/leaks/leak-check.ts'
import { type RawServer, reply } from './fixtures/raw-server.ts'
import { afterTest, closeAll, factsOf, open as openWith, serve } from './fixtures/transport-setup.ts'
import type { Transport } from './transport.ts'
import type { UndiciTransportOptions } from './undici-transport.ts'

const pki = makeCertificates({ hosts: ['api.example', '127.0.0.1'] })
const ca = pki.authority.certificate

const target = (secure: boolean): Promise<RawServer> =>
  serve(
    ({ socket }) => reply(socket, 200, {}, 'from the target'),
    secure ? { tls: { cert: pki.server.certificate, key: pki.server.key } } : {},
  )
const open = (options: Partial<UndiciTransportOptions>): Transport => openWith({ allow: [], tls: { ca }, ...options })

interface Proxy {
  readonly address: string
  /** Heads of what it was asked. */
  readonly heads: string[]
  answer: (head: string) => string | undefined
}

/** A forward proxy: tunnels and absolute URLs all lead to `port`, whatever name they ask for. */
async function proxy(port: number, secure = false): Promise<Proxy> {
  const sockets = new Set<Socket>()
  const accept = (socket: Socket): void => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    socket.once('data', (data: Buffer) => {
      const head = data.toString('latin1')
      result.heads.push(head)
      const answer = result.answer(head)
      if (answer !== undefined) {
        socket.write(answer)
        if (!answer.startsWith('HTTP/1.1 200')) return
      }
      const onward = connect(port, '127.0.0.1')
      sockets.add(onward)
      onward.on('error', () => undefined)
      if (!head.startsWith('CONNECT')) onward.write(data.toString('latin1').replace(/^GET http:\/\/[^/]+/, 'GET '))
      socket.pipe(onward).pipe(socket)
    })
  }
  const { certificate: cert, key } = pki.server
  const server = secure ? createTlsServer({ cert, key }, accept) : createServer(accept)
  server.listen(0, '127.0.0.1')
  await new Promise((resolve) => server.once('listening', resolve))
  afterTest(async () => {
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  })
  const result: Proxy = {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    heads: [],
    answer: (head) => (head.startsWith('CONNECT') ? 'HTTP/1.1 200 Connection established\r\n\r\n' : undefined),
  }
  return result
}

const bodyOf = async (work: Promise<{ readonly body: Uint8Array }>): Promise<string> =>
  Buffer.from((await work).body).toString()

describe('trusted hosts', () => {
  it('https goes through a tunnel, and the credentials of the proxy stay with it', async () => {
    const server = await target(true)
    const via = await proxy(server.port)
    const transport = open({ proxy: { https: `http://us%40er:hush@${via.address}` } })
    const request = { method: 'GET', url: 'https://api.example/x?y=1', origin: 'builtin' } as const
    expect(await bodyOf(transport.send(request))).toBe('from the target')
    expect(await bodyOf(transport.send(request))).toBe('from the target')
    expect(via.heads).toHaveLength(1)
    expect(via.heads[0]).toMatch(/^CONNECT api\.example:443 HTTP\/1\.1\r\nhost: api\.example:443\r\n/)
    expect(via.heads[0]).toContain(`proxy-authorization: Basic ${Buffer.from('us@er:hush').toString('base64')}`)
    expect(server.heads.join()).not.toMatch(/proxy-authorization/i)
  })

  it('http goes as an absolute URL', async () => {
    const server = await target(false)
    const via = await proxy(server.port)
    const transport = open({ proxy: { http: `http://user:hush@${via.address}` } })
    const headers = { 'proxy-authorization': 'mine', 'x-a': 'b' }
    const request = { method: 'GET', url: 'http://api.example/x?y=1', origin: 'builtin', headers } as const
    expect(await bodyOf(transport.send(request))).toBe('from the target')
    expect(via.heads[0]).toMatch(/^GET http:\/\/api\.example\/x\?y=1 HTTP\/1\.1\r\nhost: api\.example\r\n/)
    expect(via.heads[0]?.match(/proxy-authorization/gi)).toHaveLength(1)
    expect(via.heads[0]).toContain('proxy-authorization: Basic ')
  })

  it('reaches an https proxy, too', async () => {
    const server = await target(true)
    const via = await proxy(server.port, true)
    const transport = open({ proxy: { https: `https://${via.address}`, ca } })
    expect(await bodyOf(transport.send({ method: 'GET', url: 'https://api.example/', origin: 'builtin' }))).toBe(
      'from the target',
    )
  })

  it('goes direct where the bypass list says so', async () => {
    const server = await target(false)
    const via = await proxy(server.port)
    const transport = open({ proxy: { http: via.address, bypass: '127.0.0.0/8' } })
    expect(await bodyOf(transport.send({ method: 'GET', url: server.origin, origin: 'builtin' }))).toBe(
      'from the target',
    )
    expect(via.heads).toHaveLength(0)
  })
})

describe("tenants' URLs", () => {
  const request = { method: 'GET', url: 'http://api.example/x' } as const

  it('are resolved here, and the tunnel goes to the checked address, for http as well', async () => {
    const server = await target(false)
    const via = await proxy(server.port)
    const transport = open({
      proxy: { http: via.address },
      lookup: (_host, _options, callback) =>
        callback(null, [
          { address: '2606:2800:220:1::1', family: 6 },
          { address: '93.184.216.34', family: 4 },
        ]),
    })
    expect(await bodyOf(transport.send(request))).toBe('from the target')
    expect(via.heads[0]).toMatch(/^CONNECT 93\.184\.216\.34:80 /)
    expect(server.heads[0]).toMatch(/^GET \/x HTTP\/1\.1\r\nhost: api\.example\r\n/)
  })

  it('with a private answer are refused before the tunnel', async () => {
    const via = await proxy(1)
    const transport = open({
      proxy: { http: via.address, https: via.address },
      lookup: (_host, _options, callback) => callback(null, [{ address: '10.0.0.1', family: 4 }]),
    })
    for (const url of ['http://api.example/', 'https://api.example/']) {
      const facts = await factsOf(transport.send({ method: 'GET', url }))
      expect(facts).toMatchObject({ kind: 'config', retry: 'never', sent: 'none', code: 'address-refused' })
    }
    expect(via.heads).toHaveLength(0)
  })

  it('go by name when the proxy filters, but literals are checked all the same', async () => {
    const server = await target(false)
    const via = await proxy(server.port)
    const lookup = (): never => {
      throw new Error('nobody may ask')
    }
    const transport = open({ proxy: { http: via.address, proxyFilters: true }, lookup })
    expect(await bodyOf(transport.send(request))).toBe('from the target')
    expect(via.heads[0]).toMatch(/^GET http:\/\/api\.example\/x /)
    expect(await factsOf(transport.send({ method: 'GET', url: 'http://169.254.169.254/' }))).toMatchObject({
      kind: 'config',
    })
    expect(via.heads).toHaveLength(1)
  })
})

describe('a proxy that refuses', () => {
  it.each([
    ['HTTP/1.1 407 Proxy Authentication Required\r\n\r\n', 'credential', 'never', 'proxy-407'],
    ['HTTP/1.1 403 Forbidden\r\n\r\n', 'network', 'never', 'proxy-403'],
    ['HTTP/1.1 503 Busy\r\n\r\n', 'unavailable', undefined, 'proxy-503'],
    ['SSH-2.0-OpenSSH\r\n\r\n', 'network', 'never', 'proxy-400'],
    [`HTTP/1.1 200 OK\r\nx: ${'x'.repeat(20_000)}`, 'network', 'never', 'proxy-400'],
  ])('%j', async (answer, kind, retry, code) => {
    const via = await proxy(1)
    via.answer = () => answer
    const transport = open({ proxy: { https: `http://user:hush@${via.address}` } })
    const facts = await factsOf(transport.send({ method: 'GET', url: 'https://api.example/', origin: 'builtin' }))
    expect(facts).toMatchObject({ kind, sent: 'none', code })
    expect(facts.retry).toBe(retry)
    expect(facts.message).toContain(via.address)
    expect(facts.message).not.toContain('hush')
  })

  it('an absolute URL with 407 is the credential of the proxy, too, and not the answer of the target', async () => {
    const via = await proxy(1)
    via.answer = () => 'HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n'
    const transport = open({ proxy: { http: `http://user:hush@${via.address}` } })
    const facts = await factsOf(transport.send({ method: 'GET', url: 'http://api.example/', origin: 'builtin' }))
    expect(facts).toMatchObject({ kind: 'credential', retry: 'never', sent: 'none', code: 'proxy-407' })
    expect(facts.message).toContain(`${via.address} wants authentication: check user`)
    expect(facts.message).not.toContain('hush')
  })

  it('or stays silent leaves nothing behind', async () => {
    const leaks = leakCheck({ withinMs: 300 })
    const via = await proxy(1)
    via.answer = () => 'HTTP/1.1 102 Processing\r\n\r\n'
    const transport = open({ proxy: { https: via.address } })
    const request = {
      method: 'GET',
      url: 'https://api.example/',
      origin: 'builtin',
      limits: { connectMs: 100 },
    } as const
    expect(await factsOf(transport.send(request))).toMatchObject({ kind: 'timeout', sent: 'none' })
    await closeAll()
    await leaks.verify()
  })
})
