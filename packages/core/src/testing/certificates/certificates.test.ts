import { createPrivateKey, X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { connect, createServer, type TLSSocket, type TlsOptions } from 'node:tls'
import { describe, expect, it } from 'vitest'
import { addressBytes, integer, objectId, time } from './der.ts'
import { type IssuedCertificate, issueCertificate } from './issue.ts'
import { makeCertificates } from './make-certificates.ts'

const certificates = makeCertificates()
const ca = certificates.authority.certificate

/** A real handshake on loopback; the answer is what each side made of it. */
async function handshake(server: IssuedCertificate, client?: IssuedCertificate, options: TlsOptions = {}) {
  const listener = createServer({ cert: server.certificate, key: server.key, ...options }, (socket) =>
    socket.end('hello'),
  )
  let refused = ''
  listener.on('tlsClientError', (error: NodeJS.ErrnoException) => {
    refused = error.code ?? error.message
  })
  listener.listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const { port } = listener.address() as AddressInfo
  const identity = client === undefined ? {} : { cert: client.certificate, key: client.key }
  const socket: TLSSocket = connect({ port, host: '127.0.0.1', servername: 'localhost', ca, ...identity })
  try {
    const chunks: Buffer[] = []
    for await (const chunk of socket) chunks.push(chunk as Buffer)
    return { text: Buffer.concat(chunks).toString(), code: '', refused }
  } catch (error) {
    return { text: '', code: (error as NodeJS.ErrnoException).code, refused }
  } finally {
    socket.destroy()
    listener.close()
    await once(listener, 'close')
  }
}

describe('makeCertificates', () => {
  it('gives a server that a client trusts through the authority', async () => {
    expect(await handshake(certificates.server)).toMatchObject({ text: 'hello', code: '' })
  })

  it.each([
    ['expired', 'CERT_HAS_EXPIRED'],
    ['notYetValid', 'CERT_NOT_YET_VALID'],
    ['wrongHost', 'ERR_TLS_CERT_ALTNAME_INVALID'],
    ['unknownAuthority', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
    ['selfSigned', 'DEPTH_ZERO_SELF_SIGNED_CERT'],
  ] as const)('%s is refused with %s', async (kind, code) => {
    expect((await handshake(certificates[kind])).code).toBe(code)
  })

  it('a server that asks for client certificates takes its own and refuses the others', async () => {
    const asking = { requestCert: true, rejectUnauthorized: true, ca }
    expect(await handshake(certificates.server, certificates.client, asking)).toMatchObject({ text: 'hello' })
    expect((await handshake(certificates.server, undefined, asking)).refused).toBe(
      'ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE',
    )
    expect((await handshake(certificates.server, certificates.foreignClient, asking)).text).toBe('')
    expect((await handshake(certificates.server, certificates.expiredClient, asking)).text).toBe('')
  })

  it('names hosts, addresses, dates and purposes as asked', () => {
    const { server, client } = makeCertificates({ hosts: ['api.test', '10.0.0.7', 'fd00::7'], clock: { now: () => 0 } })
    const parsed = new X509Certificate(server.certificate)
    expect(parsed.subjectAltName).toBe('DNS:api.test, IP Address:10.0.0.7, IP Address:FD00:0:0:0:0:0:0:7')
    expect(parsed.validFrom).toBe('Dec 31 23:00:00 1969 GMT')
    expect(parsed.ca).toBe(false)
    expect(parsed.keyUsage).toEqual(['1.3.6.1.5.5.7.3.1'])
    expect(new X509Certificate(client.certificate).keyUsage).toEqual(['1.3.6.1.5.5.7.3.2'])
    expect(parsed.checkPrivateKey(createPrivateKey(server.key))).toBe(true)
  })

  it('issues for dates after 2049 and for authorities', () => {
    const issued = issueCertificate({
      name: 'Far',
      role: 'authority',
      notBefore: new Date('2049-12-31T23:59:59Z'),
      notAfter: new Date('2199-01-01T00:00:00Z'),
    })
    const parsed = new X509Certificate(issued.certificate)
    expect(parsed.ca).toBe(true)
    expect([parsed.validFrom, parsed.validTo]).toEqual(['Dec 31 23:59:59 2049 GMT', 'Jan  1 00:00:00 2199 GMT'])
    expect(parsed.verify(parsed.publicKey)).toBe(true)
  })
})

describe('DER', () => {
  const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex')

  it('encodes integers without superfluous and with necessary zeros', () => {
    expect(hex(integer(Uint8Array.of(0, 0, 1)))).toBe('020101')
    expect(hex(integer(Uint8Array.of(0x80)))).toBe('02020080')
    expect(hex(integer(Uint8Array.of(0)))).toBe('020100')
  })

  it('encodes object identifiers with parts of several bytes', () => {
    expect(hex(objectId('1.2.840.10045.4.3.2'))).toBe('06082a8648ce3d040302')
  })

  it('writes times as UTCTime until 2049 and as GeneralizedTime afterwards', () => {
    expect(Buffer.from(time(new Date('2049-12-31T23:59:59Z'))).toString('latin1')).toBe('\x17\x0d491231235959Z')
    expect(Buffer.from(time(new Date('2050-01-01T00:00:00Z'))).toString('latin1')).toBe('\x18\x0f20500101000000Z')
  })

  it('fills in the zeros of IPv6 addresses', () => {
    expect(hex(addressBytes('::1'))).toBe('00000000000000000000000000000001')
    expect(hex(addressBytes('::ffff:1.2.3.4'))).toBe('00000000000000000000ffff01020304')
    expect(hex(addressBytes('2001:db8::'))).toBe('20010db8000000000000000000000000')
    expect(() => addressBytes('1.2.3')).toThrow('"1.2.3" is not an IP address')
  })
})
