import { createHash } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { connect } from '@patchbay/core'
import { leakCheck } from '@patchbay/core/testing'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { readContentType } from './attachments/content-type.ts'
import { readMultipart } from './attachments/multipart-reader.ts'
import { crm } from './fixtures/crm-documents.ts'
import { attachment, type SoapConfig, soap } from './index.ts'

let server: Server
let origin: string
let answer: (request: IncomingMessage, body: Buffer, response: ServerResponse) => void = () => undefined

beforeAll(async () => {
  server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    answer(request, Buffer.concat(chunks), response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(async () => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
})

function open(config: Partial<SoapConfig> = {}) {
  return connect(soap, {
    config: { wsdl: crm, port: 'Crm11', endpoint: `${origin}/crm`, mtom: true, ...config },
    network: { allow: [{ host: '127.0.0.1' }] },
  })
}

const failure = async (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'success',
    (error: unknown) => error,
  )
const bytes = (size: number): Uint8Array => new Uint8Array(size).map((_, index) => (index * 7) % 251)
const hash = (data: Uint8Array): string => createHash('sha256').update(data).digest('hex')
const envelope = (content: string): string =>
  `<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><StoreDocumentResponse xmlns="urn:crm:customer">${content}</StoreDocumentResponse></s:Body></s:Envelope>`
const include = (id: string): string =>
  `<content><x:Include xmlns:x="http://www.w3.org/2004/08/xop/include" href="cid:${id}"/></content>`

interface Part {
  readonly headers: ReadonlyMap<string, string>
  readonly body: Buffer
}

async function partsOf(request: IncomingMessage, body: Buffer, step = 1000): Promise<readonly Part[]> {
  const type = readContentType(request.headers['content-type'])
  const chunks = (async function* () {
    for (let at = 0; at < body.length; at += step) yield body.subarray(at, at + step)
  })()
  const parts: Part[] = []
  for await (const part of readMultipart(chunks, type?.parameters.get('boundary') ?? '')) {
    const found: Uint8Array[] = []
    for await (const chunk of part.body) found.push(chunk)
    parts.push({ headers: part.headers, body: Buffer.concat(found) })
  }
  return parts
}

function reply(
  response: ServerResponse,
  parts: readonly (readonly [head: string, body: string | Uint8Array])[],
  type = 'application/xop+xml',
): void {
  response.setHeader(
    'content-type',
    `multipart/related; type="${type}"; boundary="b; 1"; start="<root>"; start-info="text/xml"`,
  )
  for (const [head, body] of parts) {
    response.write(`--b; 1\r\n${head}\r\n\r\n`)
    response.write(body)
    response.write('\r\n')
  }
  response.end('--b; 1--\r\n')
}
const root = 'Content-Type: application/xop+xml; type="text/xml"; charset=UTF-8\r\nContent-ID: <root>'
const binary = (id: string): string =>
  `Content-Type: application/octet-stream\r\nContent-Transfer-Encoding: binary\r\nContent-ID: <${id}>`

it.each([1, 7, 100_000])('sends bytes as a part of their own, read in pieces of %i', async (step) => {
  await using connection = open()
  const content = bytes(5000)
  let parts: readonly Part[] = []
  let type: string | undefined
  answer = async (request, body, response) => {
    type = request.headers['content-type']
    parts = await partsOf(request, body, step)
    response.setHeader('content-type', 'text/xml').end(envelope('<size>5000</size>'))
  }
  const { body } = await connection.call.invoke({ operation: 'StoreDocument', body: { name: 'a', content } })
  expect(body).toEqual({ size: '5000' })
  expect(type).toMatch(
    /^multipart\/related; type="application\/xop\+xml"; boundary="[^"]+"; start="<[^>]+>"; start-info="text\/xml"$/,
  )
  expect(parts).toHaveLength(2)
  const id = /href="cid:([^"]+)"/.exec(parts[0]?.body.toString() ?? '')?.[1] ?? ''
  expect(parts[1]?.headers.get('content-id')).toBe(`<${decodeURIComponent(id)}>`)
  expect(hash(parts[1]?.body ?? Buffer.alloc(0))).toBe(hash(content))
})

it('keeps small values in the XML', async () => {
  await using connection = open()
  let type: string | undefined
  answer = (request, _, response) => {
    type = request.headers['content-type']
    response.setHeader('content-type', 'text/xml').end(envelope('<size>1</size>'))
  }
  await connection.call.invoke({ operation: 'StoreDocument', body: { name: 'a', content: bytes(10) } })
  expect(type).toBe('text/xml; charset=utf-8')
})

it.each([8 * 1024 * 1024, undefined])('sends streams, with their length where it is known: %s', async (size) => {
  await using connection = open()
  const chunk = bytes(64 * 1024)
  let headers: IncomingMessage['headers'] = {}
  let parts: readonly Part[] = []
  answer = async (request, body, response) => {
    headers = request.headers
    parts = await partsOf(request, body, 100_000)
    response.setHeader('content-type', 'text/xml').end(envelope('<size>1</size>'))
  }
  const stream = async function* (): AsyncGenerator<Uint8Array> {
    for (let count = 0; count < 128; count++) yield chunk
  }
  const content = attachment(stream, { contentType: 'application/pdf', ...(size === undefined ? {} : { size }) })
  await connection.call.invoke({ operation: 'StoreDocument', body: { name: 'a', content } })
  expect(parts[1]?.body.byteLength).toBe(8 * 1024 * 1024)
  expect(parts[1]?.headers.get('content-type')).toBe('application/pdf')
  expect(headers['content-length'] === undefined).toBe(size === undefined)
})

it('gives attachments in the place of the values that they are', async () => {
  await using connection = open()
  const content = bytes(300_000)
  answer = (_, __, response) =>
    reply(response, [
      [root, envelope(`<size>3</size>${include('a%40b')}`)],
      [binary('a@b'), content],
    ])
  const { body } = await connection.call.invoke<{ content: Uint8Array }>({
    operation: 'StoreDocument',
    body: { name: 'a', content: bytes(1) },
  })
  expect(hash(body.content)).toBe(hash(content))
})

it('gives attachments as streams', async () => {
  const leaks = leakCheck({ withinMs: 1000 })
  const connection = open()
  const content = bytes(3_000_000)
  answer = (_, __, response) =>
    reply(response, [
      [root, envelope(`<size>3</size>${include('a')}`)],
      [binary('a'), content],
      [binary('b'), 'more'],
    ])
  const input = { operation: 'StoreDocument', body: { name: 'a', content: bytes(1) }, attachments: 'stream' } as const
  const { body, attachments } = await connection.call.invoke<{ content: object }>(input)
  expect(body).toEqual({ size: '3', content: { contentId: 'a' } })
  const digest = createHash('sha256')
  const ids: unknown[] = []
  for await (const one of attachments) {
    ids.push(one.contentId)
    if (one.contentId === 'a') for await (const chunk of one.body) digest.update(chunk)
  }
  expect(ids).toEqual(['a', 'b'])
  expect(digest.digest('hex')).toBe(hash(content))
  // A loop that is left early lets go of the socket.
  const second = await connection.call.invoke<object>(input)
  for await (const one of second.attachments) {
    expect(one.contentId).toBe('a')
    break
  }
  await connection.$close()
  await leaks.verify()
})

it.each<[string, (response: ServerResponse) => void, object]>([
  [
    'SOAP with Attachments',
    (response) =>
      reply(
        response,
        [
          ['Content-Type: text/xml\r\nContent-ID: <root>', envelope('<size>1</size>')],
          [binary('a'), 'x'],
        ],
        'text/xml',
      ),
    { kind: 'unsupported', code: 'swa' },
  ],
  [
    'an attachment that did not come',
    (response) => reply(response, [[root, envelope(`<size>1</size>${include('a')}`)]]),
    { kind: 'protocol', issues: [{ path: 'body.content', message: 'refers to an attachment that did not come' }] },
  ],
  [
    'a body that is cut',
    (response) =>
      response
        .setHeader('content-type', 'multipart/related; boundary=b')
        .end('--b\r\nContent-Type: application/xop+xml\r\n\r\n<a'),
    { kind: 'protocol', code: 'multipart' },
  ],
  [
    'no boundary',
    (response) => response.setHeader('content-type', 'multipart/related').end('--b'),
    { kind: 'protocol', code: 'multipart' },
  ],
  [
    'a header that does not end',
    (response) =>
      response.setHeader('content-type', 'multipart/related; boundary=b').end(`--b\r\n${'x'.repeat(100_000)}`),
    { kind: 'protocol', code: 'multipart' },
  ],
  [
    'another part before the root',
    (response) =>
      reply(response, [
        [binary('a'), 'x'],
        [root, envelope('<size>1</size>')],
      ]),
    { kind: 'protocol', code: 'multipart' },
  ],
  [
    'an envelope beyond its cap',
    (response) => response.setHeader('content-type', 'text/xml').end(envelope(`<size>${' '.repeat(200_000)}1</size>`)),
    { kind: 'protocol', code: 'body-too-large' },
  ],
])('refuses %s', async (_, send, expected) => {
  await using connection = open({ limits: { envelopeBytes: 100_000 } })
  answer = (_request, _body, response) => send(response)
  const input = { operation: 'StoreDocument', body: { name: 'a', content: bytes(1) } }
  expect(await failure(connection.call.invoke(input))).toMatchObject(expected)
})
