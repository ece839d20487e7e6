import type { Decision } from './decision.ts'

/** What went wrong, as a closed set: a `switch` over it can be exhaustive. */
export type ErrorKind =
  | 'config'
  | 'invalid-input'
  | 'unsupported'
  | 'driver-missing'
  | 'credential'
  | 'permission'
  | 'not-found'
  | 'conflict'
  | 'rate-limited'
  | 'timeout'
  | 'network'
  | 'unavailable'
  | 'protocol'
  | 'cancelled'
  | 'unexpected'

/**
 * Whether the same call may succeed later. `exhausted` means: it may, but Patchbay has already spent the attempts allowed,
 * so an outer queue should wait and not multiply them.
 */
export type RetryAdvice = 'never' | 'later' | 'exhausted'

/** How much of the request had left this process when the failure was noticed. `none` is safe to send again whatever the effect. */
export type Sent = 'none' | 'maybe' | 'all'

/** A failure whose cause was removed at once; it entitles a call to one further attempt outside the retry count, once per reason. */
export type FreeRetry = 'stale-socket' | 'credential-refreshed' | 'clock-skew'

/** One thing wrong with a value: where it is and what to do. */
export interface Issue {
  readonly path: string
  readonly message: string
}

/** What a connector knows about an error. Facts are data; only core turns them into a {@link PatchbayError}. */
export interface ErrorFacts {
  readonly kind: ErrorKind
  /** One sentence for people, without secrets: what is wrong and the next step. */
  readonly message?: string | undefined
  /** Default: derived from the kind (`network`, `timeout`, `unavailable`, `rate-limited` may succeed later, the others never). */
  readonly retry?: 'never' | 'later' | undefined
  /** Milliseconds that the other side asked us to wait. */
  readonly retryAfterMs?: number | undefined
  /** HTTP status, when there was one. Never invented. */
  readonly status?: number | undefined
  /** The vendor's own id of the request, for their support. */
  readonly requestId?: string | undefined
  /** Stable machine-readable detail: `breaker-open`, `ECONNRESET`, the vendor's error code. */
  readonly code?: string | undefined
  readonly sent?: Sent | undefined
  readonly issues?: readonly Issue[] | undefined
  readonly freeRetry?: FreeRetry | undefined
  readonly cause?: unknown
}

/** Thrown inside core and by connectors to state facts. Users never see it: the call path wraps it once into a PatchbayError. */
export class Fault extends Error {
  override readonly name = 'Fault'
  readonly facts: ErrorFacts

  constructor(facts: ErrorFacts) {
    super(facts.message ?? facts.kind, facts.cause === undefined ? undefined : { cause: facts.cause })
    this.facts = facts
  }
}

/** Where an error happened. */
export interface ErrorContext {
  readonly connector?: string | undefined
  readonly operation?: string | undefined
  readonly attempts?: number | undefined
  readonly decisions?: readonly Decision[] | undefined
}

const brand = Symbol.for('patchbay.error')

const transient: ReadonlySet<ErrorKind> = new Set(['network', 'timeout', 'unavailable', 'rate-limited'])

/** Fields that `JSON.stringify` shows. */
const shown = [
  ...(['name', 'message', 'kind', 'retry', 'retryAfterMs', 'status', 'requestId', 'code', 'sent'] as const),
  ...(['connector', 'operation', 'attempts', 'issues', 'decisions'] as const),
]

/** The one error class of Patchbay. Recognise it with {@link isPatchbayError}, which also works across copies of this package. */
export class PatchbayError extends Error {
  override readonly name = 'PatchbayError'
  readonly kind: ErrorKind
  /** Changed only by core, to `exhausted`, after the last attempt. */
  retry: RetryAdvice
  readonly retryAfterMs: number | undefined
  readonly status: number | undefined
  readonly requestId: string | undefined
  readonly code: string | undefined
  /** Raised only by core, to what an earlier attempt sent. */
  sent: Sent | undefined
  /** Set when the cause was removed and one further attempt outside the count is worth it. */
  readonly freeRetry: FreeRetry | undefined
  readonly issues: readonly Issue[]
  /** The sentence about what is wrong and the next step, without context and issues. */
  readonly detail: string | undefined
  readonly connector: string | undefined
  readonly operation: string | undefined
  readonly attempts: number
  /** What the policies decided about this call, with their reasons and numbers, oldest first. */
  decisions: readonly Decision[]

  /** @internal Use the call path; connectors state {@link ErrorFacts} instead. */
  constructor(facts: ErrorFacts, context: ErrorContext = {}, retry: RetryAdvice = adviceOf(facts)) {
    super(describe(facts, context), facts.cause === undefined ? undefined : { cause: facts.cause })
    this.kind = facts.kind
    this.retry = retry
    this.retryAfterMs = facts.retryAfterMs
    this.status = facts.status
    this.requestId = facts.requestId
    this.code = facts.code
    this.sent = facts.sent
    this.freeRetry = facts.freeRetry
    this.issues = facts.issues ?? []
    this.detail = facts.message
    this.connector = context.connector
    this.operation = context.operation
    this.attempts = context.attempts ?? 0
    this.decisions = context.decisions ?? []
    Object.defineProperty(this, brand, { value: true })
  }

  /** Everything but the stack and the cause, which may hold a foreign library's view of the request. */
  toJSON(): Record<string, unknown> {
    return Object.fromEntries(shown.map((field) => [field, this[field]]))
  }
}

/** True for a PatchbayError of any copy or version of this package. */
export function isPatchbayError(value: unknown): value is PatchbayError {
  return typeof value === 'object' && value !== null && (value as Record<symbol, unknown>)[brand] === true
}

export function adviceOf(facts: ErrorFacts): 'never' | 'later' {
  return facts.retry ?? (transient.has(facts.kind) ? 'later' : 'never')
}

/** For failures outside a call: configuration, arguments, stores. */
export function patchbayError(facts: ErrorFacts, context?: ErrorContext): PatchbayError {
  return new PatchbayError(facts, context)
}

function describe(facts: ErrorFacts, context: ErrorContext): string {
  const where = [context.connector, context.operation].filter(Boolean).join(' ')
  const numbers = [
    facts.status,
    facts.code,
    facts.requestId === undefined ? undefined : `request ${facts.requestId}`,
  ].filter((part) => part !== undefined)
  const detail = numbers.length === 0 ? '' : ` (${numbers.join(', ')})`
  const attempts = context.attempts ?? 0
  const after = attempts === 0 ? '' : ` after ${attempts} ${attempts === 1 ? 'attempt' : 'attempts'}`
  const issues = (facts.issues ?? []).map((issue) => `${issue.path || '(root)'}: ${issue.message}`).join('; ')
  const text = [facts.message, issues].filter(Boolean).join(': ')
  return `${where === '' ? '' : `${where}: `}${facts.kind}${detail}${after}${text === '' ? '' : `: ${text}`}`
}
