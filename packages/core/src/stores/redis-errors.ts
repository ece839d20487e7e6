import { type ErrorFacts, type ErrorKind, Fault } from '../errors.ts'

/** First word of an error reply; all of these come before anything is changed. */
const replies: Readonly<Record<string, readonly [kind: ErrorKind, remedy: string]>> = {
  NOAUTH: ['credential', 'Redis wants a password'],
  WRONGPASS: ['credential', 'Redis refused the user or the password'],
  NOPERM: ['permission', 'the user may not run the commands of the store'],
  READONLY: ['unavailable', 'this Redis only reads: it is a replica'],
  LOADING: ['unavailable', 'Redis is loading its data'],
  MASTERDOWN: ['unavailable', 'this Redis is a replica that has lost its master'],
  MISCONF: ['unavailable', 'Redis cannot write to its disk'],
  OOM: ['unavailable', 'Redis has reached its maxmemory'],
  BUSY: ['unavailable', 'Redis is busy with another script'],
  NOREPLICAS: ['unavailable', 'Redis has too few replicas to accept writes'],
}

export function redisFacts(error: unknown): ErrorFacts {
  if (error instanceof Fault) return error.facts
  const { name, message, code } = error as { name?: unknown; message?: unknown; code?: unknown }
  const text = String(message)
  const word = /^[A-Z]+/.exec(text)?.[0] ?? ''
  const reply = replies[word]
  if (reply !== undefined)
    return { kind: reply[0], code: word, sent: 'none', message: `${reply[1]} (${text})`, cause: error }
  // A script that fails in its middle is not rolled back.
  if (name === 'ReplyError') return { kind: 'unexpected', sent: 'maybe', message: text, cause: error }
  if (error instanceof TypeError) return { kind: 'unexpected', sent: 'none', message: text, cause: error }
  const errno = typeof code === 'string' ? { code } : {}
  const sent = unsent.has(errno.code ?? '') || text.startsWith("Stream isn't writeable") ? 'none' : 'maybe'
  return { kind: 'network', sent, message: `the connection to Redis failed: ${text}`, cause: error, ...errno }
}

/** Failures to connect. */
const unsent: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOENT',
])
