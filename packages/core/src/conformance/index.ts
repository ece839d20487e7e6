export type { Check } from './check.ts'
export {
  type ConnectorCheck,
  type ConnectorSubject,
  connectorChecks,
  type FailureSample,
  type OperationSample,
} from './connector-checks.ts'
export { type CheckResult, type RunChecksOptions, runChecks } from './run-checks.ts'
export { type StoreCheck, type StoreSubject, storeChecks } from './store-checks.ts'
