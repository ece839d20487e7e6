import { Fault, type PatchbayError, patchbayError } from '@patchbay/core'

/**
 * What a face rejects with: a PatchbayError in place of core's internal facts, so that the same fault of the wire is the same typed error
 * through every face. Inside a connector's operation the call path adds connector, operation and attempts. Anything else passes.
 */
export function faceError(thrown: unknown): unknown {
  return thrown instanceof Fault ? patchbayError(thrown.facts) : thrown
}

/** Adds what users of a library expect on its errors, without showing it to loggers, which would print a request's headers. */
export function withHidden(error: PatchbayError, properties: Readonly<Record<string, unknown>>): PatchbayError {
  for (const [name, value] of Object.entries(properties)) {
    Object.defineProperty(error, name, { value, enumerable: false, configurable: true, writable: true })
  }
  return error
}
