export { type CertificateOptions, type IssuedCertificate, issueCertificate } from './certificates/issue.ts'
export {
  type MakeCertificatesOptions,
  makeCertificates,
  type TestCertificates,
} from './certificates/make-certificates.ts'
