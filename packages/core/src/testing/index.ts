export { type CertificateOptions, type IssuedCertificate, issueCertificate } from './certificates/issue.ts'
export {
  type MakeCertificatesOptions,
  makeCertificates,
  type TestCertificates,
} from './certificates/make-certificates.ts'
export { type FakeClock, fakeClock, type RunUntilOptions } from './time/fake-clock.ts'
export { type SeededRandom, seededRandom } from './time/seeded-random.ts'
export { explore, type SeededScheduler, seededScheduler } from './time/seeded-scheduler.ts'
