import type { Scope } from '../call.ts'
import type { Manifest } from '../connector.ts'
import type { PolicyName } from '../decision.ts'
import type { Gate } from '../policy.ts'
import { type AttemptTimeoutOptions, attemptTimeoutPolicy } from './attempt-timeout.ts'
import { authorizePolicy } from './authorize.ts'
import type { Authorizer } from './authorizer.ts'
import { type BreakerGate, type BreakerOptions, breakerPolicy } from './breaker.ts'
import { type BulkheadOptions, bulkheadPolicy } from './bulkhead.ts'
import { cachePolicy } from './cache.ts'
import type { CacheOptions } from './cache-options.ts'
import { refuseOption } from './check-options.ts'
import { type DeadlineOptions, deadlinePolicy } from './deadline.ts'
import { type IdempotencyOptions, idempotencyPolicy } from './idempotency.ts'
import { observePolicy } from './observe.ts'
import { RetryPolicy } from './retry.ts'
import type { RetryOptions } from './retry-options.ts'
import type { ThrottleOptions } from './throttle.ts'
import { throttleGates } from './throttle-scoped.ts'

/**
 * Settings per policy; `false` leaves a policy out. What is not named has its default: cache is off, throttle and bulkhead take the
 * manifest's published limits, all others are on.
 */
export interface PolicyOptions {
  readonly authorize?: Authorizer
  readonly deadline?: DeadlineOptions | false
  readonly idempotency?: IdempotencyOptions | false
  readonly cache?: CacheOptions | false
  readonly bulkhead?: BulkheadOptions | false
  readonly retry?: RetryOptions | false
  readonly breaker?: BreakerOptions | false
  readonly throttle?: ThrottleOptions | false
  readonly attemptTimeout?: AttemptTimeoutOptions | false
}

/** The policies of one connection, in their fixed order. */
export interface Policies {
  readonly outer: readonly Gate[]
  readonly retry: RetryPolicy | undefined
  readonly inner: readonly Gate[]
  readonly breaker: BreakerGate | undefined
}

export function composePolicies(options: PolicyOptions, manifest: Manifest, scope: Scope): Policies {
  const { authorize, deadline, idempotency, cache, bulkhead, retry, breaker, throttle, attemptTimeout, ...unknown } =
    options
  for (const name of Object.keys(unknown)) refuseOption(`policies.${name}`, 'is no policy')
  const outer: Gate[] = [observePolicy(), authorizePolicy(authorize)]
  if (deadline !== false) outer.push(deadlinePolicy(deadline))
  if (idempotency !== false) outer.push(idempotencyPolicy(idempotency ?? {}, scope))
  if (cache !== undefined && cache !== false) outer.push(cachePolicy(cache, scope))
  if (bulkhead !== false) outer.push(bulkheadPolicy({ ...limitOf(manifest), ...bulkhead }, scope))
  const inner: Gate[] = []
  const breakerGate = breaker === false ? undefined : breakerPolicy(breaker ?? {}, scope)
  if (breakerGate !== undefined) inner.push(breakerGate)
  if (throttle !== false) inner.push(...throttleGates({ ...limitsOf(manifest), ...throttle }, scope))
  if (attemptTimeout !== false) inner.push(attemptTimeoutPolicy({ ...attemptOf(manifest), ...attemptTimeout }))
  return {
    outer,
    retry: retry === false ? undefined : new RetryPolicy(retry ?? {}, scope),
    inner,
    breaker: breakerGate,
  }
}

function limitOf(manifest: Manifest): BulkheadOptions {
  return manifest.concurrency === undefined ? {} : { maxInFlight: manifest.concurrency }
}

function attemptOf({ attemptMs }: Manifest): AttemptTimeoutOptions {
  return attemptMs === undefined ? {} : { timeoutMs: attemptMs }
}

function limitsOf(manifest: Manifest): ThrottleOptions {
  return manifest.limits === undefined ? {} : { limits: manifest.limits }
}

/** One line of `connection.$policies`. */
export interface PolicySetting {
  readonly name: PolicyName
  readonly settings: Readonly<Record<string, unknown>>
}

export function describePolicies({ outer, retry, inner }: Policies): readonly PolicySetting[] {
  const between = retry === undefined ? [] : [{ name: 'retry', settings: retry.settings } as const]
  return [...outer, ...between, ...inner].map(({ name, settings }) => ({ name, settings }))
}
