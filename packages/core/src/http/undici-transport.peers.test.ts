import { createHash } from 'node:crypto'
import { afterAll, describe, expect, test } from 'vitest'
import { goServer, pythonServer } from '../../../../tools/peers/suite.ts'
import type { Server } from '../../../../tools/servers/server.ts'
import { describeWithServer } from '../../../../tools/servers/suite.ts'
import { Fault } from '../errors.ts'
import { makeCertificates } from '../testing/certificates/make-certificates.ts'
import { leakCheck } from '../testing/leaks/leak-check.ts'
import { closeAll, factsOf, get, open, textOf } from './fixtures/transport-setup.ts'
import type { HttpRequest, HttpResponse, Transport } from './transport.ts'
import type { UndiciTransportOptions } from './undici-transport.ts'

/** What the server saw. */
interface Seen {
  readonly protocol: string
  readonly method: string
  readonly target: string
  readonly headers: Readonly<Record<string, readonly string[]>>
  readonly socket: string
  readonly bytes: number
  readonly sha256: string
  readonly whole: boolean
  readonly declared: number
  readonly coding: readonly string[] | null
  readonly client: string
}

const pki = makeCertificates()
const ca = pki.authority.certificate
const given = { certificate: pki.server.certificate, key: pki.server.key, authority: ca }
const own = { ca, certificate: pki.client.certificate, key: pki.client.key }

const seen = ({ body }: HttpResponse): Seen => JSON.parse(textOf(body)) as Seen
const sha256 = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('hex')
const lines = (size: number): string => {
  let made = ''
  while (made.length < size) made += `line at ${made.length}\n`
  return made.slice(0, size)
}
const bytes = (size: number): Uint8Array => Buffer.alloc(size, 'abcdefghijk')
async function* parts(count: number, size: number): AsyncGenerator<Uint8Array> {
  for (let index = 0; index < count; index++) yield bytes(size)
}
async function collect(stream: AsyncIterable<Uint8Array> | undefined): Promise<string> {
  const chunks: Uint8Array[] = []
  for await (const chunk of stream ?? []) chunks.push(chunk)
  return textOf(Buffer.concat(chunks))
}

const modes = [
  { name: 'HTTP/1.1', mode: 'plain', protocol: 'HTTP/1.1', options: {} },
  { name: 'HTTP/1.1 over TLS 1.2', mode: 'tls-h1', protocol: 'HTTP/1.1', options: { tls: { ca } } },
  { name: 'HTTP/2', mode: 'tls', protocol: 'HTTP/2.0', options: { tls: { ca } } },
] as const

for (const { name, mode, protocol, options } of modes) {
  await describeWithServer(`net/http, ${name}`, goServer({ mode, ...given }), (server) => {
    const url = (path: string): string => `${mode === 'plain' ? 'http' : 'https'}://127.0.0.1:${server.port}${path}`
    const connect = (more: Partial<UndiciTransportOptions> = {}): Transport => open({ ...options, ...more })
    const old = protocol === 'HTTP/1.1'

    test('a connection is kept', async () => {
      const transport = connect()
      const sockets = new Set<string>()
      for (let count = 0; count < 20; count++) {
        const answer = seen(await transport.send(get(url('/facts?a=%2F&b'))))
        expect(answer).toMatchObject({ protocol, method: 'GET', target: '/facts?a=%2F&b', bytes: 0 })
        sockets.add(answer.socket)
      }
      expect(sockets.size).toBe(1)
    })

    test('after a connection that the server closes, the next request has another', async () => {
      const transport = connect()
      const sockets = new Set<string>()
      for (let count = 0; count < 5; count++) sockets.add(seen(await transport.send(get(url('/close')))).socket)
      expect(sockets.size).toBe(5)

      // All at once, each answer closing the connection that others are on: what was refused was not begun, and nothing was done twice.
      const send = async (id: string, fresh: boolean): Promise<void> => {
        const request = { ...get(url('/close')), method: 'POST', headers: { 'x-once': id }, freshSocket: fresh }
        try {
          expect((await transport.send(request)).status).toBe(200)
        } catch (error) {
          if (old || fresh || !(error instanceof Fault)) throw error
          expect(error.facts).toMatchObject({ sent: 'none', code: 'stream-refused', freeRetry: 'stale-socket' })
          await send(id, true)
        }
      }
      const ids = Array.from({ length: 40 }, (_, index) => `once ${index}`)
      await Promise.all(ids.map((id) => send(id, false)))
      const counts = JSON.parse(textOf((await transport.send(get(url('/counts')))).body)) as Record<string, number>
      expect(ids.map((id) => counts[id])).toEqual(ids.map(() => 1))
    })

    test('thirty requests at once', async () => {
      const transport = connect()
      await transport.send(get(url('/facts')))
      const path = `/together?count=30&name=${Math.floor(performance.now() * 1000)}`
      const answers = await Promise.all(Array.from({ length: 30 }, () => transport.send(get(url(path)))))
      for (const answer of answers) expect(answer.status).toBe(200)
      // HTTP/2 carries them over one connection, HTTP/1.1 over one each.
      expect(new Set(answers.map((answer) => seen(answer).socket)).size).toBe(old ? 30 : 1)
    })

    test.each([0, 1, 100, 70_000, 3_000_000])('uploads of %i bytes, whole and in parts', async (size) => {
      const transport = connect()
      const body = bytes(size)
      const whole = seen(await transport.send({ method: 'POST', url: url('/facts'), body }))
      expect(whole).toMatchObject({ bytes: size, sha256: sha256(body), whole: true, declared: size })
      const source = parts(11, Math.floor(size / 11))
      const chunked = seen(await transport.send({ method: 'PUT', url: url('/facts'), body: source }))
      const sent = Buffer.concat(Array.from({ length: 11 }, () => bytes(Math.floor(size / 11))))
      expect(chunked).toMatchObject({
        bytes: sent.length,
        sha256: sha256(sent),
        whole: true,
        declared: sent.length === 0 && old ? 0 : -1,
      })
      if (old && sent.length > 0) expect(chunked.coding).toEqual(['chunked'])
    })

    test('a body goes out while its echo comes in', async () => {
      const transport = connect()
      const sent = Array.from({ length: 5 }, (_, index) => `part ${index};`)
      let release: () => void = () => undefined
      async function* source(): AsyncGenerator<Uint8Array> {
        for (const part of sent) {
          yield Buffer.from(part)
          // The next part leaves only when this one came back.
          await new Promise<void>((resolve) => {
            release = resolve
          })
        }
      }
      const answer = await transport.send({ method: 'POST', url: url('/echo'), body: source(), response: 'stream' })
      let echoed = ''
      for await (const chunk of answer.stream ?? []) {
        echoed += textOf(chunk)
        if (echoed.endsWith(';')) release()
      }
      expect(echoed).toBe(sent.join(''))
    })

    const codings = ['gzip', 'deflate', 'bare-deflate', 'br', 'zstd', 'identity', 'gzip,br', 'br,zstd,gzip']
    const known = async (transport: Transport): Promise<string> =>
      String(seen(await transport.send(get(url('/facts')))).headers['Accept-Encoding'])

    test.each(codings)('bodies in %s, buffered and streamed', async (coding) => {
      const transport = connect()
      if (coding.includes('zstd') && !(await known(transport)).includes('zstd')) return
      for (const size of [0, 1, 5000, 2_000_000]) {
        const request = get(url(`/encoded?coding=${coding}&bytes=${size}`))
        const answer = await transport.send(request)
        expect(textOf(answer.body)).toBe(lines(size))
        expect(answer.headers['content-encoding']).toBe(coding === 'identity' ? 'identity' : undefined)
        expect(await collect((await transport.send({ ...request, response: 'stream' })).stream)).toBe(lines(size))
      }
    })

    test.each(codings.filter((coding) => coding !== 'identity'))('a body in %s that ends early', async (coding) => {
      const transport = connect()
      if (coding.includes('zstd') && !(await known(transport)).includes('zstd')) return
      for (const size of [5000, 2_000_000]) {
        const request = get(url(`/encoded?coding=${coding}&bytes=${size}&cut=9`))
        const facts = { kind: 'protocol', code: 'bad-encoding', sent: 'all' }
        expect(await factsOf(transport.send(request))).toMatchObject(facts)
        const answer = await transport.send({ ...request, response: 'stream' })
        expect(await factsOf(collect(answer.stream))).toMatchObject(facts)
      }
    })

    test('the cap holds for what comes out of an encoding', async () => {
      const transport = connect()
      const request = { ...get(url('/encoded?coding=gzip&bytes=2000000')), limits: { maxBodyBytes: 1_000_000 } }
      expect(await factsOf(transport.send(request))).toMatchObject({ code: 'body-too-large' })
    })

    test('interim answers are passed over', async () => {
      const transport = connect()
      for (let count = 0; count < 3; count++) {
        const answer = await transport.send(get(url('/hints')))
        expect(answer.status).toBe(200)
        expect(answer.headers).not.toHaveProperty('link')
        expect(seen(answer).protocol).toBe(protocol)
      }
    })

    test('trailers end a body and become no headers', async () => {
      const transport = connect()
      for (const size of [1, 100_000]) {
        const answer = await transport.send(get(url(`/trailers?bytes=${size}`)))
        expect(textOf(answer.body)).toBe(lines(size))
        expect(answer.headers).not.toHaveProperty('x-checksum')
        expect(answer.headers).not.toHaveProperty('x-unannounced')
      }
    })

    test('large headers, up to the cap', async () => {
      const transport = connect()
      const answer = await transport.send(get(url('/headers?bytes=20000')))
      expect(textOf(answer.body)).toBe('ok')
      expect(Object.keys(answer.headers).filter((field) => field.startsWith('x-large-'))).toHaveLength(20)
      expect(answer.headers['set-cookie']).toEqual(['a=1; Path=/', 'b=2; Expires=Wed, 21 Oct 2026 07:28:00 GMT', 'c=3'])
      expect(await factsOf(transport.send(get(url('/headers?bytes=40000'))))).toMatchObject({
        kind: 'protocol',
        sent: 'all',
      })
      expect((await transport.send(get(url('/facts')))).status, 'the next one').toBe(200)
      const sent = { 'x-one': 'y'.repeat(30_000), 'x-many': ['a', 'b', 'c'] }
      const { headers } = seen(await transport.send({ ...get(url('/facts')), headers: sent }))
      expect(headers['X-One']).toEqual(['y'.repeat(30_000)])
      expect(headers['X-Many']?.join(', ')).toBe('a, b, c')
    })

    test.each(['HEAD', 'GET'])('answers without a body to %s leave the connection usable', async (method) => {
      const transport = connect()
      const { socket } = seen(await transport.send(get(url('/facts'))))
      for (const code of [204, 304, 200, 404]) {
        const answer = await transport.send({ method, url: url(`/status?code=${code}`) })
        expect([answer.status, answer.body.byteLength]).toEqual([code, 0])
      }
      if (method === 'HEAD') await transport.send({ method, url: url('/encoded?coding=gzip&bytes=5000') })
      // undici closes after HEAD, for there are servers that send a body.
      const next = seen(await transport.send(get(url('/facts')))).socket
      if (method === 'GET' || !old) expect(next).toBe(socket)
    })

    test('an exchange that the server breaks off fails alone', async () => {
      const transport = connect()
      await transport.send(get(url('/facts')))
      const path = `/together?count=4&name=abort-${Math.floor(performance.now() * 1000)}`
      const others = Array.from({ length: 3 }, () => transport.send(get(url(path))))
      expect(await factsOf(transport.send(get(url('/abort'))))).toMatchObject({ kind: 'network' })
      const cut = await factsOf(transport.send(get(url('/abort?declared=1000'))))
      expect(cut).toMatchObject({ kind: 'network', sent: 'all' })
      expect((await transport.send(get(url(path)))).status).toBe(200)
      for (const answer of await Promise.all(others)) expect(answer.status).toBe(200)
    })

    test('an answer that comes before the body was read is given, not the broken upload', async () => {
      const transport = connect()
      for (const body of [() => bytes(8_000_000), () => parts(200, 40_000), () => parts(2, 4_000_000)])
        for (let count = 0; count < 5; count++) {
          const answer = await transport.send({ method: 'POST', url: url('/refuse'), body: body() })
          expect([answer.status, textOf(answer.body)]).toEqual([413, 'too large'])
        }
      expect((await transport.send(get(url('/facts')))).status).toBe(200)
    })

    test('large uploads beside small requests', async () => {
      const transport = connect()
      await transport.send(get(url('/facts')))
      const uploads = Array.from({ length: 3 }, async (_, index) => {
        const body = index === 2 ? parts(2, 10_000_000) : bytes(20_000_000)
        return seen(await transport.send({ method: 'POST', url: url('/facts'), body })).bytes
      })
      const small = Array.from({ length: 50 }, async () => (await transport.send(get(url('/facts')))).status)
      expect(await Promise.all(uploads)).toEqual(uploads.map(() => 20_000_000))
      expect(await Promise.all(small)).toEqual(small.map(() => 200))
    })

    test('an empty part does not end a body', async () => {
      async function* source(): AsyncGenerator<Uint8Array> {
        for (const part of ['a', '', 'b', '', '']) yield Buffer.from(part)
      }
      const answer = await connect().send({ method: 'POST', url: url('/facts'), body: source() })
      expect(seen(answer)).toMatchObject({ bytes: 2, sha256: sha256('ab'), whole: true })
    })

    test('redirects keep or drop method and body as the RFC says', async () => {
      const transport = connect()
      const send = async (code: number, more: Partial<HttpRequest>): Promise<Seen> =>
        seen(
          await transport.send({ method: 'POST', url: url(`/redirect?to=/facts&code=${code}`), body: 'kept', ...more }),
        )
      expect(await send(307, {})).toMatchObject({ method: 'POST', bytes: 4, sha256: sha256('kept') })
      expect(await send(308, {})).toMatchObject({ method: 'POST', bytes: 4 })
      expect(await send(303, {})).toMatchObject({ method: 'GET', bytes: 0 })
    })

    test('nothing is left behind', async () => {
      const leaks = leakCheck()
      const transport = connect()
      await Promise.all(Array.from({ length: 10 }, () => transport.send(get(url('/facts')))))
      await factsOf(transport.send(get(url('/abort'))))
      const answer = await transport.send({ ...get(url('/encoded?coding=br&bytes=2000000')), response: 'stream' })
      for await (const _ of answer.stream ?? []) break
      await closeAll()
      await leaks.verify()
    })
  })
}

await describeWithServer('net/http, client certificates', goServer({ mode: 'mtls', ...given }), (server: Server) => {
  const url = `https://127.0.0.1:${server.port}/facts`
  test.each([true, false])('ours is shown and verified, HTTP/2 %s', async (http2) => {
    const answer = seen(await open({ tls: own, http2 }).send(get(url)))
    expect(answer).toMatchObject({ client: 'Patchbay Test Client', protocol: http2 ? 'HTTP/2.0' : 'HTTP/1.1' })
  })

  describe('refused', () => {
    test('without one', async () => {
      const facts = await factsOf(open({ tls: { ca } }).send(get(url)))
      expect(facts).toMatchObject({ kind: 'credential', retry: 'never', sent: 'none' })
    })

    test('from a foreign authority', async () => {
      const { certificate, key } = pki.foreignClient
      const facts = await factsOf(open({ tls: { ca, certificate, key } }).send(get(url)))
      expect(['credential', 'network']).toContain(facts.kind)
    })
  })
})

const certificates = { mode: 'tls', ...given }
const user = 'name:p@ss word:1'
const proxyScript = new URL('./fixtures/proxy-server.py', import.meta.url)

let targets: Server[] = []
const proxyAndTargets = async (): Promise<Server> => {
  targets = [await goServer({ mode: 'plain' })(), await goServer(certificates)()]
  return pythonServer('proxy', proxyScript, { user })()
}

await describeWithServer('proxy.py', proxyAndTargets, (proxy) => {
  const [plain, secure] = targets
  afterAll(() => Promise.all(targets.map((target) => target.stop())))
  const through = (password = 'p@ss word:1') => {
    const url = `http://name:${encodeURIComponent(password)}@127.0.0.1:${proxy.port}`
    return { proxy: { http: url, https: url }, tls: { ca } }
  }
  const plainUrl = `http://127.0.0.1:${plain?.port}/facts?a=1`
  const secureUrl = `https://127.0.0.1:${secure?.port}/facts?a=1`
  const routes = [
    ['forwarded', plainUrl, 'builtin', {}, 'HTTP/1.1'],
    ["a tunnel to a tenant's http address", plainUrl, 'tenant', {}, 'HTTP/1.1'],
    ['a tunnel for HTTP/2', secureUrl, 'tenant', {}, 'HTTP/2.0'],
    ['a tunnel for HTTP/1.1 over TLS', secureUrl, 'builtin', { http2: false }, 'HTTP/1.1'],
  ] as const

  test.each(routes)('%s', async (_, url, origin, options, protocol) => {
    const transport = open({ ...through(), ...options })
    const sockets = new Set<string>()
    for (let count = 0; count < 3; count++) {
      const body = bytes(200_000)
      const answer = seen(await transport.send({ method: 'POST', url, body, origin, headers: { 'x-own': 'kept' } }))
      expect(answer).toMatchObject({ protocol, method: 'POST', target: '/facts?a=1', sha256: sha256(body) })
      expect(answer.headers['X-Own']).toEqual(['kept'])
      // Only the proxy is told who we are; this one, where it reads the request, passes that on.
      if (origin === 'tenant' || protocol === 'HTTP/2.0')
        expect(Object.keys(answer.headers)).not.toContain('Proxy-Authorization')
      sockets.add(answer.socket)
    }
    if (origin === 'tenant') expect(sockets.size).toBe(1)
  })

  test.each(routes)('%s: a wrong password, and none', async (_, url, origin, options) => {
    const facts = { kind: 'credential', retry: 'never', sent: 'none', code: 'proxy-407' }
    for (const one of [through('wrong'), { ...through(), proxy: { http: proxy.url, https: proxy.url } }]) {
      const work = open({ ...one, ...options }).send({ ...get(url), origin })
      const { message, ...rest } = await factsOf(work)
      expect(rest).toMatchObject(facts)
      expect(message).not.toContain('wrong')
    }
  })

  test('a target that nobody listens at', async () => {
    await secure?.stop()
    const facts = await factsOf(open(through()).send(get(secureUrl)))
    expect(facts).toMatchObject({ sent: 'none', code: expect.stringMatching(/^proxy-/) })
  })
})
