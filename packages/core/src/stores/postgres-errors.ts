import { type ErrorFacts, type ErrorKind, Fault, type Sent } from '../errors.ts'

/** SQLSTATE, exact or by class: https://www.postgresql.org/docs/current/errcodes-appendix.html */
const states: readonly (readonly [start: string, kind: ErrorKind, remedy: string])[] = [
  ['08', 'network', 'the connection to PostgreSQL broke'],
  ['25006', 'unavailable', 'this PostgreSQL only reads: is it a standby?'],
  ['28', 'credential', 'PostgreSQL refused the login: check user and password'],
  ['3D000', 'config', 'the database does not exist'],
  ['40', 'unavailable', 'PostgreSQL gave the transaction up in favour of others'],
  ['42501', 'permission', 'the role may not use, or not make, the tables of the store'],
  ['42P01', 'config', 'a table of the store is missing'],
  ['53', 'unavailable', 'PostgreSQL is out of a resource'],
  ['55P03', 'unavailable', 'another transaction held a lock for too long'],
  ['57014', 'timeout', 'PostgreSQL cancelled the statement'],
  ['57', 'unavailable', 'PostgreSQL is stopping or starting'],
  ['58', 'unavailable', 'PostgreSQL cannot reach its files'],
]

function codeOf(error: unknown): string {
  const { code } = error as { code?: unknown }
  return typeof code === 'string' ? code : ''
}

const isState = (code: string): boolean => /^[0-9A-Z]{5}$/.test(code)

/** Errors that the server ended a transaction with, so that running it again is safe and likely to work. */
export function isRepeatable(error: unknown): boolean {
  return codeOf(error) === '40P01' || codeOf(error) === '40001'
}

/** True when the server answered with an error of a statement, after which the connection goes on. */
export function isStatementError(error: unknown): boolean {
  const code = codeOf(error)
  return isState(code) && !code.startsWith('08') && !code.startsWith('57P')
}

/** @param sent what was known when the statement was sent; an answer of the server means that nothing was changed */
export function postgresFacts(error: unknown, sent: Sent = 'none'): ErrorFacts {
  if (error instanceof Fault) return error.facts
  const code = codeOf(error)
  const message = error instanceof Error ? error.message : String(error)
  if (!isState(code)) {
    const own = error instanceof TypeError
    return {
      kind: own ? 'unexpected' : 'network',
      sent,
      message: own ? message : `no connection to PostgreSQL: ${message}`,
      ...(code === '' ? {} : { code }),
      cause: error,
    }
  }
  const found = states.find(([start]) => code.startsWith(start))
  return {
    kind: found?.[1] ?? 'unexpected',
    code,
    sent: isStatementError(error) ? 'none' : sent,
    message: found === undefined ? message : `${found[2]} (${message})`,
    cause: error,
  }
}
