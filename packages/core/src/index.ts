export { Call, type Scope } from './call.ts'
export type { CallOptions } from './call-options.ts'
export {
  type Cancel,
  type Cancellation,
  type Clock,
  cancellationOf,
  type Random,
  sleep,
  systemClock,
  systemRandom,
} from './clock.ts'
export type { Check } from './conformance/check.ts'
export {
  type Connection,
  type ConnectionBase,
  type ConnectOptions,
  type ConnectSettings,
  connect,
  type Method,
  type Methods,
} from './connection.ts'
export {
  type AnyConnector,
  type Connector,
  defineConnector,
  type LimitSpec,
  type Manifest,
  type OpenEnv,
} from './connector.ts'
export type { Credential, CredentialEnv, CredentialScheme, CredentialSource, SignableRequest } from './credential.ts'
export { type Decision, type PolicyName, policyOrder } from './decision.ts'
export {
  type ErrorContext,
  type ErrorFacts,
  type ErrorKind,
  Fault,
  type FreeRetry,
  type Issue,
  isPatchbayError,
  PatchbayError,
  patchbayError,
  type RetryAdvice,
  type Sent,
} from './errors.ts'
export { type CallFacts, type EventMap, Events, type EventType } from './events.ts'
export type { Family } from './family.ts'
export type {
  CredentialMarks,
  HttpBody,
  HttpHeaders,
  HttpLimits,
  HttpRequest,
  HttpResponse,
  SocketRequest,
  TlsIdentity,
  Transport,
} from './http/transport.ts'
export { type Lazy, lazy } from './lazy.ts'
export type { Lease, LeaseRequest, SharedLimiter } from './limits/shared-limiter.ts'
export type { NetworkOptions } from './open-options.ts'
export {
  type AnyOperation,
  type CalledAs,
  type Operation,
  operation,
  type PagedOperation,
  pagedOperation,
} from './operation.ts'
export type { Approval, Effect, OperationSpec, Risk } from './operation-spec.ts'
export { type Page, type Pages, type PagesOptions, paginate } from './paginate.ts'
export type { AttemptTimeoutOptions } from './policies/attempt-timeout.ts'
export type { AuthorizationRequest, Authorizer } from './policies/authorizer.ts'
export type { BreakerGate, BreakerHandle, BreakerOptions, BreakerSnapshot, BreakerState } from './policies/breaker.ts'
export type { BulkheadOptions } from './policies/bulkhead.ts'
export type { CacheOptions, CacheRule } from './policies/cache-options.ts'
export type { DeadlineOptions } from './policies/deadline.ts'
export type { PolicyOptions, PolicySetting } from './policies/defaults.ts'
export type { HedgeOptions } from './policies/hedge-options.ts'
export type { IdempotencyOptions } from './policies/idempotency.ts'
export type { RetryOptions } from './policies/retry-options.ts'
export type { Share } from './policies/share.ts'
export type {
  LimitKind,
  SharedLimitOptions,
  ThrottleLimit,
  ThrottleOptions,
  ThrottleState,
} from './policies/throttle.ts'
export { Answer, type Gate, type Outcome } from './policy.ts'
export type { RateFeedback } from './rate-feedback.ts'
export { defaultRuntime, Runtime } from './runtime.ts'
export {
  type InputOf,
  type JsonSchema,
  jsonSchemaOf,
  type OutputOf,
  type Schema,
  schema,
  unchecked,
  validate,
} from './schema.ts'
export { type MaybeSecret, Secret, secret } from './secret.ts'
export {
  compareVersions,
  type LogRecord,
  type Store,
  type StoredEntry,
  type Version,
  type Write,
  type WriteGroup,
  type WriteResult,
} from './store.ts'
export type { StreamOrder, StreamPage, StreamSpec } from './stream.ts'
export type { PolledTrigger, Trigger, WebhookTrigger } from './trigger.ts'
export type { Field, SignedPart, TimestampRule, WebhookScheme } from './webhook/scheme.ts'
