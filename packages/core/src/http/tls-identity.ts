import { createSecureContext, type SecureContext } from 'node:tls'
import { Fault } from '../errors.ts'
import type { TlsIdentity } from './transport.ts'

/** What a TLS connection is opened with. */
export interface TlsSettings {
  readonly secureContext: SecureContext
  /** Whether a client certificate is at hand when a server asks for one. */
  readonly hasCertificate: boolean
}

/**
 * Builds the settings of an identity; `withCertificate: false` leaves this side anonymous and keeps the authorities, for origins that
 * must not see the credential.
 * @throws Fault `config` when the PEM texts or the passphrase do not fit. The message holds no part of them.
 */
export function tlsSettings(identity: TlsIdentity | undefined, withCertificate: boolean): TlsSettings {
  const { certificate, key, passphrase, ca } = identity ?? {}
  if (certificate !== undefined && key === undefined) throw invalid('tls.key is missing: a certificate needs its key')
  if (key !== undefined && certificate === undefined)
    throw invalid('tls.certificate is missing: a key needs its certificate')
  const hasCertificate = withCertificate && certificate !== undefined
  try {
    const secureContext = createSecureContext({
      minVersion: 'TLSv1.2',
      ...(hasCertificate ? { cert: certificate, key, passphrase } : {}),
      ...(ca === undefined ? {} : { ca: typeof ca === 'string' ? ca : [...ca] }),
    })
    return { secureContext, hasCertificate }
  } catch (error) {
    throw invalid('tls: certificate, key, passphrase or ca is no valid PEM, or they do not belong together', error)
  }
}

function invalid(message: string, cause?: unknown): Fault {
  return new Fault({ kind: 'config', retry: 'never', sent: 'none', code: 'tls-identity', message, cause })
}
