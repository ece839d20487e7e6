import type { TlsOptions } from 'node:tls'
import type { IssuedCertificate } from '../../certificates/issue.ts'
import type { TestCertificates } from '../../certificates/make-certificates.ts'
import type { Listening } from '../fault-case.ts'

/** How each TLS listener of the fault server is set up. */
export function tlsOptionsOf(listening: Listening, certificates: TestCertificates): TlsOptions {
  switch (listening) {
    case 'tls-expired':
      return identity(certificates.expired)
    case 'tls-not-yet-valid':
      return identity(certificates.notYetValid)
    case 'tls-wrong-host':
      return identity(certificates.wrongHost)
    case 'tls-unknown-authority':
      return identity(certificates.unknownAuthority)
    case 'tls-old-protocol':
      // Security level 0: OpenSSL 3 refuses TLS 1.1 on its own side otherwise.
      return {
        ...identity(certificates.server),
        minVersion: 'TLSv1',
        maxVersion: 'TLSv1.1',
        ciphers: 'DEFAULT:@SECLEVEL=0',
      }
    case 'tls-client-certificate':
      return {
        ...identity(certificates.server),
        requestCert: true,
        rejectUnauthorized: true,
        ca: certificates.authority.certificate,
      }
    default:
      return identity(certificates.server)
  }
}

function identity({ certificate, key }: IssuedCertificate): TlsOptions {
  return { cert: certificate, key, ALPNProtocols: ['http/1.1'] }
}
