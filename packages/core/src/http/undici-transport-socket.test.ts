import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createServer, type Socket } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { expect, it } from 'vitest'
import { cancellationOf } from '../clock.ts'
import { makeCertificates } from '../testing/certificates/make-certificates.ts'
import { leakCheck } from '../testing/leaks/leak-check.ts'
import { afterTest, closeAll, factsOf, open as openWith } from './fixtures/transport-setup.ts'
import type { SocketRequest } from './transport.ts'
import type { UndiciTransportOptions } from './undici-transport.ts'

const pki = makeCertificates({ hosts: ['127.0.0.1'] })
const ca = pki.authority.certificate

/** Echoes, and notes what it knows of who connects. */
async function echo(options: { readonly secure?: boolean; readonly mutual?: boolean } = {}) {
  const sockets = new Set<Socket>()
  const peers: string[] = []
  const accept = (socket: Socket): void => {
    sockets.add(socket)
    const secured = socket as Socket & { alpnProtocol?: string; authorized?: boolean }
    peers.push(`${secured.alpnProtocol ?? 'plain'} ${secured.authorized === true ? 'known' : 'anonymous'}`)
    socket.on('error', () => undefined).pipe(socket)
  }
  const { certificate: cert, key } = pki.server
  const server =
    options.secure === true
      ? createTlsServer(
          { cert, key, ca, ALPNProtocols: ['h2', 'http/1.1'], requestCert: options.mutual === true },
          accept,
        )
      : createServer(accept)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  afterTest(async () => {
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => server.close(resolve))
  })
  const { port } = server.address() as AddressInfo
  return { port, peers, url: `${options.secure === true ? 'https' : 'http'}://127.0.0.1:${port}/some/path?q=1` }
}

function open(options: Partial<UndiciTransportOptions> = {}) {
  const transport = openWith(options)
  const { openSocket } = transport
  if (openSocket === undefined) throw new Error('the standard transport opens sockets')
  return { transport, socket: (request: SocketRequest) => openSocket.call(transport, request) }
}

async function said(socket: NodeJS.ReadWriteStream): Promise<string> {
  socket.write('hello')
  const [chunk] = await once(socket, 'data')
  return String(chunk)
}

it('carries bytes both ways, and ends with the transport', async () => {
  const leaks = leakCheck({ withinMs: 500 })
  const { url } = await echo()
  const { transport, socket } = open()
  const mine = await socket({ url })
  expect(await said(mine)).toBe('hello')
  const closed = once(mine, 'close')
  await transport.close()
  await closed
  expect(await factsOf(socket({ url }))).toMatchObject({ kind: 'cancelled', code: 'transport-closed' })
  await closeAll()
  await leaks.verify()
})

it('speaks HTTP/1.1 where the server also speaks HTTP/2, and shows its certificate', async () => {
  const server = await echo({ secure: true, mutual: true })
  const { certificate, key } = pki.client
  const { socket } = open({ tls: { ca, certificate, key } })
  expect(await said(await socket({ url: server.url }))).toBe('hello')
  expect(server.peers).toEqual(['http/1.1 known'])
})

it('trusts no unknown authority', async () => {
  const { url } = await echo({ secure: true })
  expect(await factsOf(open().socket({ url }))).toMatchObject({ kind: 'network', sent: 'none', retry: 'never' })
})

it('is behind the address guard, at the literal and at every answer of the name server', async () => {
  const { port } = await echo()
  const guarded = open({
    allow: [],
    lookup: (_host, _options, callback) => callback(null, [{ address: '127.0.0.1', family: 4 }]),
  })
  for (const url of [`http://127.0.0.1:${port}/`, `http://inside.example:${port}/`, 'ftp://files.example/']) {
    expect(await factsOf(guarded.socket({ url }))).toMatchObject({
      kind: 'config',
      sent: 'none',
      code: 'address-refused',
    })
  }
  expect(await factsOf(guarded.socket({ url: 'http://10.0.0.1/', urlSource: 'input' }))).toMatchObject({
    kind: 'invalid-input',
  })
})

it('goes through a tunnel of the proxy, plain http as well', async () => {
  const { port } = await echo()
  const heads: string[] = []
  const proxy = createServer((socket) => {
    socket.once('data', (data: Buffer) => {
      heads.push(data.toString('latin1').split('\r\n')[0] ?? '')
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n')
      socket.on('error', () => undefined).pipe(socket)
    })
  }).listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  afterTest(() => new Promise((resolve) => proxy.close(resolve)))
  const { port: proxyPort } = proxy.address() as AddressInfo
  const { socket } = open({ proxy: { http: `http://127.0.0.1:${proxyPort}` } })
  const mine = await socket({ url: `http://vendor.example:${port}/`, origin: 'builtin' })
  expect(await said(mine)).toBe('hello')
  expect(heads).toEqual([`CONNECT vendor.example:${port} HTTP/1.1`])
  mine.destroy()
})

it('gives up with the reason of the caller, at the deadline, and where nothing listens', async () => {
  const leaks = leakCheck({ withinMs: 500 })
  // A proxy that never answers keeps the attempt open.
  const sockets = new Set<Socket>()
  const silent = createServer((socket) => sockets.add(socket)).listen(0, '127.0.0.1')
  await once(silent, 'listening')
  afterTest(async () => {
    for (const socket of sockets) socket.destroy()
    await new Promise((resolve) => silent.close(resolve))
  })
  const { port } = silent.address() as AddressInfo
  const { socket } = open({ proxy: { http: `http://127.0.0.1:${port}` } })
  const request = { url: 'http://vendor.example/', origin: 'builtin' } as const
  const controller = new AbortController()
  const reason = new Error('left')
  const running = socket({ ...request, cancellation: cancellationOf(controller.signal) })
  const refused = expect(running).rejects.toBe(reason)
  controller.abort(reason)
  await refused
  await expect(socket({ ...request, cancellation: cancellationOf(controller.signal) })).rejects.toBe(reason)
  expect(await factsOf(socket({ ...request, connectMs: 50 }))).toMatchObject({ kind: 'timeout', sent: 'none' })
  expect(await factsOf(socket({ ...request, deadlineAt: 0 }))).toMatchObject({ kind: 'timeout', code: 'deadline' })
  expect(await factsOf(open().socket({ url: 'http://127.0.0.1:1/' }))).toMatchObject({
    kind: 'network',
    code: 'ECONNREFUSED',
  })
  await closeAll()
  await leaks.verify()
})
