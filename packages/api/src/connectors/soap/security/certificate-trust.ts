import { X509Certificate } from 'node:crypto'

/** Whom to believe: exactly these certificates, or those that these authorities have issued. */
export interface CertificateTrust {
  readonly certificates: readonly X509Certificate[]
  readonly authorities: readonly X509Certificate[]
}

/** Why a certificate is not trusted at a time; undefined when it is. `now` in wall-clock milliseconds. */
export function distrust(certificate: X509Certificate, trust: CertificateTrust, now: number): string | undefined {
  if (!isCurrent(certificate, now)) return 'its certificate is not valid at this time'
  if (trust.certificates.some((pinned) => pinned.raw.equals(certificate.raw))) return undefined
  if (certificate.ca && trust.authorities.length > 0) return 'its certificate is an authority and may not sign messages'
  // Every authority in the list is trusted by itself, so that one step suffices: intermediates are listed too.
  const issuer = trust.authorities.find(
    (authority) => certificate.checkIssued(authority) && verifies(certificate, authority),
  )
  if (issuer !== undefined)
    return issuer.ca && isCurrent(issuer, now)
      ? undefined
      : 'the authority of its certificate is not valid at this time'
  return 'its certificate is neither pinned nor issued by an authority that is trusted'
}

function verifies(certificate: X509Certificate, authority: X509Certificate): boolean {
  try {
    return certificate.verify(authority.publicKey)
  } catch {
    return false
  }
}

function isCurrent({ validFrom, validTo }: X509Certificate, now: number): boolean {
  return Date.parse(validFrom) <= now && now <= Date.parse(validTo)
}

/** The certificate of a PEM or DER; undefined when it is none. */
export function readCertificate(source: string | Uint8Array): X509Certificate | undefined {
  try {
    return new X509Certificate(source)
  } catch {
    return undefined
  }
}
