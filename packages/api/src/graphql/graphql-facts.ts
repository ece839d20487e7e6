import type { ErrorFacts, ErrorKind } from '@patchbay/core'

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

const longestMessage = 300

/**
 * What a response with `errors` means. Core knows no vendor's words, so anything but the shared codes is `unexpected`; a connector may
 * know more. Texts are cut, and never hold variables.
 */
export function graphqlFacts(errors: readonly GraphqlErrorLike[], status: number): ErrorFacts {
  const code = errors.map(codeOf).find((found) => found !== undefined)
  const kind = code !== undefined && Object.hasOwn(kinds, code) ? (kinds[code] as ErrorKind) : 'unexpected'
  return {
    kind,
    code,
    status,
    sent: 'all',
    message: 'the GraphQL server answered with errors',
    issues: errors.slice(0, 10).map(({ message, path }) => ({
      path: (path ?? []).join('.'),
      message: (message ?? 'no message').slice(0, longestMessage),
    })),
  }
}

function codeOf({ extensions }: GraphqlErrorLike): string | undefined {
  const code = extensions?.code ?? extensions?.type
  return typeof code === 'string' && /^[\w-]{1,64}$/.test(code) ? code.toUpperCase() : undefined
}
