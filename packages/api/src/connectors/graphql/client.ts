import type { OpenEnv } from '@patchbay/core'
import {
  type Attempt,
  type ClientRequest,
  type HttpClient,
  httpClient,
  type Reply,
  vendorText,
} from '@patchbay/core/http'
import { apiClient } from '../../api-client.ts'
import type { APIClient, APIDescription } from '../../contract.ts'
import { faceError } from '../../face/face-error.ts'
import { LoneAttempt } from '../../face/lone-attempt.ts'
import { acceptedTypes, resultOf } from './answer.ts'
import type { GraphqlConfig } from './config.ts'
import { type CostReader, costReader } from './cost.ts'
import type { GraphqlClient, GraphqlFace } from './face/graphql-for.ts'
import { usualCodes, usualExpired } from './graphql-facts.ts'
import { introspectionDocument } from './introspection-document.ts'
import { GraphqlRequests } from './requests.ts'
import { Subscriptions } from './subscription/subscriptions.ts'

/** What `connection.$raw()` gives. Calls on it pass no policy. */
export interface GraphqlAPIClient extends APIClient {
  /** The endpoint. */
  readonly url: string
  /**
   * A ready graphql-request client over the same transport and credential; graphql-request is loaded now. It takes over the headers and
   * middleware of one that the user handed to `connect` as `drivers: { 'graphql-request': client }`.
   */
  graphql<Client = GraphqlClient>(): Promise<GraphqlFace<Client>>
}

/** What the operations work on. */
export class GraphqlConnectorClient implements GraphqlAPIClient {
  readonly url: string
  readonly http: HttpClient
  readonly requests: GraphqlRequests
  readonly subscriptions: Subscriptions
  readonly axios: APIClient['axios']
  readonly #own: unknown
  readonly #config: GraphqlConfig

  constructor(config: GraphqlConfig, env: OpenEnv, cost: CostReader | undefined) {
    const { url, headers, errors } = config
    const { origin } = new URL(url)
    const { clock, drivers } = env
    this.url = url
    this.#config = config
    this.#own = drivers['graphql-request']
    const clientFor = (target: string): HttpClient =>
      httpClient({
        ...env,
        baseUrl: withoutQuery(target),
        headers: { accept: acceptedTypes, ...headers },
        errors: {
          code: [
            'errors.0.extensions.code',
            'errors.0.extensions.type',
            'errors.0.type',
            'code',
            'error.code',
            'error',
          ],
          codes: { ...usualCodes, ...errors?.codes },
          expired: errors?.expired ?? usualExpired,
        },
      })
    this.http = clientFor(url)
    this.axios = apiClient(this.http, { baseUrl: origin, clock, axios: drivers.axios }).axios
    const reader = cost ?? (config.cost === undefined ? undefined : costReader(config.cost))
    this.requests = new GraphqlRequests({ http: this.http, config, clock, cost: reader })
    this.subscriptions = new Subscriptions({ http: clientFor, config, env })
  }

  send(request: ClientRequest, call: Attempt): Promise<Reply> {
    return this.http.send(request, call)
  }

  async graphql<Client = GraphqlClient>(): Promise<GraphqlFace<Client>> {
    const { graphqlFor } = await import('./face/graphql-for.ts')
    const errorPolicy = this.#config.errorPolicy === 'partial' ? 'all' : 'none'
    return graphqlFor<Client>(this.http, { url: this.url, errorPolicy, client: this.#own })
  }

  /** One request outside of any call. */
  async describe(options?: { readonly signal?: AbortSignal | undefined }): Promise<APIDescription> {
    const attempt = new LoneAttempt(options?.signal, Number.POSITIVE_INFINITY)
    const json = { query: introspectionDocument, operationName: 'Introspection' }
    try {
      const { value, status } = await this.http.send({ method: 'POST', link: this.url, json }, attempt)
      const clean = (text: string): string | undefined => vendorText(text)
      const { data } = resultOf(value, { policy: 'none', status, clean })
      return { format: 'graphql', source: withoutQuery(this.url), content: data }
    } catch (error) {
      throw faceError(error)
    }
  }

  async close(): Promise<void> {
    await this.subscriptions.close()
  }
}

function withoutQuery(url: string): string {
  const { origin, pathname } = new URL(url)
  return origin + pathname
}
