import { type HttpResponse, isPatchbayError, patchbayError } from '@patchbay/core'
import { type Attempt, type CleanText, type HttpClient, isJsonType, mediaTypeOf, readJson } from '@patchbay/core/http'
import { ClientError, GraphQLClient } from 'graphql-request'
import { cleanerOf, rememberCleaner } from '../../../face/clean-text.ts'
import { faceError, withHidden } from '../../../face/face-error.ts'
import { LoneAttempt } from '../../../face/lone-attempt.ts'
import { type GraphqlErrorLike, graphqlFacts } from '../graphql-facts.ts'
import { LeanResponse } from './lean-response.ts'

export interface GraphqlFaceOptions {
  /** The endpoint, under the client's base URL. */
  readonly url: string
  /** `all` gives data and errors side by side, `none` (default) makes any error of the server an error. */
  readonly errorPolicy?: 'none' | 'all' | 'ignore'
  /** A GraphQLClient of yours: the new one takes over its headers, middleware and serializer, but not its fetch and its URL. */
  readonly client?: unknown
}

/**
 * As much of graphql-request's client as is used most, in types that need neither it nor the DOM: name its own `GraphQLClient` as type
 * parameter of {@link graphqlFor} to get the rest.
 */
export interface GraphqlClient {
  request<Data = unknown>(
    document: unknown,
    variables?: object,
    requestHeaders?: Readonly<Record<string, string>>,
  ): Promise<Data>
  rawRequest<Data = unknown>(
    query: string,
    variables?: object,
    requestHeaders?: Readonly<Record<string, string>>,
  ): Promise<GraphqlRawResponse<Data>>
  batchRequests<Data = unknown>(
    documents: readonly { readonly document: unknown; readonly variables?: object }[],
  ): Promise<Data>
  setHeader(name: string, value: string): unknown
}

export interface GraphqlRawResponse<Data> {
  readonly data: Data
  readonly errors?: readonly GraphqlErrorLike[]
  readonly extensions?: unknown
  readonly status: number
}

export interface GraphqlFace<Client = GraphqlClient> {
  /** A plain graphql-request client for use outside calls. */
  readonly client: Client
  /** The client for one call of an operation, so that the call's deadline and cancellation hold. Cheap to make. */
  for(call: Attempt): Client
}

type RequestConfig = NonNullable<ConstructorParameters<typeof GraphQLClient>[1]>

/**
 * graphql-request over Patchbay's transport. Every failure is a PatchbayError: of the wire, of the status, of an answer that is no JSON,
 * and `errors` in an answer with status 200. graphql-request's own ClientError is kept as its hidden `clientError`.
 */
export function graphqlFor<Client = GraphqlClient>(
  client: HttpClient,
  options: GraphqlFaceOptions,
): GraphqlFace<Client> {
  const make = (call?: Attempt): Client => new PatchbayGraphqlClient(client, options, call) as Client
  return { client: make(), for: make }
}

class PatchbayGraphqlClient extends GraphQLClient {
  constructor(client: HttpClient, options: GraphqlFaceOptions, call: Attempt | undefined) {
    const { url, errorPolicy = 'none', client: own } = options
    const taken = (own as { readonly requestConfig?: RequestConfig } | undefined)?.requestConfig
    const config = { ...taken, errorPolicy, fetch: fetchOver(client, call) }
    super(url, config as unknown as RequestConfig)
    const { rawRequest } = this
    this.rawRequest = ((...args: Parameters<typeof rawRequest>) =>
      rawRequest(...args).catch(rethrow)) as typeof rawRequest
  }

  override request: GraphQLClient['request'] = (async (...args: unknown[]) => {
    try {
      return await (super.request as (...all: unknown[]) => Promise<unknown>)(...args)
    } catch (error) {
      return rethrow(error)
    }
  }) as GraphQLClient['request']

  override batchRequests: GraphQLClient['batchRequests'] = (async (...args: unknown[]) => {
    try {
      return await (super.batchRequests as (...all: unknown[]) => Promise<unknown>)(...args)
    } catch (error) {
      return rethrow(error)
    }
  }) as GraphQLClient['batchRequests']
}

interface FetchInit {
  readonly method?: string
  readonly headers?: Iterable<readonly [string, string]>
  readonly body?: string
  readonly signal?: AbortSignal
}

/** A `fetch` that knows what graphql-request needs of one. */
function fetchOver(client: HttpClient, call: Attempt | undefined) {
  return async (url: string | URL, init: FetchInit): Promise<LeanResponse> => {
    let raw: HttpResponse | undefined
    let clean: CleanText | undefined
    const headers: Record<string, string> = {}
    for (const [name, value] of init.headers ?? []) headers[name] = value
    await client.send(
      {
        method: init.method ?? 'POST',
        link: String(url),
        headers,
        body: init.body,
        expect: 'bytes',
        accept: (status) => status <= 299 || carriesErrors(raw),
        seen: (response, cleanText) => {
          raw = response
          clean = cleanText
        },
      },
      call ?? new LoneAttempt(init.signal, Number.POSITIVE_INFINITY),
    )
    const response = raw as HttpResponse
    checkJson(response)
    const lean = new LeanResponse(response)
    if (clean !== undefined) rememberCleaner(lean.headers, clean)
    return lean
  }
}

/** GraphQL over HTTP sends errors with 4xx under its own media type; those are answers of GraphQL and not of HTTP. */
function carriesErrors(raw: HttpResponse | undefined): boolean {
  if (raw === undefined || raw.status >= 500 || raw.status === 401 || raw.status === 429) return false
  return mediaTypeOf(raw.headers['content-type'])?.essence === 'application/graphql-response+json'
}

/** A login page or a cut body must not reach graphql-request, which would give it a shapeless error. */
function checkJson(raw: HttpResponse): void {
  const type = mediaTypeOf(raw.headers['content-type'])
  const last = raw.body.at(-1)
  // A complete document ends with a brace or bracket; only a suspicious body is parsed twice.
  if (type !== undefined && isJsonType(type.essence) && (last === closingBrace || last === closingBracket)) return
  readJson(raw)
}

const closingBrace = 0x7d
const closingBracket = 0x5d

function rethrow(thrown: unknown): never {
  if (thrown instanceof ClientError) {
    const { errors, status, headers } = thrown.response
    const error = patchbayError(graphqlFacts(errors, status, cleanerOf(headers)))
    throw withHidden(error, { clientError: thrown })
  }
  if (thrown instanceof SyntaxError || isGraphqlShapeError(thrown)) {
    throw patchbayError({ kind: 'protocol', sent: 'all', message: 'the answer is not a GraphQL response' })
  }
  throw isPatchbayError(thrown) ? thrown : faceError(thrown)
}

/** graphql-request tells an answer without `data` and `errors` with a plain Error of this text. */
function isGraphqlShapeError(thrown: unknown): boolean {
  return thrown instanceof Error && thrown.message.startsWith('Invalid execution result')
}
