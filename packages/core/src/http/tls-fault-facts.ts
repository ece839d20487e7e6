import type { ErrorFacts, Sent } from '../errors.ts'

/** How this side judges the server's certificate: OpenSSL's verification codes and Node's own check of the name. */
const serverCertificate: Readonly<Record<string, string>> = {
  CERT_HAS_EXPIRED: 'its certificate has expired; the server must renew it',
  CERT_NOT_YET_VALID: 'its certificate is not valid yet; check the clocks of both sides',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another host name; use a name that the certificate lists',
  HOSTNAME_MISMATCH: 'its certificate is for another host name; use a name that the certificate lists',
  DEPTH_ZERO_SELF_SIGNED_CERT:
    'its certificate is self-signed; pass it, or the authority that should sign it, in tls.ca',
  SELF_SIGNED_CERT_IN_CHAIN: 'its certificate comes from an unknown authority; pass that authority in tls.ca',
  UNABLE_TO_GET_ISSUER_CERT: 'its certificate comes from an unknown authority; pass that authority in tls.ca',
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: 'its certificate comes from an unknown authority; pass that authority in tls.ca',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    'its certificate chain is incomplete or from an unknown authority; let the server send the whole chain, or pass the authority in tls.ca',
  CERT_UNTRUSTED: 'its certificate is not trusted; pass its authority in tls.ca',
  CERT_REVOKED: 'its certificate was revoked; the server needs a new one',
  CERT_SIGNATURE_FAILURE: 'the signature of its certificate is wrong; the server needs a new one',
  CERT_CHAIN_TOO_LONG: 'its certificate chain is too long',
  INVALID_CA: 'its certificate was signed by something that is no authority',
  PATH_LENGTH_EXCEEDED: 'its certificate chain is longer than its authority allows',
  INVALID_PURPOSE: 'its certificate is not for servers',
  CERT_REJECTED: 'its certificate is rejected by its own authority',
}

/** Handshakes that found no common ground. */
const handshake: Readonly<Record<string, string>> = {
  ERR_SSL_UNSUPPORTED_PROTOCOL: 'it speaks only TLS versions older than 1.2; the server must be updated',
  ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION: 'it refuses TLS 1.2 and 1.3; the server must be updated',
  ERR_SSL_WRONG_VERSION_NUMBER: 'it does not speak TLS on this port; check the port, or use http://',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: 'it does not speak TLS on this port; check the port, or use http://',
  ERR_SSL_HTTP_REQUEST: 'it does not speak TLS on this port; check the port, or use http://',
  ERR_SSL_NO_PROTOCOLS_AVAILABLE: 'there is no TLS version that both sides allow',
  ERR_SSL_TLSV1_UNRECOGNIZED_NAME: 'it does not know this host name; check the name in the URL',
  ERR_SSL_TLSV1_ALERT_UNRECOGNIZED_NAME: 'it does not know this host name; check the name in the URL',
  ERR_SSL_TLSV1_ALERT_INSUFFICIENT_SECURITY: 'it asks for stronger ciphers than this side has',
}

/** Alerts by which a server refuses the certificate of this side, or its absence (RFC 8446 section 6.2). */
const clientCertificate: Readonly<Record<string, string>> = {
  CERTIFICATE_REQUIRED: 'it requires a client certificate; configure tls.certificate and tls.key',
  BAD_CERTIFICATE: 'it refuses the client certificate or its absence; check tls.certificate and tls.key',
  UNSUPPORTED_CERTIFICATE: 'it does not support the kind of the client certificate',
  CERTIFICATE_REVOKED: 'the client certificate was revoked; configure a new one in tls.certificate',
  CERTIFICATE_EXPIRED: 'the client certificate has expired; configure a new one in tls.certificate',
  CERTIFICATE_UNKNOWN: 'it does not accept the client certificate; check tls.certificate',
  UNKNOWN_CA: 'it does not know the authority of the client certificate; send the whole chain in tls.certificate',
  ACCESS_DENIED: 'it knows the client certificate and denies access to its owner',
}

/** Facts of an error that TLS raised, undefined for any other. `target` is `host:port`. */
export function tlsFacts(error: unknown, target: string): ErrorFacts | undefined {
  const code = (error as { code?: unknown } | null)?.code
  if (typeof code !== 'string') return undefined
  const facts = (kind: 'network' | 'credential', detail: string): ErrorFacts => ({
    kind,
    retry: 'never',
    // A handshake that fails leaves the request unread, even when TLS 1.3 let its bytes out before.
    sent: 'none',
    code,
    message: `TLS with ${target} failed: ${detail}`,
    cause: error,
  })
  const verdict = own(serverCertificate, code) ?? own(handshake, code)
  if (verdict !== undefined) return facts('network', verdict)
  const alert = /^ERR_SSL_.+?_ALERT_(.+)$/.exec(code)?.[1]
  const refused = alert === undefined ? undefined : own(clientCertificate, alert)
  if (refused !== undefined) return facts('credential', refused)
  if (alert === 'HANDSHAKE_FAILURE') {
    return facts(
      'network',
      'no common TLS parameters; a server of TLS 1.2 that requires a client certificate says so, too',
    )
  }
  if (code === 'EPROTO' || code.startsWith('ERR_SSL_') || code.startsWith('ERR_TLS_')) {
    return facts('network', alert === undefined ? 'the handshake broke' : `the server sent the alert ${words(alert)}`)
  }
  return undefined
}

/** The server asked for a certificate, got none, and hung up. */
export function certificateMissing(target: string, sent: Sent, code: string, cause: unknown): ErrorFacts {
  const message = `TLS with ${target} failed: ${clientCertificate.CERTIFICATE_REQUIRED}`
  return { kind: 'credential', retry: 'never', sent, code, message, cause }
}

function own(table: Readonly<Record<string, string>>, code: string): string | undefined {
  return Object.hasOwn(table, code) ? table[code] : undefined
}

function words(alert: string): string {
  return alert.toLowerCase().replaceAll('_', ' ')
}
