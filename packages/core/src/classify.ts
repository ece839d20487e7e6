import type { Call } from './call.ts'
import type { AnyConnector } from './connector.ts'
import { adviceOf, type ErrorFacts, Fault, isPatchbayError, PatchbayError, type RetryAdvice } from './errors.ts'

/**
 * Turns whatever an attempt threw into one PatchbayError with the call's context: once, here and nowhere else. The connector's own
 * facts win over what core can tell from the error itself.
 */
export function classify(connector: AnyConnector, call: Call, thrown: unknown): PatchbayError {
  // One with a connector came through a call of its own; one without comes from a face or a store and gets this call's context.
  const facts = factsFrom(connector, call, thrown)
  if (facts instanceof Error) return facts
  const sent = facts.sent ?? (call.attempt === 0 ? 'none' : call.sent)
  const context = {
    connector: call.scope.connector,
    operation: call.spec.name,
    attempts: (call.parent ?? call).attempt,
    decisions: (call.parent ?? call).decisions,
  }
  return new PatchbayError({ ...facts, sent }, context, adviceFor(call, facts, sent))
}

/** An error that has its context already stays as it is. Whatever was thrown, this does not throw: nobody would end the call. */
function factsFrom(connector: AnyConnector, call: Call, thrown: unknown): ErrorFacts | PatchbayError {
  try {
    if (thrown instanceof Fault) return thrown.facts
    if (isPatchbayError(thrown)) return thrown.connector === undefined ? factsAgain(thrown) : thrown
    return connector.classify?.(thrown) ?? factsOf(call, thrown)
  } catch {
    return {
      kind: 'unexpected',
      message: "the error could not be read, or the connector's classify failed",
      cause: thrown,
    }
  }
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
  const { signal } = call.options
  if (signal?.aborted === true && thrown === signal.reason) return true
  try {
    return thrown instanceof TypeError || thrown instanceof RangeError || thrown instanceof ReferenceError
  } catch {
    // A proxy that throws when asked.
    return false
  }
}

function factsOf(call: Call, thrown: unknown): ErrorFacts {
  if (call.options.signal?.aborted === true && thrown === call.options.signal.reason)
    return { kind: 'cancelled', cause: thrown }
  const code = codeOf(thrown)
  const advice = code !== undefined && Object.hasOwn(networkAdvice, code) ? networkAdvice[code] : undefined
  if (advice !== undefined) {
    const sent = afterConnect.includes(code as string) ? undefined : 'none'
    return { kind: 'network', code, sent, message: advice, cause: thrown }
  }
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

const failed = 'the connection failed'
const tooManyFiles = 'this process has too many open files: raise its limit or lower the concurrency'
/** By the code of Node's error. All but {@link afterConnect} happen before anything was sent. */
const networkAdvice: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens at the address: check host and port',
  ENOTFOUND: 'the name does not resolve: check the host',
  EAI_AGAIN: failed,
  EHOSTUNREACH: failed,
  ENETUNREACH: failed,
  EMFILE: tooManyFiles,
  ENFILE: tooManyFiles,
  EADDRNOTAVAIL: failed,
  ECONNRESET: failed,
  EPIPE: failed,
  ECONNABORTED: failed,
  ETIMEDOUT: failed,
}
const afterConnect = ['ECONNRESET', 'EPIPE', 'ECONNABORTED', 'ETIMEDOUT']
