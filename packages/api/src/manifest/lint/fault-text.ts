import { Fault, isPatchbayError } from '@patchbay/core'

/** Why core refused some data, in one line. What else was thrown comes from data of another shape. */
export function faultText(error: unknown): string {
  const issues = error instanceof Fault ? error.facts.issues : isPatchbayError(error) ? error.issues : undefined
  if (issues !== undefined && issues.length > 0)
    return issues
      .slice(0, 3)
      .map(({ path, message }) => `${path} ${message}`.trim())
      .join('; ')
  if (error instanceof TypeError) return 'the data does not have the shape that is expected'
  return error instanceof Error ? error.message.replace(/[.\s]+$/, '') : String(error)
}
