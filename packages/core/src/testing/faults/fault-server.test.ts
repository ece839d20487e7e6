import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import { afterAll, afterEach, describe, expect, it } from 'vitest'
import { seededRandom } from '../time/seeded-random.ts'
import { faults } from './list.ts'
import { faultServer } from './server/fault-server.ts'
import { json } from './server/good-answer.ts'

const server = await faultServer({ stepMs: 5 })
afterEach(() => server.ledger.clear())
afterAll(() => server.close())

const goodEnd = /"count":3\}/
const anything = /^/
const never = /(?!)/
const quietMs = 40

/**
 * Asks over a bare socket; gives all bytes until the peer ends or resets, or until it has been quiet for a moment after what it sent
 * matched `until` (default: the end of the sound answer).
 */
async function raw(
  url: string,
  options: { until?: RegExp | ((bytes: string) => boolean); extra?: string; socket?: Socket } = {},
) {
  const { port, pathname, search } = new URL(url)
  const { until = goodEnd, extra = '' } = options
  const socket = options.socket ?? connect(Number(port), '127.0.0.1')
  socket.write(`GET ${pathname}${search} HTTP/1.1\r\nhost: 127.0.0.1\r\n${extra}\r\n`)
  let bytes = ''
  let timer: NodeJS.Timeout | undefined
  const ended = await new Promise<string>((resolve) => {
    const wait = (): void => {
      clearTimeout(timer)
      if (until instanceof RegExp ? until.test(bytes) : until(bytes))
        timer = setTimeout(() => resolve('quiet'), quietMs)
    }
    socket.on('data', (chunk) => {
      bytes += chunk.toString('latin1')
      wait()
    })
    socket.on('end', () => resolve('end'))
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(String(error.code)))
    wait()
  })
  clearTimeout(timer)
  socket.removeAllListeners()
  socket.on('error', () => undefined)
  if (options.socket === undefined) socket.destroy()
  const [head = '', ...body] = bytes.split('\r\n\r\n')
  return { bytes, head, body: body.join('\r\n\r\n'), ended, socket }
}

/** True when as much came as Content-Length declares. */
function isWhole(bytes: string): boolean {
  const length = /content-length: (\d+)\r\n/.exec(bytes)?.[1]
  const start = bytes.indexOf('\r\n\r\n')
  return length !== undefined && start !== -1 && bytes.length - start - 4 >= Number(length)
}

const at = async (id: string) => (await server.target(id)).url

describe('the list of faults', () => {
  it('has unique ids that are usable as paths', () => {
    expect(new Set(faults.map(({ id }) => id)).size).toBe(faults.length)
    for (const { id } of faults) expect(id).toMatch(/^[a-z0-9-]+$/)
  })

  it('never leaves the advice of an error to be guessed', () => {
    for (const { id, expected } of faults.filter(({ layer }) => layer !== 'paging')) {
      if (expected !== 'success') expect(expected.retry, id).toBeDefined()
    }
  })
})

describe('on the wire', () => {
  it.each([
    ['body-cut-length', 'end', /content-length: 540/],
    ['body-cut-chunk', 'end', /transfer-encoding: chunked/],
    ['rst-in-body', 'ECONNRESET', /content-length: 540/],
    ['rst-before-reply', 'ECONNRESET', /^$/],
    ['fin-before-reply', 'end', /^$/],
    ['silence', 'quiet', /^$/],
    ['headers-drip', 'quiet', /^HTTP\/1.1 200 OK\r\nx-drip: a+$/],
    ['half-open', 'quiet', /content-length: 540/],
    ['length-and-chunked', 'quiet', /content-length: 40\r\ntransfer-encoding: chunked/],
    ['header-huge', 'quiet', /x-huge: a{65536}\r\n/],
    ['rst-after-body', 'ECONNRESET', /content-length: 40/],
  ])('%s ends with %s', async (id, ended, head) => {
    const until = ended !== 'quiet' ? never : id === 'silence' ? anything : goodEnd
    const answer = await (id === 'headers-drip' ? drip(await at(id)) : raw(await at(id), { until }))
    expect(answer.ended).toBe(ended)
    expect(answer.head).toMatch(head)
  })

  it('body-drip goes on byte by byte', async () => {
    const { bytes } = await drip(await at('body-drip'))
    expect(bytes).toMatch(/content-length: 1000000\r\n\r\n {3,}$/)
  })

  it('body-overlong sends more than it declares', async () => {
    const { head, body } = await raw(await at('body-overlong'), { until: /declared$/ })
    expect(head).toContain('content-length: 40')
    expect(body).toMatch(/and more than was declared$/)
  })

  it('chunk-size-bad and informational-flood break the framing', async () => {
    expect((await raw(await at('chunk-size-bad'), { until: /xyz/ })).body).toMatch(/\r\nxyz\r\n$/)
    const hint = 'HTTP/1.1 103 Early Hints\r\nlink: </style.css>; rel=preload\r\n\r\n'
    const flood = await raw(await at('informational-flood'), { until: (bytes) => bytes.length >= 5000 * hint.length })
    expect(flood.bytes.match(/HTTP\/1.1 103/g)?.length).toBe(5000)
    expect(flood.bytes).not.toContain('HTTP/1.1 200')
  })

  it('stale-keep-alive and half-open-kept answer the first request of a connection only', async () => {
    for (const [id, ended] of [
      ['stale-keep-alive', 'end'],
      ['half-open-kept', 'quiet'],
    ] as const) {
      const url = await at(id)
      const socket = connect(Number(new URL(url).port), '127.0.0.1')
      expect((await raw(url, { socket })).body).toContain('Patchbay')
      const until = ended === 'quiet' ? anything : never
      expect(await raw(url, { socket, until })).toMatchObject({ bytes: '', ended })
      socket.destroy()
      expect((await raw(url)).body).toContain('Patchbay')
    }
  })

  it('gzip-bomb inflates to 64 MiB out of less than 100 kB, gzip-bad to nothing', async () => {
    const bomb = await raw(await at('gzip-bomb'), { until: isWhole })
    expect(bomb.bytes.length).toBeLessThan(100_000)
    const { gunzipSync } = await import('node:zlib')
    expect(gunzipSync(Buffer.from(bomb.body, 'latin1')).length).toBe(64 * 1024 * 1024)
    const bad = await raw(await at('gzip-bad'))
    expect(bad.head).toContain('content-encoding: gzip')
    expect(() => gunzipSync(Buffer.from(bad.body, 'latin1'))).toThrow('incorrect header check')
  })

  it('slow answers arrive whole and late', async () => {
    for (const id of ['latency-fixed', 'latency-spread', 'slow-start', 'bandwidth-capped']) {
      const start = performance.now()
      expect((await raw(await at(id))).body, id).toContain('"count":3}')
      expect(performance.now() - start, id).toBeGreaterThan(2)
    }
  })

  it('connect-blackhole neither connects nor refuses', async () => {
    const { port } = new URL(await at('connect-blackhole'))
    const socket = connect(Number(port), '127.0.0.1')
    const winner = await Promise.race([
      once(socket, 'connect').then(() => 'connected'),
      once(socket, 'error').then(() => 'refused'),
      new Promise((resolve) => setTimeout(() => resolve('nothing'), 50)),
    ])
    socket.destroy()
    expect(winner).toBe('nothing')
  })

  it('tls-silent accepts and never shakes hands', async () => {
    const { port } = new URL(await at('tls-silent'))
    const socket = connectTls(Number(port), '127.0.0.1')
    let secure = false
    socket.on('secureConnect', () => {
      secure = true
    })
    await once(socket, 'connect')
    await new Promise((resolve) => setTimeout(resolve, 30))
    expect(secure).toBe(false)
    socket.destroy()
  })

  it.each([
    ['tls-expired', 'CERT_HAS_EXPIRED'],
    ['tls-not-yet-valid', 'CERT_NOT_YET_VALID'],
    ['tls-wrong-host', 'ERR_TLS_CERT_ALTNAME_INVALID'],
    ['tls-unknown-authority', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
    ['tls-old-protocol', 'ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION'],
    ['tls-client-certificate-missing', 'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED'],
  ])('%s shows as %s', async (id, code) => {
    const { url, ca } = await server.target(id)
    const socket = connectTls({ port: Number(new URL(url).port), host: '127.0.0.1', ca })
    const [error] = await once(socket, 'error')
    expect((error as NodeJS.ErrnoException).code).toBe(code)
    socket.destroy()
  })

  it('plays any fault over TLS as well, resets included', async () => {
    const { url, ca } = await server.target('rst-in-body', { tls: true })
    expect(url).toMatch(/^https:/)
    const socket = connectTls({ port: Number(new URL(url).port), host: '127.0.0.1', ca })
    await once(socket, 'secureConnect')
    const answer = await raw(url, { socket, until: never })
    expect(answer.head).toContain('content-length: 540')
    expect(answer.ended).toBe('ECONNRESET')
  })
})

/** Reads for a while and leaves. */
async function drip(url: string) {
  const { port, pathname } = new URL(url)
  const socket = connect(Number(port), '127.0.0.1')
  socket.write(`GET ${pathname} HTTP/1.1\r\nhost: x\r\n\r\n`)
  let bytes = ''
  while (!/(a{3}| {3})$/.test(bytes)) {
    const [chunk] = await once(socket, 'data')
    bytes += String(chunk)
  }
  socket.destroy()
  return { bytes, head: bytes, ended: 'quiet' }
}

describe('answers', () => {
  it('speaks the dialect of the request', async () => {
    const ask = async (headers: Record<string, string>, body: string) => {
      const response = await fetch(server.origin, { method: 'POST', headers, body })
      return [response.headers.get('content-type'), await response.text()]
    }
    const [, rest] = await ask({ 'content-type': 'application/json' }, '{"name":"query"}')
    expect(rest).toBe('{"id":"r-1","name":"Patchbay","count":3}')
    const [, graphql] = await ask({ 'content-type': 'application/json' }, '{"query":"{ record { id } }"}')
    expect(graphql).toBe('{"data":{"record":{"id":"r-1","name":"Patchbay","count":3}}}')
    const [type, soap] = await ask({ 'content-type': 'text/xml', soapaction: '""' }, '<x/>')
    expect(type).toContain('text/xml')
    expect(soap).toContain('<name>Patchbay</name>')
  })

  it('plays queued faults in order, then answers soundly', async () => {
    server.next('status-503', 'forbidden')
    const statuses: number[] = []
    for (let count = 0; count < 3; count++) statuses.push((await fetch(`${server.origin}/any`)).status)
    expect(statuses).toEqual([503, 403, 200])
    expect(server.ledger.requests.map(({ fault }) => fault)).toEqual(['status-503', 'forbidden', undefined])
    expect(() => server.next('no-such')).toThrow('there is no fault "no-such"')
    expect((await fetch(`${server.origin}/fault/no-such`)).status).toBe(404)
  })

  it('plays faults by chance, the same for a seed, around an answer of one’s own', async () => {
    const play = async (seed: number) => {
      const own = await faultServer({
        random: seededRandom(seed),
        answer: (request) => json(200, { asked: request.target }),
      })
      own.sometimes(0.5, 'status-500', 'conflict-409')
      const seen: string[] = []
      for (let count = 0; count < 20; count++) {
        const response = await fetch(`${own.origin}/item/${count}`)
        seen.push(response.ok ? ((await response.json()) as { asked: string }).asked : String(response.status))
      }
      await own.close()
      return seen
    }
    const seen = await play(3)
    expect(await play(3)).toEqual(seen)
    expect(seen).toContain('500')
    expect(seen).toContain('409')
    expect(seen.some((entry, index) => entry === `/item/${index}`)).toBe(true)
  })

  it('remembers per target: bursts end, and a renewed credential is taken', async () => {
    const statuses = async (url: string, tokens: string[]) => {
      const seen: number[] = []
      for (const token of tokens) seen.push((await fetch(url, { headers: { authorization: token } })).status)
      return seen
    }
    expect(await statuses(await at('burst-5xx'), ['a', 'a', 'a', 'a'])).toEqual([503, 503, 503, 200])
    expect(await statuses(await at('burst-5xx'), ['a'])).toEqual([503])
    expect(await statuses(await at('unauthorized-once'), ['a', 'a', 'b'])).toEqual([401, 401, 200])
    expect(await statuses(await at('brown-out'), Array(10).fill('a'))).toEqual([
      500, 200, 200, 200, 500, 200, 200, 500, 200, 200,
    ])
  })

  it('serves pages that repeat, miss and change order', async () => {
    const read = async (id: string) => {
      const url = await at(id)
      const ids: string[] = []
      for (let cursor: string | undefined = ''; cursor !== undefined; ) {
        const response = await fetch(cursor === '' ? url : `${url}?cursor=${cursor}`)
        if (!response.ok) return [...ids, String(response.status)]
        const page = (await response.json()) as { items: { id: string }[]; next?: string }
        ids.push(page.items.map((item) => item.id.slice(2)).join(''))
        cursor = page.next
      }
      return ids
    }
    expect(await read('pages-duplicated')).toEqual(['123', '456', '456', '789'])
    expect(await read('pages-missing')).toEqual(['123', '789'])
    expect(await read('pages-reordered')).toEqual(['123', '789', '456'])
    expect(await read('cursor-invalid')).toEqual(['123', '456', '410'])
  })
})

describe('the ledger', () => {
  it('counts requests, connections and bytes, and tells open sockets', async () => {
    const own = await faultServer()
    const { bytes, socket } = await raw(`${own.origin}/one`, { extra: 'x-a: 1\r\n' })
    const sent = 'GET /one HTTP/1.1\r\nhost: 127.0.0.1\r\nx-a: 1\r\n\r\n'.length
    expect(own.ledger.requests).toMatchObject([
      { number: 1, method: 'GET', target: '/one', headers: { 'x-a': '1' }, fault: undefined, connection: 1 },
    ])
    expect(own.ledger.connections()).toBe(1)
    expect(own.ledger.bytes()).toEqual({ in: sent, out: bytes.length })
    if (!socket.closed) await once(socket, 'close')
    while (own.open.length > 0) await new Promise((resolve) => setImmediate(resolve))
    const mark = own.ledger.mark()
    own.ledger.clear()
    expect([own.ledger.connections(), own.ledger.bytes()]).toEqual([0, { in: 0, out: 0 }])
    const staying = connect(Number(new URL(own.origin).port), '127.0.0.1')
    await raw(`${own.origin}/one`, { socket: staying, extra: 'x-a: 1\r\n' })
    expect(own.open).toEqual([{ origin: own.origin, connection: 2, requests: 1 }])
    expect(own.ledger.since(mark, own.origin)).toEqual({ requests: 1, bytesIn: sent })
    staying.destroy()
    await own.close()
  })

  it('tells which origins saw a value, in whatever form', async () => {
    const secret = 'p@ss/word+1'
    await fetch(`${server.otherOrigin}/?key=${encodeURIComponent(secret)}`)
    expect(server.ledger.whoSaw(secret)).toEqual([server.otherOrigin])
    await fetch(server.origin, {
      headers: { authorization: `Basic ${Buffer.from(`me:${secret}`).toString('base64')}` },
    })
    expect(server.ledger.whoSaw(secret)).toEqual([server.otherOrigin, server.origin])
    expect(server.ledger.whoSaw('never sent')).toEqual([])
  })

  it('answers garbage with 400', async () => {
    const socket = connect(Number(new URL(server.origin).port), '127.0.0.1')
    socket.write('garbage\r\n\r\n')
    const [answer] = await once(socket, 'data')
    expect(String(answer)).toContain('400 Bad Request')
    socket.destroy()
  })
})
