// @patchbay/api/simulator: vendors that do not exist, made of manifests, for tests without an account.
export type { CredentialValues } from './auth/credential-values.ts'
export { type IntegrationCheckOptions, integrationChecks } from './checks/integration-checks.ts'
export type { IntegrationCheck, IntegrationSubject } from './checks/subject.ts'
export {
  type IntegrationReport,
  type IntegrationResult,
  type TestOptions,
  testIntegration,
} from './checks/test-integration.ts'
export {
  type FaultContext,
  type FaultExpectation,
  type FaultRun,
  type SimulatedFault,
  simulatedFaults,
} from './faults/index.ts'
export type { Listening } from './listen.ts'
export { type SimulateOptions, type Simulator, simulate } from './simulator.ts'
export type { VendorAnswer } from './vendor/answer.ts'
export type { LedgerEntry } from './vendor/ledger.ts'
export type { VendorRequest } from './vendor/request.ts'
export type { Exchange, Interference } from './vendor/vendor.ts'
export type { Delivery, DeliveryOptions } from './webhooks/deliveries.ts'
export type { WebhookKeys } from './webhooks/sign-message.ts'
