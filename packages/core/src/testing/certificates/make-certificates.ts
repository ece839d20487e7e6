import { type Clock, systemClock } from '../../clock.ts'
import { type IssuedCertificate, issueCertificate } from './issue.ts'

/** A throw-away public key infrastructure: one certificate for each way in which TLS goes right or wrong. */
export interface TestCertificates {
  /** Trust `authority.certificate` to accept `server` and `client`. */
  readonly authority: IssuedCertificate
  /** An authority that nobody trusts. */
  readonly otherAuthority: IssuedCertificate
  /** Good for the hosts asked for. */
  readonly server: IssuedCertificate
  /** Ended an hour ago. */
  readonly expired: IssuedCertificate
  /** Begins in a day. */
  readonly notYetValid: IssuedCertificate
  /** Good, but for `elsewhere.test`. */
  readonly wrongHost: IssuedCertificate
  /** For the right hosts, signed by `otherAuthority`. */
  readonly unknownAuthority: IssuedCertificate
  readonly selfSigned: IssuedCertificate
  readonly client: IssuedCertificate
  /** Signed by `otherAuthority`. */
  readonly foreignClient: IssuedCertificate
  readonly expiredClient: IssuedCertificate
}

export interface MakeCertificatesOptions {
  /** Names and addresses of the server. Default `localhost`, `127.0.0.1`, `::1`. */
  readonly hosts?: readonly string[]
  /** Where "now" comes from. TLS itself always checks against the machine's clock. */
  readonly clock?: Pick<Clock, 'now'>
}

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour

/** Makes all of {@link TestCertificates}, in memory and without native tools: P-256 keys, valid for a week. */
export function makeCertificates(options: MakeCertificatesOptions = {}): TestCertificates {
  const now = (options.clock ?? systemClock).now()
  const hosts = options.hosts ?? ['localhost', '127.0.0.1', '::1']
  const valid = { notBefore: new Date(now - hour), notAfter: new Date(now + 7 * day) }
  const past = { notBefore: new Date(now - 2 * day), notAfter: new Date(now - hour) }
  const future = { notBefore: new Date(now + day), notAfter: new Date(now + 7 * day) }
  // Authorities outlast everything that they sign, so that an expired leaf fails for its own dates.
  const long = { notBefore: new Date(now - 30 * day), notAfter: new Date(now + 30 * day) }
  const authority = issueCertificate({ name: 'Patchbay Test Authority', role: 'authority', ...long })
  const otherAuthority = issueCertificate({ name: 'Patchbay Other Authority', role: 'authority', ...long })
  const name = hosts[0] ?? 'localhost'
  const server = { name, role: 'server', hosts, issuer: authority } as const
  const client = { name: 'Patchbay Test Client', role: 'client', issuer: authority } as const
  return {
    authority,
    otherAuthority,
    server: issueCertificate({ ...server, ...valid }),
    expired: issueCertificate({ ...server, ...past }),
    notYetValid: issueCertificate({ ...server, ...future }),
    wrongHost: issueCertificate({ ...server, ...valid, name: 'elsewhere.test', hosts: ['elsewhere.test'] }),
    unknownAuthority: issueCertificate({ ...server, ...valid, issuer: otherAuthority }),
    selfSigned: issueCertificate({ name, role: 'server', hosts, ...valid }),
    client: issueCertificate({ ...client, ...valid }),
    foreignClient: issueCertificate({ ...client, ...valid, issuer: otherAuthority }),
    expiredClient: issueCertificate({ ...client, ...past }),
  }
}
