import { describe, expect, it } from 'vitest'
import { makeCertificates } from '../testing/certificates/make-certificates.ts'
import { type RawRequest, type RawServer, reply } from './fixtures/raw-server.ts'
import { factsOf, open, serve } from './fixtures/transport-setup.ts'
import type { HttpRequest } from './transport.ts'

const credentials = {
  headers: {
    'x-api-key': 'hush-1',
    'x-marked': 'hush-2',
    authorization: 'Bearer hush-3',
    cookie: 'hush=4',
    'proxy-authorization': 'hush-5',
    accept: 'text/plain',
  },
  credentialMarks: { headers: ['X-Api-Key', 'x-marked'], query: ['key'] },
}

describe('same origin', () => {
  it('follows with credentials and body, and says who answered', async () => {
    const server = await serve(({ socket, head, body }) => {
      if (head.includes(' /a')) reply(socket, 307, { location: '/b?key=hush-6#x' }, 'moved')
      else reply(socket, 200, {}, body)
    })
    const response = await open().send({ method: 'POST', url: `${server.origin}/a`, body: 'again', ...credentials })
    expect(Buffer.from(response.body).toString()).toBe('again')
    expect(response.url).toBe(`${server.origin}/b`)
    expect(server.heads[1]).toContain('POST /b?key=hush-6 ')
    expect(server.heads[1]).toContain('x-api-key: hush-1')
    expect(server.connections).toBe(1)
  })

  it('turns POST into GET without what described the body', async () => {
    const server = await serve(({ socket, head }) =>
      head.startsWith('POST') ? reply(socket, 303, { location: '/b' }, '') : reply(socket, 200, {}, ''),
    )
    await open().send({
      method: 'POST',
      url: server.origin,
      body: '{}',
      headers: { 'content-type': 'application/json', 'content-length': '2', 'x-keep': 'yes' },
    })
    expect(server.heads[1]).toMatch(/^GET \/b /)
    expect(server.heads[1]).toContain('x-keep: yes')
    expect(server.heads[1]).not.toMatch(/content-(type|length)/)
  })

  it('stops at circles, at five hops, at zero hops', async () => {
    let count = 0
    const server = await serve(({ socket, head }) => {
      const location = head.includes('/far') ? `/far${count++}` : head.includes('/ping') ? '/pong' : '/ping'
      reply(socket, 302, { location }, '')
    })
    const transport = open()
    const send = (path: string, more?: Partial<HttpRequest>) =>
      factsOf(transport.send({ method: 'GET', url: `${server.origin}${path}`, ...more }))
    const loop = { kind: 'protocol', retry: 'never', sent: 'all', code: 'redirect-loop' }
    expect(await send('/ping')).toMatchObject(loop)
    expect(server.heads).toHaveLength(2)
    expect(await send('/far')).toMatchObject(loop)
    expect(server.heads).toHaveLength(2 + 6)
    expect(await send('/ping', { limits: { maxRedirects: 0 } })).toMatchObject({ code: 'redirect-refused' })
  })

  it('hands redirects over on request, and those without a location always', async () => {
    const server = await serve(({ socket, head }) =>
      reply(socket, 302, head.includes('/with') ? { location: '/x', 'set-cookie': 'session=1' } : {}, 'body'),
    )
    const transport = open()
    const returned = await transport.send({ method: 'GET', url: `${server.origin}/with`, redirect: 'return' })
    expect(returned).toMatchObject({ status: 302, headers: { location: '/x', 'set-cookie': 'session=1' } })
    expect((await transport.send({ method: 'GET', url: `${server.origin}/out` })).status).toBe(302)
  })

  it('sends no stream a second time', async () => {
    const server = await serve(({ socket }) => reply(socket, 308, { location: '/b' }, ''))
    async function* body(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('once')
    }
    const facts = await factsOf(open().send({ method: 'PUT', url: server.origin, body: body() }))
    expect(facts).toMatchObject({ kind: 'protocol', code: 'redirect-body', retry: 'never' })
    expect(facts.message).toContain('cannot be sent a second time')
    expect(server.heads).toHaveLength(1)
  })

  it('reads no endless body of a redirect', async () => {
    const server = await serve(({ socket, head }) => {
      if (!head.includes('/a')) reply(socket, 200, {}, 'done')
      else socket.write(`HTTP/1.1 302 Found\r\nlocation: /b\r\ncontent-length: 9000000\r\n\r\n${'x'.repeat(100_000)}`)
    })
    expect((await open().send({ method: 'GET', url: `${server.origin}/a` })).status).toBe(200)
    expect(server.connections).toBe(2)
  })

  it('says that something was sent when a later hop fails', async () => {
    const server = await serve(({ socket, head }) =>
      head.includes('/a') ? reply(socket, 302, { location: '/b', connection: 'close' }, '') : socket.destroy(),
    )
    const facts = await factsOf(open().send({ method: 'GET', url: `${server.origin}/a` }))
    expect(facts).toMatchObject({ kind: 'network', sent: 'all' })
  })
})

describe('another origin', () => {
  it('is not asked by default', async () => {
    const other = await serve(({ socket }) => reply(socket, 200, {}, ''))
    const server = await serve(({ socket }) => reply(socket, 302, { location: `${other.origin}/?key=hush-7` }, ''))
    const facts = await factsOf(open().send({ method: 'GET', url: server.origin, ...credentials }))
    expect(facts).toMatchObject({ kind: 'protocol', retry: 'never', sent: 'all', code: 'redirect-origin' })
    expect(facts.message).not.toContain('hush')
    expect(other.connections).toBe(0)
  })

  it('gets no credential when allowed, nor does the first origin when the way leads back', async () => {
    const other: RawServer = await serve(({ socket }) => reply(socket, 307, { location: `${server.origin}/back` }, ''))
    const server: RawServer = await serve(({ socket, head }) =>
      head.includes('/back')
        ? reply(socket, 200, {}, '')
        : reply(socket, 302, { location: `${other.origin}/there?key=hush-7&keep=1` }, ''),
    )
    await open().send({
      method: 'GET',
      url: server.origin,
      redirectTo: [other.origin, server.origin],
      ...credentials,
    })
    expect(other.heads[0]).toMatch(/^GET \/there\?keep=1 /)
    for (const head of [...other.heads, server.heads[1]]) {
      expect(head).toContain('accept: text/plain')
      expect(head).not.toMatch(/hush/)
    }
  })

  it('is checked by the guard: no byte goes to a private address', async () => {
    const other = await serve(({ socket }) => reply(socket, 200, {}, ''))
    const targets = [other.origin, `http://localhost:${other.port}`, `http://rebound.example:${other.port}`]
    let target = ''
    const server = await serve(({ socket }) => reply(socket, 302, { location: `${target}/` }, ''))
    const transport = open({
      allow: [{ cidr: '127.0.0.1/32', port: server.port }],
      lookup: (_host, _options, callback) => callback(null, [{ address: '127.0.0.1', family: 4 }]),
    })
    for (target of targets) {
      const facts = await factsOf(transport.send({ method: 'GET', url: server.origin, redirectTo: targets }))
      expect(facts, target).toMatchObject({ kind: 'protocol', retry: 'never', sent: 'all', code: 'address-refused' })
    }
    expect(other.connections).toBe(0)
  })

  it('never sees the client certificate', async () => {
    const certificates = makeCertificates()
    const identified: Record<string, boolean> = {}
    const secure = (name: string, respond: (request: RawRequest) => void): Promise<RawServer> =>
      serve(
        (request) => {
          const peer = (
            request.socket as unknown as { getPeerCertificate(): { subject?: object } }
          ).getPeerCertificate()
          identified[name] = peer.subject !== undefined
          respond(request)
        },
        {
          tls: {
            cert: certificates.server.certificate,
            key: certificates.server.key,
            ca: certificates.authority.certificate,
            requestCert: true,
            rejectUnauthorized: false,
          },
        },
      )
    const other = await secure('other', ({ socket }) => reply(socket, 200, {}, ''))
    const server = await secure('own', ({ socket }) => reply(socket, 302, { location: other.origin }, ''))
    const { authority, client } = certificates
    const tls = { certificate: client.certificate, key: client.key, ca: authority.certificate }
    await open({ tls }).send({ method: 'GET', url: server.origin, redirectTo: [other.origin] })
    expect(identified).toEqual({ own: true, other: false })
  })
})
