import type { Issue } from '../errors.ts'

/** Tells in an error where the next read begins, so that nobody has to look into the store. */
export function resumeIssue(cursor: string | undefined): Issue {
  const point = cursor === undefined ? 'the beginning' : cursor.toWellFormed().slice(0, 200)
  return { path: 'cursor', message: `what was acknowledged is kept; the next read begins at ${point}` }
}
