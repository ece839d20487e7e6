import type { Call } from './call.ts'
import type { AnyConnector } from './connector.ts'
import { adviceOf, type ErrorFacts, Fault, isPatchbayError, PatchbayError, type RetryAdvice } from './errors.ts'

/**
 * Turns whatever an attempt threw into one PatchbayError with the call's context: once, here and nowhere else. The connector's own
 * facts win over what core can tell from the error itself.
 */
export function classify(connector: AnyConnector, call: Call, thrown: unknown): PatchbayError {
  // One with a connector came through a call of its own; one without comes from a face or a store and gets this call's context.
  if (isPatchbayError(thrown) && thrown.connector !== undefined) return thrown
  const facts =
    thrown instanceof Fault
      ? thrown.facts
      : isPatchbayError(thrown)
        ? factsAgain(thrown)
        : (connector.classify?.(thrown) ?? factsOf(call, thrown))
  const sent = facts.sent ?? (call.attempt === 0 ? 'none' : call.sent)
  const context = {
    connector: call.scope.connector,
    operation: call.spec.name,
    attempts: (call.parent ?? call).attempt,
    decisions: (call.parent ?? call).decisions,
  }
  return new PatchbayError({ ...facts, sent }, context, adviceFor(call, facts, sent))
}

function factsAgain(error: PatchbayError): ErrorFacts {
  return { ...error, retry: error.retry === 'exhausted' ? 'later' : error.retry, message: error.detail, cause: error }
}

/**
 * Whether sending the same request again is safe and may help: transient, and either nothing left this process, or the operation may
 * be repeated, or the vendor refused to look at it (429).
 */
function adviceFor(call: Call, facts: ErrorFacts, sent: PatchbayError['sent']): RetryAdvice {
  if (adviceOf(facts) === 'never') return 'never'
  return sent === 'none' || call.repeatable || facts.kind === 'rate-limited' ? 'later' : 'never'
}

/** True for errors that pass to the caller as they are: a bug in the caller's or the connector's code, and the caller's own abort reason. */
export function passesThrough(call: Call, thrown: unknown): boolean {
  if (thrown === undefined || thrown === null) return false
  const { signal } = call.options
  if (signal?.aborted === true && thrown === signal.reason) return true
  return thrown instanceof TypeError || thrown instanceof RangeError || thrown instanceof ReferenceError
}

function factsOf(call: Call, thrown: unknown): ErrorFacts {
  if (call.options.signal?.aborted === true && thrown === call.options.signal.reason)
    return { kind: 'cancelled', cause: thrown }
  const code = codeOf(thrown)
  if (code !== undefined && beforeConnect.has(code))
    return { kind: 'network', code, sent: 'none', message: networkAdvice(code), cause: thrown }
  if (code !== undefined && afterConnect.has(code))
    return { kind: 'network', code, message: networkAdvice(code), cause: thrown }
  // The engine's message quotes the text it could not read, which may hold a secret.
  if (thrown instanceof SyntaxError) return { kind: 'protocol', message: 'the answer could not be parsed' }
  return {
    kind: 'unexpected',
    code,
    message: thrown instanceof Error ? thrown.message : 'something that is not an Error was thrown',
    cause: thrown,
  }
}

function codeOf(thrown: unknown): string | undefined {
  const code = (thrown as { code?: unknown } | null | undefined)?.code
  return typeof code === 'string' ? code : undefined
}

const beforeConnect = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EMFILE',
  'ENFILE',
  'EADDRNOTAVAIL',
])
const afterConnect = new Set(['ECONNRESET', 'EPIPE', 'ECONNABORTED', 'ETIMEDOUT'])

function networkAdvice(code: string): string {
  if (code === 'ECONNREFUSED') return 'nothing listens at the address: check host and port'
  if (code === 'ENOTFOUND') return 'the name does not resolve: check the host'
  if (code === 'EMFILE' || code === 'ENFILE')
    return 'this process has too many open files: raise its limit or lower the concurrency'
  return 'the connection failed'
}
