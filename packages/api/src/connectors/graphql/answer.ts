import { Fault, type HttpResponse } from '@patchbay/core'
import { type CleanText, mediaTypeOf, readJson } from '@patchbay/core/http'
import { type FactsOptions, graphqlFacts, problemsOf } from './graphql-facts.ts'
import { type ErrorPolicy, type GraphqlResult, isObject } from './input.ts'

/** What every request asks for. GraphQL over HTTP, section 6.1 (draft of 2025): the media type of GraphQL first, JSON for older servers. */
export const acceptedTypes = 'application/graphql-response+json, application/json;q=0.9'

/** A body of GraphQL: `data`, `errors` or both. */
export interface GraphqlBody {
  readonly data?: Readonly<Record<string, unknown>> | null
  readonly errors?: readonly unknown[]
  readonly extensions?: Readonly<Record<string, unknown>>
}

/**
 * Whether the body of an answer is GraphQL's own, whatever the status says. Under `application/graphql-response+json` it is (section 6.4.2);
 * under `application/json` only a 2xx vouches for it (section 6.4.1: something between us and the server may have written the rest).
 */
export function speaksGraphql({ status, headers }: Pick<HttpResponse, 'status' | 'headers'>): boolean {
  if (status >= 200 && status <= 299) return true
  return mediaTypeOf(headers['content-type'])?.essence === 'application/graphql-response+json'
}

/** The body of an answer when it is one of GraphQL; undefined when it is anything else, or no JSON. */
export function bodyIfAny(response: HttpResponse): GraphqlBody | undefined {
  if (!speaksGraphql(response)) return undefined
  try {
    return wellFormed(readJson(response))
  } catch {
    return undefined
  }
}

/** A response has data, or errors, or both; `data` is an object or null, and null only beside errors (specification, section 7.1). */
export function wellFormed(value: unknown): GraphqlBody | undefined {
  if (!isObject(value)) return undefined
  const { data, errors } = value
  const failed = Array.isArray(errors) && errors.length > 0
  if (errors !== undefined && errors !== null && !Array.isArray(errors)) return undefined
  if (data === undefined || data === null) return failed ? (value as GraphqlBody) : undefined
  return isObject(data) ? (value as GraphqlBody) : undefined
}

export interface ReadOptions extends FactsOptions {
  readonly policy: ErrorPolicy
  readonly status: number | undefined
  readonly clean: CleanText
  readonly retryAfterMs?: number | undefined
}

/**
 * The result of an answer.
 * @throws Fault `protocol` for one that is none of GraphQL, else the meaning of its errors
 */
export function resultOf(
  value: unknown,
  { policy, status, clean, retryAfterMs, ...facts }: ReadOptions,
): GraphqlResult {
  const body = wellFormed(value)
  if (body === undefined) {
    const message = 'the answer is not a GraphQL response: it has neither data nor errors'
    throw new Fault({ kind: 'protocol', code: 'not-graphql', status, sent: 'all', message })
  }
  const { data, errors = [], extensions } = body
  const partial = policy === 'partial' && data !== undefined && data !== null
  if (errors !== null && errors.length > 0 && !partial) {
    const meaning = graphqlFacts(errors, status, clean, facts)
    throw new Fault(meaning.kind === 'rate-limited' ? { ...meaning, retryAfterMs } : meaning)
  }
  return {
    data,
    errors: problemsOf(errors, clean, facts.variables),
    extensions: isObject(extensions) ? extensions : undefined,
  }
}
