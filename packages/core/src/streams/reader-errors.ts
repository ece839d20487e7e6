import { isPatchbayError, type PatchbayError, patchbayError } from '../errors.ts'
import { resumeIssue } from './resume-point.ts'

export function cursorMoved(stream: string, cursor: string | undefined): PatchbayError {
  return lost('cursor-moved', `another reader of the stream ${stream} moved its cursor`, cursor)
}

export function leaseLost(stream: string, cursor: string | undefined): PatchbayError {
  return lost('lease-lost', `another reader of the stream ${stream} took its lease`, cursor)
}

function lost(code: string, what: string, cursor: string | undefined): PatchbayError {
  const issues = [resumeIssue(cursor)]
  return patchbayError({ kind: 'conflict', code, message: `${what}; read again to go on from there`, issues })
}

export function writeConflict(index: number): PatchbayError {
  const message = `write ${index} of those given with the ack did not meet its condition; nothing was written`
  return patchbayError({ kind: 'conflict', code: 'write-conflict', message })
}

export function alreadyAcknowledged(): PatchbayError {
  const message = 'the batch is acknowledged already; give all writes with the one ack'
  return patchbayError({ kind: 'invalid-input', code: 'acknowledged', message })
}

export function tooManyOpen(maxUnacked: number): PatchbayError {
  const message = `${maxUnacked} batches wait for their ack(): acknowledge them, or raise maxUnacked`
  return patchbayError({ kind: 'invalid-input', code: 'unacknowledged', message })
}

/** Kinds that a vendor's answer to an unknown cursor or page can have. */
const refusals: ReadonlySet<string> = new Set(['not-found', 'invalid-input', 'conflict'])

/** A vendor that no longer knows a cursor is a conflict with the resume point, never a silent start from the beginning. */
export function cursorRefused(stream: string, error: unknown, cursor: string | undefined): unknown {
  if (!isPatchbayError(error) || !refusals.has(error.kind)) return error
  return patchbayError({
    kind: 'conflict',
    code: 'cursor-refused',
    status: error.status,
    requestId: error.requestId,
    message: `the vendor refused to go on with the stream ${stream}; to begin anew, call forget() on its reader`,
    issues: [resumeIssue(cursor)],
    cause: error,
  })
}
