import type { ErrorFacts, ErrorKind, Issue } from '@patchbay/core'
import { type CleanText, vendorText } from '@patchbay/core/http'

/** One entry of `errors` in a GraphQL response. */
export interface GraphqlErrorLike {
  readonly message?: string
  readonly path?: readonly (string | number)[]
  readonly extensions?: Readonly<Record<string, unknown>> | undefined
}

/** Codes in `extensions.code` (or `extensions.type`) that many servers share. */
const kinds: Readonly<Record<string, ErrorKind>> = {
  UNAUTHENTICATED: 'credential',
  AUTHENTICATION_ERROR: 'credential',
  FORBIDDEN: 'permission',
  UNAUTHORIZED: 'permission',
  NOT_FOUND: 'not-found',
  BAD_USER_INPUT: 'invalid-input',
  GRAPHQL_PARSE_FAILED: 'invalid-input',
  GRAPHQL_VALIDATION_FAILED: 'invalid-input',
  OPERATION_RESOLUTION_FAILURE: 'invalid-input',
  CONFLICT: 'conflict',
  THROTTLED: 'rate-limited',
  RATE_LIMITED: 'rate-limited',
  RATELIMITED: 'rate-limited',
  TOO_MANY_REQUESTS: 'rate-limited',
  MAX_COST_EXCEEDED: 'rate-limited',
  TIMEOUT: 'timeout',
  SERVICE_UNAVAILABLE: 'unavailable',
}

/**
 * What a response with `errors` means, whatever the server put there. Core knows no vendor's words, so anything but the shared codes is
 * `unexpected`; a connector may know more. Texts are cut and cleaned, and never hold variables.
 */
export function graphqlFacts(
  errors: unknown,
  status: number,
  clean: CleanText = (text) => vendorText(text),
): ErrorFacts {
  const entries = (Array.isArray(errors) ? errors : []).filter(isObject)
  const code = entries.map(codeOf).find((found) => found !== undefined)
  const kind = code !== undefined && Object.hasOwn(kinds, code) ? (kinds[code] as ErrorKind) : 'unexpected'
  return {
    kind,
    code,
    status,
    sent: 'all',
    message: 'the GraphQL server answered with errors',
    issues: entries.slice(0, 10).map((entry) => issueOf(entry, clean)),
  }
}

type Entry = Readonly<Record<string, unknown>>

function isObject(value: unknown): value is Entry {
  return typeof value === 'object' && value !== null
}

function issueOf({ message, path }: Entry, clean: CleanText): Issue {
  const steps = Array.isArray(path) ? path.filter((step) => typeof step === 'string' || typeof step === 'number') : []
  const said = typeof message === 'string' ? clean(message) : undefined
  return { path: clean(steps.join('.')) ?? '', message: said ?? 'no message' }
}

function codeOf({ extensions }: Entry): string | undefined {
  const code = isObject(extensions) ? (extensions.code ?? extensions.type) : undefined
  return typeof code === 'string' && /^[\w-]{1,64}$/.test(code) ? code.toUpperCase() : undefined
}
