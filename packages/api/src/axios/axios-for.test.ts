import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { inspect } from 'node:util'
import { gzipSync } from 'node:zlib'
import { isPatchbayError, systemClock } from '@patchbay/core'
import { httpClient, undiciTransport } from '@patchbay/core/http'
import axios, { type AxiosInstance } from 'axios'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { axiosFor } from './axios-for.ts'

interface Echo {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

const secret = 'axios-face-secret'
const transport = undiciTransport({ clock: systemClock, allow: [{ cidr: '127.0.0.0/8' }] })
const credential = {
  scheme: 'test',
  marks: { headers: ['x-api-key'], query: [] },
  apply: (request: { headers: Record<string, unknown> }) => {
    request.headers['x-api-key'] = secret
  },
}
let server: Server
let origin: string
let stock: AxiosInstance
let face: AxiosInstance

beforeAll(async () => {
  server = createServer(async (request, response) => {
    const body = await textOf(request)
    const { pathname } = new URL(request.url ?? '/', 'http://x')
    if (pathname === '/json') response.setHeader('content-type', 'application/json').end('{"a":[1,2,{"b":null}]}')
    else if (pathname === '/empty') response.writeHead(204).end()
    else if (pathname === '/text') response.setHeader('content-type', 'text/plain; charset=utf-8').end('grüße')
    else if (pathname === '/html') response.setHeader('content-type', 'text/html').end('<title>Log in</title>')
    else if (pathname === '/gzip')
      response
        .writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' })
        .end(gzipSync('{"zipped":true}'))
    else if (pathname === '/bytes')
      response.setHeader('content-type', 'application/octet-stream').end(Buffer.from([0, 1, 254, 255]))
    else if (pathname === '/cookies')
      response.setHeader('set-cookie', ['a=1', 'b=2']).setHeader('content-type', 'application/json').end('{}')
    else if (pathname === '/missing')
      response
        .writeHead(404, { 'content-type': 'application/json', 'x-request-id': 'r-404' })
        .end('{"error":{"code":"gone","message":"no such thing"}}')
    else if (pathname === '/slow') setTimeout(() => response.end('{}'), 5000).unref()
    else
      response
        .setHeader('content-type', 'application/json')
        .end(JSON.stringify({ method: request.method, url: request.url, headers: request.headers, body }))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const client = httpClient({ baseUrl: origin, credential, transport, clock: systemClock })
  face = axiosFor(client, { baseUrl: origin })
  stock = axios.create({ baseURL: origin })
})

afterAll(async () => {
  await transport.close()
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString('latin1')
}

/** What the server saw, without what must differ between two clients. */
function seen({ method, url, body, headers }: Echo) {
  const { 'content-type': type, accept, 'x-own': own } = headers
  return { method, url, body, type: type?.replace(/boundary=.*/, 'boundary'), accept, own }
}

const sameRequests: Readonly<Record<string, (client: AxiosInstance) => Promise<{ data: Echo }>>> = {
  'a query with arrays and dates': (client) =>
    client.get('/echo', { params: { a: [1, 2], at: new Date(0), none: undefined, text: 'ä b' } }),
  'a JSON body': (client) => client.post('/echo', { text: 'grüße', list: [1] }),
  'a form body': (client) => client.post('/echo', new URLSearchParams({ a: '1', b: 'ä' })),
  'a form from an object': (client) => client.postForm('/echo', { a: '1' }).catch((error) => Promise.reject(error)),
  bytes: (client) =>
    client.put('/echo', Buffer.from([1, 2, 255]), { headers: { 'content-type': 'application/octet-stream' } }),
  'a stream': (client) =>
    client.post('/echo', Readable.from([Buffer.from('one '), Buffer.from('two')]), {
      headers: { 'content-type': 'text/plain' },
    }),
  'own headers': (client) =>
    client.patch('/echo', 'text', { headers: { 'X-Own': 'yes', 'Content-Type': 'text/plain' } }),
  'DELETE with a body': (client) => client.delete('/echo', { data: { id: 1 } }),
  'a transformed request': (client) =>
    client.post(
      '/echo',
      { a: 1 },
      { transformRequest: [(data) => `wrapped ${JSON.stringify(data)}`], headers: { 'content-type': 'text/plain' } },
    ),
}

describe('requests are those of stock axios', () => {
  it.each(Object.entries(sameRequests))('%s', async (name, send) => {
    const [mine, theirs] = [seen((await send(face)).data), seen((await send(stock)).data)]
    const random = name.includes('form from an object')
    expect(random ? { ...mine, body: '' } : mine).toEqual(random ? { ...theirs, body: '' } : theirs)
  })

  it('signs with the credential, which the config never holds', async () => {
    const response = await face.get<Echo>('/echo')
    expect(response.data.headers['x-api-key']).toBe(secret)
    expect(JSON.stringify(response.config)).not.toContain(secret)
  })

  it('sends basic credentials of `auth`', async () => {
    const { data } = await face.get<Echo>('/echo', { auth: { username: 'ann', password: 'pä:ss' } })
    expect(data.headers.authorization).toBe(`Basic ${Buffer.from('ann:pä:ss').toString('base64')}`)
  })
})

describe('answers are those of stock axios', () => {
  it.each(['/json', '/empty', '/gzip'])('%s', async (path) => {
    const [mine, theirs] = [await face.get(path), await stock.get(path)]
    expect(mine.data).toEqual(theirs.data)
    expect([mine.status, mine.statusText]).toEqual([theirs.status, theirs.statusText])
    expect(mine.headers['content-type']).toBe(theirs.headers['content-type'])
  })

  it('text, bytes, a stream, several cookies', async () => {
    expect((await face.get('/text', { responseType: 'text' })).data).toBe('grüße')
    expect((await face.get('/bytes', { responseType: 'arraybuffer' })).data).toEqual(Buffer.from([0, 1, 254, 255]))
    const { data } = await face.get<Readable>('/bytes', { responseType: 'stream' })
    expect(Buffer.concat(await data.toArray())).toEqual(Buffer.from([0, 1, 254, 255]))
    expect((await face.get('/cookies')).headers['set-cookie']).toEqual(['a=1', 'b=2'])
  })

  it('gives the text to whoever transforms answers himself', async () => {
    const { data } = await face.get('/json', { transformResponse: [(text: string) => text.length] })
    expect(data).toBe('{"a":[1,2,{"b":null}]}'.length)
  })

  it('tells progress both ways', async () => {
    const up: number[] = []
    const down: number[] = []
    await face.post('/echo', 'x'.repeat(1000), {
      headers: { 'content-type': 'text/plain' },
      onUploadProgress: ({ loaded }) => up.push(loaded),
      onDownloadProgress: ({ loaded }) => down.push(loaded),
    })
    expect(up).toEqual([1000])
    expect(down.at(-1)).toBeGreaterThan(1000)
  })

  it('runs interceptors', async () => {
    const own = axiosFor(httpClient({ baseUrl: origin, credential, transport, clock: systemClock }), {
      baseUrl: origin,
    })
    own.interceptors.request.use((config) => {
      config.headers.set('x-own', 'intercepted')
      return config
    })
    own.interceptors.response.use((response) => ({ ...response, data: response.data.headers['x-own'] }))
    expect((await own.get('/echo')).data).toBe('intercepted')
  })
})

describe('failures', () => {
  const failure = async (work: Promise<unknown>): Promise<unknown> =>
    work.then(
      () => 'success',
      (error: unknown) => error,
    )

  it('are PatchbayErrors that axios recognises, with the response, and show no request to loggers', async () => {
    const error = await failure(face.get('/missing'))
    if (!isPatchbayError(error) || !axios.isAxiosError(error)) throw error
    expect(error).toMatchObject({ kind: 'not-found', status: 404, code: 'gone', requestId: 'r-404' })
    expect(error.response?.data).toEqual({ error: { code: 'gone', message: 'no such thing' } })
    expect(Object.keys(error)).not.toContain('config')
  })

  it('never give a login page out as data', async () => {
    expect(await failure(face.get('/html'))).toMatchObject({ kind: 'protocol', code: 'content-type' })
  })

  it('obey validateStatus', async () => {
    const { status, data } = await face.get('/missing', { validateStatus: (code) => code === 404 })
    expect([status, data.error.code]).toEqual([404, 'gone'])
  })

  it('a cancelled request shows loggers no header that it would have sent', async () => {
    const controller = new AbortController()
    const headers = { authorization: 'Bearer own-secret-of-the-caller' }
    const cancelled = failure(face.get('/slow', { signal: controller.signal, headers }))
    controller.abort()
    const error = (await cancelled) as { config?: { headers: { authorization: string } } }
    expect(axios.isCancel(error)).toBe(true)
    expect(inspect(error, { depth: 10 }) + JSON.stringify(error)).not.toContain('own-secret-of-the-caller')
    expect(error.config?.headers.authorization).toBe('Bearer own-secret-of-the-caller')
  })

  it('cancel as axios does, and time out as Patchbay does', async () => {
    const controller = new AbortController()
    const cancelled = failure(face.get('/slow', { signal: controller.signal }))
    controller.abort()
    expect(axios.isCancel(await cancelled)).toBe(true)
    expect(await failure(face.get('/slow', { timeout: 50 }))).toMatchObject({ kind: 'timeout' })
  })

  it.each([
    ['proxy', { proxy: { host: '127.0.0.1', port: 1 } }],
    ['httpAgent', { httpAgent: {} }],
    ['socketPath', { socketPath: '/tmp/x.sock' }],
  ])('refuse %s, which would be ignored', async (field, config) => {
    expect(await failure(face.get('/json', config))).toMatchObject({ kind: 'config', issues: [{ path: field }] })
  })

  it.each(['https://elsewhere.example/x', '//elsewhere.example/x', 'http://169.254.169.254/latest'])(
    'never leave the base URL: %s',
    async (url) => {
      expect(await failure(face.get(url))).toMatchObject({ sent: 'none', retry: 'never' })
    },
  )

  it('cap the body', async () => {
    expect(await failure(face.get('/json', { maxContentLength: 5 }))).toMatchObject({ kind: 'protocol' })
  })
})
