import type { ErrorFacts, ErrorKind, Issue } from '@patchbay/core'
import { type CleanText, type Meaning, vendorText } from '@patchbay/core/http'
import { withoutVariables } from './clean-variables.ts'
import type { GraphqlVariables } from './document.ts'
import type { GraphqlProblem } from './input.ts'

/** One entry of `errors` in a GraphQL response. */
export interface GraphqlErrorLike {
  readonly message?: string
  readonly path?: readonly (string | number)[]
  readonly extensions?: Readonly<Record<string, unknown>> | undefined
}

/**
 * What the codes mean that many servers share: those of Apollo, of GraphQL Yoga, of Spring and of the vendors that others copy. A server
 * gives `INTERNAL_SERVER_ERROR` to whatever its resolvers throw, so it says nothing about a repetition.
 */
export const usualCodes: Readonly<Record<string, Meaning>> = {
  UNAUTHENTICATED: 'credential',
  AUTHENTICATION_ERROR: 'credential',
  FORBIDDEN: 'permission',
  UNAUTHORIZED: 'permission',
  PERMISSION_DENIED: 'permission',
  INSUFFICIENT_SCOPES: 'permission',
  NOT_FOUND: 'not-found',
  PERSISTED_QUERY_NOT_FOUND: 'not-found',
  BAD_REQUEST: 'invalid-input',
  BAD_USER_INPUT: 'invalid-input',
  GRAPHQL_PARSE_FAILED: 'invalid-input',
  GRAPHQL_VALIDATION_FAILED: 'invalid-input',
  OPERATION_RESOLUTION_FAILURE: 'invalid-input',
  MAX_COST_EXCEEDED: 'invalid-input',
  MAX_NODE_LIMIT_EXCEEDED: 'invalid-input',
  PERSISTED_QUERY_NOT_SUPPORTED: 'unsupported',
  CONFLICT: 'conflict',
  THROTTLED: 'rate-limited',
  RATE_LIMIT: 'rate-limited',
  RATE_LIMITED: 'rate-limited',
  RATELIMITED: 'rate-limited',
  RATE_LIMIT_EXCEEDED: 'rate-limited',
  TOO_MANY_REQUESTS: 'rate-limited',
  TIMEOUT: 'timeout',
  UNAVAILABLE: 'unavailable',
  SERVICE_UNAVAILABLE: 'unavailable',
  INTERNAL_SERVER_ERROR: 'unexpected',
}

/** Codes with which a server may refuse a credential that has ended. */
export const usualExpired: readonly string[] = ['UNAUTHENTICATED', 'AUTHENTICATION_ERROR']

export interface FactsOptions {
  /** Goes before {@link usualCodes}. Upper case. */
  readonly codes?: Readonly<Record<string, Meaning>> | undefined
  /** For codes that nobody knows. Default `unexpected`. */
  readonly otherwise?: Meaning | undefined
  /** Of the request: their values are taken out of the server's messages, which like to repeat them. */
  readonly variables?: GraphqlVariables | undefined
}

/**
 * What a response with `errors` means, whatever the server put there: the first code that is known decides. Texts are cut and cleaned, and
 * never hold variables of ours.
 */
export function graphqlFacts(
  errors: unknown,
  status: number | undefined,
  clean: CleanText = (text) => vendorText(text),
  { codes, otherwise = 'unexpected', variables }: FactsOptions = {},
): ErrorFacts {
  const entries = entriesOf(errors)
  const all = entries.map((entry) => codeOf(entry, clean)).filter((code) => code !== undefined)
  const code = all.find((one) => own(codes, one) !== undefined || own(usualCodes, one) !== undefined) ?? all[0]
  const meaning = (code === undefined ? undefined : (own(codes, code) ?? own(usualCodes, code))) ?? otherwise
  const { kind, retry } = typeof meaning === 'string' ? { kind: meaning, retry: undefined } : meaning
  return {
    kind,
    retry,
    code,
    status,
    sent: 'all',
    message: messages[kind] ?? 'the GraphQL server answered with errors',
    issues: issuesOf(entries, clean, variables),
  }
}

const messages: Readonly<Partial<Record<ErrorKind, string>>> = {
  credential: 'the GraphQL server refused the credential: check that it is right and still valid',
  permission: 'the credential lacks a permission for what was asked of the GraphQL server',
  'rate-limited': 'the GraphQL server refused the request because of a limit',
}

/** More of them explain nothing. */
const mostIssues = 10

export function issuesOf(
  errors: unknown,
  clean: CleanText,
  variables?: GraphqlVariables | undefined,
): readonly Issue[] {
  const cleanMessage = withoutVariables(clean, variables)
  return entriesOf(errors)
    .slice(0, mostIssues)
    .map((entry) => {
      const { message, path, locations } = problemOf(entry, clean, cleanMessage)
      const [place] = locations
      const where = place === undefined ? '' : ` (line ${place.line}, column ${place.column})`
      return { path: path.join('.'), message: `${message}${where}` }
    })
}

/** The errors beside partial data, fit to be logged. */
export function problemsOf(
  errors: unknown,
  clean: CleanText,
  variables: GraphqlVariables | undefined,
): readonly GraphqlProblem[] {
  const cleanMessage = withoutVariables(clean, variables)
  return entriesOf(errors).map((entry) => problemOf(entry, clean, cleanMessage))
}

type Entry = Readonly<Record<string, unknown>>

function entriesOf(errors: unknown): readonly Entry[] {
  return (Array.isArray(errors) ? errors : []).filter(isEntry)
}

function isEntry(value: unknown): value is Entry {
  return typeof value === 'object' && value !== null
}

function problemOf(entry: Entry, clean: CleanText, cleanMessage: CleanText): GraphqlProblem {
  const { message, path, locations } = entry
  const steps: (string | number)[] = []
  for (const step of Array.isArray(path) ? path.slice(0, 100) : []) {
    if (typeof step === 'number') steps.push(step)
    else if (typeof step === 'string') steps.push(clean(step) ?? '')
  }
  return {
    message: (typeof message === 'string' ? cleanMessage(message) : undefined) ?? 'no message',
    path: steps,
    locations: (Array.isArray(locations) ? locations.slice(0, 10) : []).filter(isLocation).map(({ line, column }) => ({
      line,
      column,
    })),
    code: codeOf(entry, clean),
  }
}

function isLocation(value: unknown): value is { readonly line: number; readonly column: number } {
  return isEntry(value) && Number.isInteger(value.line) && Number.isInteger(value.column)
}

/** Where servers put a code: the specification has no field for it, so each has found its own. */
export function codeOf(entry: unknown, clean: CleanText = (text) => vendorText(text)): string | undefined {
  if (!isEntry(entry)) return undefined
  const { extensions, type } = entry
  const { code, type: kind, errorType, classification } = isEntry(extensions) ? extensions : ({} as Entry)
  const found = code ?? kind ?? errorType ?? classification ?? type
  // Shown whole or not at all: a code that has to be cleaned is none.
  const plain = typeof found === 'string' && /^[\w-]{1,64}$/.test(found) && clean(found) === found
  return plain ? found.toUpperCase() : undefined
}

function own<T>(table: Readonly<Record<string, T>> | undefined, key: string): T | undefined {
  return table !== undefined && Object.hasOwn(table, key) ? table[key] : undefined
}
