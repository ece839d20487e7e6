export { memoryLimiter } from '../limits/memory.ts'
export { type CertificateOptions, type IssuedCertificate, issueCertificate } from './certificates/issue.ts'
export {
  type MakeCertificatesOptions,
  makeCertificates,
  type TestCertificates,
} from './certificates/make-certificates.ts'
export { pagedRecords } from './faults/cases/provider.ts'
export { type DisturbedDelivery, type DisturbOptions, disturbDeliveries } from './faults/deliveries.ts'
export {
  type CaseClient,
  type ExpectedError,
  type FaultCase,
  type FaultGroup,
  type FaultTarget,
  faultGroups,
  type Listening,
  type WireExpectation,
} from './faults/fault-case.ts'
export { expectationOf, type FaultOutcome, type JudgeOptions, judge, outcomeOf } from './faults/judge.ts'
export { faultById, faults } from './faults/list.ts'
export type { Exchange } from './faults/server/exchange.ts'
export { type FaultServer, type FaultServerOptions, faultServer } from './faults/server/fault-server.ts'
export { type Dialect, dialectOf, goodAnswer, goodRecord, type Reply } from './faults/server/good-answer.ts'
export type { Ledger, LedgerMark, OpenSocket, ReceivedRequest } from './faults/server/ledger.ts'
export type { WireRequest } from './faults/server/request-reader.ts'
export { type LeakCheck, type LeakCheckOptions, leakCheck } from './leaks/leak-check.ts'
export { type DnsAnswer, type DnsQuery, type DnsScript, type FakeDns, fakeDns } from './network/fake-dns.ts'
export { type TcpProxy, type TcpProxyOptions, tcpProxy } from './network/tcp-proxy.ts'
export type { Direction, Toxic } from './network/toxic.ts'
export {
  type AuthorizationServer,
  type AuthorizationServerOptions,
  type AuthorizationTruth,
  startAuthorizationServer,
  type TokenFault,
} from './oauth/authorization-server.ts'
export {
  type Fixture,
  fixtureText,
  loadFixture,
  type RecordedBody,
  type RecordedExchange,
  type RecordedRequest,
  type RecordedResponse,
} from './replay/fixture.ts'
export { type Recorder, type RecorderOptions, recorder } from './replay/recorder.ts'
export type { RedactOptions } from './replay/redactor.ts'
export { type Replay, type ReplayOptions, replay } from './replay/replay.ts'
export { type FakeClock, fakeClock, type RunUntilOptions } from './time/fake-clock.ts'
export { type SeededRandom, seededRandom } from './time/seeded-random.ts'
export { explore, type SeededScheduler, seededScheduler } from './time/seeded-scheduler.ts'
export {
  type FakeAnswer,
  type FakeReply,
  type FakeScript,
  type FakeTransport,
  fakeTransport,
  type RoutedRequest,
} from './transports/fake-transport.ts'
export type { SentRequest } from './transports/sent-request.ts'
