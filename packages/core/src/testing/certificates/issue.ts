import { createHash, createPrivateKey, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { isIP } from 'node:net'
import { systemRandom } from '../../clock.ts'
import {
  addressBytes,
  bits,
  boolean,
  type Der,
  explicit,
  implicit,
  integer,
  objectId,
  octets,
  sequence,
  set,
  time,
  utf8,
} from './der.ts'

/** A certificate and its private key, both PEM. For tests: the key is kept nowhere else and protects nothing. */
export interface IssuedCertificate {
  readonly certificate: string
  /** PKCS #8. */
  readonly key: string
  /** Subject's common name. */
  readonly name: string
}

/** What to put into a certificate. */
export interface CertificateOptions {
  readonly name: string
  readonly role: 'authority' | 'server' | 'client'
  /** DNS names and IP addresses of a server. */
  readonly hosts?: readonly string[]
  readonly notBefore: Date
  readonly notAfter: Date
  /** Who signs. Default: the certificate itself (self-signed). */
  readonly issuer?: IssuedCertificate
}

const ids = {
  commonName: '2.5.4.3',
  ecdsaWithSha256: '1.2.840.10045.4.3.2',
  subjectKey: '2.5.29.14',
  keyUsage: '2.5.29.15',
  alternativeName: '2.5.29.17',
  basicConstraints: '2.5.29.19',
  authorityKey: '2.5.29.35',
  extendedKeyUsage: '2.5.29.37',
  server: '1.3.6.1.5.5.7.3.1',
  client: '1.3.6.1.5.5.7.3.2',
} as const

/**
 * Makes and signs one X.509 v3 certificate (RFC 5280) on a fresh P-256 key, without native tools.
 * `notBefore` may lie after now and `notAfter` before it: that is the point of test certificates.
 */
export function issueCertificate(options: CertificateOptions): IssuedCertificate {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const issuerKey = options.issuer === undefined ? privateKey : createPrivateKey(options.issuer.key)
  const algorithm = sequence(objectId(ids.ecdsaWithSha256))
  const body = sequence(
    explicit(0, integer(Uint8Array.of(2))),
    integer(serialNumber()),
    algorithm,
    distinguishedName(options.issuer?.name ?? options.name),
    sequence(time(options.notBefore), time(options.notAfter)),
    distinguishedName(options.name),
    publicKey.export({ type: 'spki', format: 'der' }),
    explicit(3, sequence(...extensionsOf(options, keyId(publicKey), keyId(issuerKey)))),
  )
  const certificate = sequence(body, algorithm, bits(sign('sha256', body, issuerKey)))
  return {
    certificate: pem('CERTIFICATE', certificate),
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    name: options.name,
  }
}

function extensionsOf(options: CertificateOptions, own: Uint8Array, issuer: Uint8Array): Der[] {
  const authority = options.role === 'authority'
  const list = [
    extension(ids.basicConstraints, sequence(...(authority ? [boolean(true)] : [])), true),
    // keyCertSign and cRLSign, or digitalSignature.
    extension(ids.keyUsage, authority ? bits(Uint8Array.of(0x06), 1) : bits(Uint8Array.of(0x80), 7), true),
    extension(ids.subjectKey, octets(own)),
    extension(ids.authorityKey, sequence(implicit(0, issuer))),
  ]
  if (options.role !== 'authority')
    list.push(extension(ids.extendedKeyUsage, sequence(objectId(ids[options.role === 'server' ? 'server' : 'client']))))
  if (options.hosts !== undefined && options.hosts.length > 0)
    list.push(extension(ids.alternativeName, sequence(...options.hosts.map(generalName))))
  return list
}

function extension(id: string, value: Der, critical = false): Der {
  return sequence(objectId(id), ...(critical ? [boolean(true)] : []), octets(value))
}

function generalName(host: string): Der {
  return isIP(host) === 0 ? implicit(2, Buffer.from(host, 'ascii')) : implicit(7, addressBytes(host))
}

function distinguishedName(name: string): Der {
  return sequence(set(sequence(objectId(ids.commonName), utf8(name))))
}

/** SHA-1 of the public point: RFC 5280 section 4.2.1.2, method 1. An identifier, not a protection. */
function keyId(key: KeyObject): Uint8Array {
  const { x = '', y = '' } = key.export({ format: 'jwk' })
  const point = Buffer.concat([Uint8Array.of(4), Buffer.from(x, 'base64url'), Buffer.from(y, 'base64url')])
  return createHash('sha1').update(point).digest()
}

/** 16 random bytes, positive and not zero. */
function serialNumber(): Uint8Array {
  const bytes = systemRandom.bytes(16)
  bytes[0] = 0x40 | ((bytes[0] ?? 0) & 0x3f)
  return bytes
}

function pem(label: string, der: Der): string {
  const lines =
    Buffer.from(der)
      .toString('base64')
      .match(/.{1,64}/g) ?? []
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`
}
