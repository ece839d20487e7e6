import { type ErrorFacts, Fault, type PatchbayError, patchbayError } from '../errors.ts'

/** What is wrong with the body of a stream. No part of the body is repeated. */
export function brokenStream(code: string, message: string): PatchbayError {
  return patchbayError({ kind: 'protocol', code, sent: 'all', message })
}

/** A stream is read outside of a call, where nothing turns a transport's Fault into the error that users know. */
export function asError(thrown: unknown, facts?: Partial<ErrorFacts>): unknown {
  return thrown instanceof Fault ? patchbayError({ ...thrown.facts, ...facts }) : thrown
}
