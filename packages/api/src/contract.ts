import { type AnyOperation, type Connector, defineConnector, type StreamSpec } from '@patchbay/core'
import type { HttpClient, Paging } from '@patchbay/core/http'
import type { AxiosInstance, CreateAxiosDefaults } from 'axios'
import type { PagingData } from './request/paging-data.ts'

/** Defaults of an axios instance; where it sends and how is the transport's. */
export type AxiosDefaults = Omit<CreateAxiosDefaults, 'adapter' | 'baseURL'>

/**
 * What every API connector's `open` gives and `connection.$raw()` hands out. It is core's {@link HttpClient}, so `httpOperation` and
 * `pagedHttpOperation` work on it as they are. Connectors add faces of their own (`graphql`, `soap`) beside these.
 */
export interface APIClient extends HttpClient {
  /** The client below all faces: one request with credential, limits, address guard and typed errors. */
  readonly http: HttpClient
  /**
   * A plain axios instance over the same transport, credential and limits; axios is loaded now. Without defaults it is the connection's one
   * instance: the one that the user handed to `connect` as `drivers: { axios }`, or one of ours. With defaults it is a new one.
   */
  axios(defaults?: AxiosDefaults): Promise<AxiosInstance>
  /** What requests that are not declared are given, where they say nothing themselves. */
  readonly defaults?: RequestDefaults | undefined
}

export interface RequestDefaults {
  /** Header of the idempotency key. Default `idempotency-key` (draft-ietf-httpapi-idempotency-key-header). */
  readonly idempotencyHeader?: string | undefined
  readonly paging?: Paging | PagingData | undefined
  /** Where the records of lists are: a dotted path. */
  readonly items?: string | undefined
}

/** The vendor's own description of its API, as it came: text of OpenAPI, SDL or WSDL, or the parsed value. */
export interface APIDescription {
  readonly format: 'openapi' | 'graphql' | 'wsdl' | 'odata' | 'google-discovery'
  /** Where it came from, for people; without credentials. */
  readonly source: string
  readonly content: unknown
}

/** What an API connector tells beyond core's contract. Plain data but for `describe`. */
export interface APIFacts<Client> {
  readonly style: 'rest' | 'graphql' | 'soap'
  /** Markdown for generated documentation: what the manifest has no field for. */
  readonly notes?: string | undefined
  /**
   * Asks the vendor for its description (an OpenAPI document, an introspection, a WSDL): one read over the client. Absent where there is
   * none to ask for.
   */
  describe?(
    client: Client,
    options?: { readonly signal?: AbortSignal | undefined },
  ): Promise<APIDescription | undefined>
}

// biome-ignore lint/suspicious/noExplicitAny: streams of one connector have different records
type AnyStreams = Readonly<Record<string, StreamSpec<any, any>>>

/**
 * The contract of the `api` family: REST, GraphQL, SOAP and every declarative integration. Beyond core's it has a client with faces and an
 * operation for whatever is not declared: `requestOperations`.
 */
export interface APIConnector<
  Config = unknown,
  Client extends APIClient = APIClient,
  Operations extends Readonly<Record<string, AnyOperation>> = Readonly<Record<string, AnyOperation>>,
  Given = unknown,
> extends Connector<Config, Client, Operations, Given> {
  readonly api: APIFacts<Client>
}

// biome-ignore lint/suspicious/noExplicitAny: the top type of API connectors
export type AnyAPIConnector = APIConnector<any, any, any, any>

/** Types an API connector from its parts, with the checks of core's `defineConnector`. */
export function defineAPIConnector<
  Config,
  Client extends APIClient,
  const Operations extends Readonly<Record<string, AnyOperation>>,
  const Streams extends AnyStreams = Record<never, never>,
  Given = unknown,
>(
  connector: APIConnector<Config, Client, Operations, Given> & { readonly streams?: Streams },
): Omit<APIConnector<Config, Client, Operations, Given>, 'streams'> & { readonly streams: Streams } {
  defineConnector(connector)
  return connector as typeof connector & { readonly streams: Streams }
}
