import { type ErrorFacts, type ErrorKind, Fault, type Sent } from '../errors.ts'

/** Primary result codes, https://www.sqlite.org/rescode.html */
const known: Readonly<Record<number, readonly [kind: ErrorKind, code: string, remedy: string]>> = {
  3: ['permission', 'SQLITE_PERM', 'this account may not use the file'],
  5: ['unavailable', 'SQLITE_BUSY', 'another process held the file for longer than the busy timeout'],
  6: ['unavailable', 'SQLITE_LOCKED', 'another connection of this process held a table'],
  7: ['unavailable', 'SQLITE_NOMEM', 'memory ran out'],
  8: ['permission', 'SQLITE_READONLY', 'the file or its folder cannot be written by this account'],
  10: ['unavailable', 'SQLITE_IOERR', 'the disk refused to read or write'],
  11: ['unexpected', 'SQLITE_CORRUPT', 'the file is damaged: restore it from a copy'],
  13: ['unavailable', 'SQLITE_FULL', 'the disk is full'],
  14: [
    'config',
    'SQLITE_CANTOPEN',
    'the file cannot be opened: does its folder exist, and may this account write there?',
  ],
  26: ['config', 'SQLITE_NOTADB', 'the file is not an SQLite database'],
}

/** Facts of whatever a connection threw. Plain data without the cause, because they also cross from the worker's thread. */
export function sqliteFacts(error: unknown, sent: Sent): ErrorFacts {
  if (error instanceof Fault) return error.facts
  const { errcode, message } = error as { errcode?: unknown; message?: unknown }
  const found = typeof errcode === 'number' ? known[errcode & 0xff] : undefined
  if (found === undefined) return { kind: 'unexpected', sent, message: String(message), ...codeOf(errcode) }
  const [kind, code, remedy] = found
  return { kind, code, sent, message: `${remedy} (SQLite ${errcode}: ${message})` }
}

function codeOf(errcode: unknown): { readonly code?: string } {
  return typeof errcode === 'number' ? { code: `SQLITE_${errcode}` } : {}
}
