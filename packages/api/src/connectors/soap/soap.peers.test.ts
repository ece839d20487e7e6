import { createHash, createPrivateKey, X509Certificate } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { connect, systemClock, systemRandom, type Transport } from '@patchbay/core'
import { afterAll, expect, test } from 'vitest'
import { describeWithPython, pythonServer } from '../../../../../tools/peers/suite.ts'
import { describeWithServer } from '../../../../../tools/servers/suite.ts'
import { crm, crmFolder, customer, flatCrm } from './fixtures/crm-documents.ts'
import { rsaIdentity } from './fixtures/rsa-identity.ts'
import { soap, type WsSecurityConfig, wsSecurity } from './index.ts'
import { parseEnvelope } from './message/read-envelope.ts'
import { verifyEnvelope } from './security/verify-envelope.ts'

const schema = fileURLToPath(new URL('types/customer.xsd', crmFolder))

/** What the connector sends. */
async function sent(
  input: { readonly operation: string; readonly body: unknown },
  security?: WsSecurityConfig,
  more: object = {},
) {
  let request: { readonly type: string; readonly body: Buffer } | undefined
  const transport: Transport = {
    async send({ url, body, headers = {} }) {
      const chunks: Uint8Array[] = []
      if (typeof body === 'string' || body instanceof Uint8Array) chunks.push(Buffer.from(body as string))
      else for await (const chunk of body ?? []) chunks.push(chunk)
      request = { type: String(headers['content-type']), body: Buffer.concat(chunks) }
      return { status: 503, statusText: '', headers: {}, url, body: new Uint8Array(), stream: undefined }
    },
    close: async () => undefined,
  }
  const config = { wsdl: crm, port: 'Crm11', endpoint: 'https://crm.example.com/x', ...more }
  const connection = connect(soap, {
    config,
    transport,
    ...(security === undefined ? {} : { credential: wsSecurity(security) }),
  })
  await connection.call.invoke(input).catch(() => undefined)
  if (request === undefined) throw new Error('nothing was sent')
  return request
}
const envelopeOf = async (...given: Parameters<typeof sent>): Promise<string> => (await sent(...given)).body.toString()

describeWithPython('SOAP messages', new URL('./fixtures/soap-peer.py', import.meta.url), (ask) => {
  const folder = mkdtempSync(join(tmpdir(), 'patchbay-soap-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  const file = (name: string, text: string): string => {
    const path = join(folder, name)
    writeFileSync(path, text)
    return path
  }
  const ada = rsaIdentity('ada')
  const bob = rsaIdentity('bob')
  const get = { operation: 'GetCustomer', body: { id: '<7> & ü' } }

  test('libxml2 finds a message with most of what a schema has valid', async () => {
    const envelope = await envelopeOf({ operation: 'SaveCustomer', body: { customer } })
    expect(await ask({ task: 'valid', schema, envelope })).toEqual({ valid: true, errors: [] })
    const wrong = envelope.replace('gold', 'lead')
    expect(await ask({ task: 'valid', schema, envelope: wrong })).toMatchObject({ valid: false })
  })

  test.each([
    [get, { id: get.body.id }, 'Crm11'],
    [
      {
        operation: 'SaveCustomer',
        body: {
          customer: {
            '@version': 1,
            id: 'a',
            name: 'b',
            changed: null,
            number: '12',
            active: true,
            email: 'e',
            codes: [1, 2],
            tag: [{ word: 'w' }],
          },
        },
      },
      {
        customer: {
          version: 1,
          id: 'a',
          name: 'b',
          changed: null,
          number: 12,
          active: true,
          email: 'e',
          codes: [1, 2],
          tag: [{ word: 'w' }],
        },
      },
      'Crm11',
    ],
    [{ operation: 'Add', body: { a: 1, b: '2.50' } }, { a: 1, b: '2.50' }, 'Calculator'],
  ])('zeep makes the same message: %#', async (input, theirs, port) => {
    const envelope = await envelopeOf(input, undefined, { port })
    // zeep knows no xsd:redefine, so it reads the description in one file.
    const lang =
      '<xsd:import namespace="http://www.w3.org/XML/1998/namespace" schemaLocation="http://www.w3.org/2001/xml.xsd"/>'
    const wsdl = file(
      'crm.wsdl',
      flatCrm.replace(/<xsd:schema targetNamespace="urn:crm:customer"[^>]*>/, (tag) => tag + lang),
    )
    const found = await ask<{ theirs: unknown; ours: unknown }>({
      task: 'message',
      wsdl,
      port,
      operation: input.operation,
      input: theirs,
      envelope,
    })
    expect(found.ours).toEqual(found.theirs)
  })

  test('zeep and xmlsec verify our signature, and refuse a changed message', async () => {
    const certificate = file('ada.pem', ada.certificate)
    const envelope = await envelopeOf(get, { certificate: ada.certificate, key: ada.key })
    expect(await ask({ task: 'verify', envelope, certificate })).toEqual({ verdict: 'accepted' })
    expect(await ask({ task: 'verify', envelope: envelope.replace('ü', 'u'), certificate })).toEqual({
      verdict: 'SignatureVerificationFailed',
    })
    expect(await ask({ task: 'verify', envelope, certificate: file('bob.pem', bob.certificate) })).toEqual({
      verdict: 'SignatureVerificationFailed',
    })
  })

  test('we verify what zeep and xmlsec sign, and refuse a changed message', async () => {
    const plain = await envelopeOf(get)
    const { envelope } = await ask<{ envelope: string }>({
      task: 'sign',
      envelope: plain,
      key: file('key.pem', ada.key),
      certificate: file('cert.pem', ada.certificate),
    })
    const judge = (text: string, pem: string) =>
      verifyEnvelope(
        parseEnvelope(text),
        { trust: { certificates: [new X509Certificate(pem)], authorities: [] }, timestamp: false, skewSeconds: 60 },
        systemClock.now(),
      )
    expect(judge(envelope, ada.certificate)).toBeUndefined()
    expect(() => judge(envelope.replace('7', '8'), ada.certificate)).toThrow(/changed after it was signed|does not fit/)
    expect(() => judge(envelope, bob.certificate)).toThrow(/neither pinned nor issued/)
    expect(createPrivateKey(ada.key).asymmetricKeyType).toBe('rsa')
  })

  test('our UsernameToken is what its profile says', async () => {
    const password = `pä sswörd ${systemRandom.uuid()}`
    const envelope = await envelopeOf(get, { username: 'ädä & co', password })
    expect(await ask({ task: 'token', envelope, password })).toEqual({ fits: true, username: 'ädä & co' })
    expect(await ask({ task: 'token', envelope, password: 'other' })).toMatchObject({ fits: false })
  })

  test("Python's email package reads our attachments", async () => {
    const content = new Uint8Array(100_000).map((_, index) => index % 253)
    const { type, body } = await sent({ operation: 'StoreDocument', body: { name: 'a', content } }, undefined, {
      mtom: true,
    })
    const found = await ask<{ start: string; defects: unknown[]; parts: { type: string; id: string; hash: string }[] }>(
      { task: 'mime', type, body: body.toString('base64') },
    )
    expect(found.defects).toEqual([])
    expect(found.parts).toHaveLength(2)
    expect(found.parts[0]).toMatchObject({
      id: found.start,
      type: 'application/xop+xml; charset="UTF-8"; type="text/xml"',
    })
    expect(found.parts[1]?.hash).toBe(createHash('sha256').update(content).digest('hex'))
  })
})

await describeWithServer(
  'a server of spyne',
  pythonServer('spyne', new URL('./fixtures/spyne-server.py', import.meta.url), {}),
  (server) => {
    const open = () =>
      connect(soap, {
        config: { wsdl: `${server.url}/?wsdl` },
        network: { allow: [{ host: '127.0.0.1' }] },
      })
    const item = {
      '@id': 7,
      name: 'Tea & <milk>',
      price: '12345678901234567890.123456789',
      stock: '9223372036854775807',
      day: '2026-01-31',
      at: '2026-01-31T09:30:00.250000+02:00',
      weight: 0.1,
      color: 'green',
      sold: false,
      data: new Uint8Array([0, 255, 16]),
      tags: { string: ['one'] },
      sizes: [42],
    }

    test('describes itself, checks our message and gives it back without loss', async () => {
      await using connection = open()
      const { body } = await connection.call.invoke<{ echoResult: object }>({ operation: 'echo', body: { item } })
      expect(body.echoResult).toEqual(item)
    })

    test('gives lists, also of one and of none', async () => {
      await using connection = open()
      const several = async (count: number) => {
        const { body } = await connection.call.invoke<{ severalResult: { Item: { name: string; stock: string }[] } }>({
          operation: 'several',
          body: { count },
        })
        return body.severalResult.Item
      }
      expect(await several(0)).toEqual([])
      expect((await several(1)).map(({ name }) => name)).toEqual(['Item 0'])
      expect((await several(2))[1]?.stock).toBe('9007199254740993')
    })

    test('refuses with faults that are typed errors', async () => {
      await using connection = open()
      await expect(connection.call.invoke({ operation: 'buy', body: { name: 'tea' } })).rejects.toMatchObject({
        kind: 'invalid-input',
        code: 'Client.OutOfStock',
        detail: 'the SOAP server answered with a fault: There is no more tea',
      })
    })
  },
)
