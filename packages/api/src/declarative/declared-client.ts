import { Fault, type OpenEnv } from '@patchbay/core'
import {
  type Attempt,
  type ClientRequest,
  type HttpClient,
  httpClient,
  type Query,
  type Reply,
} from '@patchbay/core/http'
import { apiClient } from '../api-client.ts'
import type { APIClient } from '../contract.ts'
import { errorMapping } from './behaviour/error-mapping.ts'
import { bodyLimits, rateHeaders } from './behaviour/limits.ts'
import { rememberParts } from './connection-parts.ts'
import { type Origin, placeOf } from './deployments/place.ts'
import { manifestFault } from './manifest-fault.ts'
import { entryOf, type Manifest, type Values } from './manifest-parts.ts'
import { headerName, headerValue } from './requests/header-value.ts'

/** What operations of integrations get, and `connection.$raw()` gives out. Every request goes to a host that the deployment names. */
export interface DeclaredClient extends APIClient {
  readonly baseUrl: string
  /** The vendor's version that the connection uses, where the manifest has several. */
  readonly apiVersion: string | undefined
  /** The client of one of the deployment's further origins; without a name: this one. */
  at(origin: string | undefined): HttpClient
}

/** Makes the clients of a connection: one per origin, all with one credential. */
export function declaredClient(manifest: Manifest, config: Values, env: OpenEnv): DeclaredClient {
  const place = placeOf(manifest, config)
  const { transport = {}, apiVersions } = manifest
  const apiVersion = typeof config.apiVersion === 'string' ? config.apiVersion : apiVersions?.default
  const version = { value: apiVersion, send: apiVersions?.send }
  const headers = slots(transport.headers, config, (name) => headerName(name, 'transport.headers'))
  const query = slots(transport.query, config, (name) => name)
  if (version.value !== undefined && version.send !== undefined) {
    if ('header' in version.send) headers[headerName(version.send.header, 'apiVersions.send')] = version.value
    if ('query' in version.send) query[version.send.query] = version.value
  }
  for (const [name, value] of Object.entries(headers)) headers[name] = headerValue(value, name)
  const readLimits = bodyLimits(manifest)
  const shared = {
    headers,
    query: Object.keys(query).length === 0 ? undefined : (query as Query),
    credential: env.credential,
    transport: env.transport,
    clock: env.clock,
    limits: transport.maxBodyBytes === undefined ? undefined : { maxBodyBytes: transport.maxBodyBytes },
    redirectTo: place.redirectTo,
    rateHeaders: rateHeaders(manifest),
    errors: errorMapping(manifest),
    arrays: transport.arrays,
    json: { prefix: transport.jsonPrefix, types: transport.jsonTypes },
  }
  const make = ({ url, origin }: Origin): HttpClient => {
    const client = httpClient({ ...shared, baseUrl: url, origin })
    return readLimits === undefined ? client : new LimitReadingClient(client, readLimits, env)
  }
  const http = make(place.base)
  const others = new Map<string, HttpClient>()
  const faces = apiClient(http, { baseUrl: place.base.url, clock: env.clock, axios: env.drivers.axios })
  const client: DeclaredClient = {
    ...faces,
    send: (request, call) => http.send(request, call),
    baseUrl: place.base.url,
    apiVersion,
    at(name) {
      if (name === undefined) return http
      let client = others.get(name)
      if (client === undefined) {
        const origin = place.origins.get(name)
        if (origin === undefined) throw manifestFault('deployments', `the chosen deployment has no origin ${name}`)
        client = make(origin)
        others.set(name, client)
      }
      return client
    },
  }
  rememberParts(client, { env, place })
  return client
}

type Slots = NonNullable<Manifest['transport']>['headers']

/** Fixed texts, and fields of the configuration; fields that were left out write nothing. */
function slots(declared: Slots, config: Values, nameOf: (name: string) => string): Record<string, string> {
  const written: Record<string, string> = {}
  for (const [name, slot] of Object.entries(declared ?? {})) {
    const value = typeof slot === 'string' ? slot : entryOf(config, slot.config)
    if (value === undefined || value === null) continue
    if (typeof value === 'object') {
      const issue = {
        path: typeof slot === 'string' ? name : slot.config,
        message: 'must be text, a number or a boolean',
      }
      throw new Fault({ kind: 'config', sent: 'none', message: 'the config cannot be sent', issues: [issue] })
    }
    written[nameOf(name)] = String(value)
  }
  return written
}

/** Tells the throttle what bodies say about limits. */
class LimitReadingClient implements HttpClient {
  readonly #client: HttpClient
  readonly #read: NonNullable<ReturnType<typeof bodyLimits>>
  readonly #env: OpenEnv

  constructor(client: HttpClient, read: NonNullable<ReturnType<typeof bodyLimits>>, env: OpenEnv) {
    this.#client = client
    this.#read = read
    this.#env = env
  }

  async send(request: ClientRequest, call: Attempt): Promise<Reply> {
    const reply = await this.#client.send(request, call)
    if (typeof reply.value === 'object' && reply.value !== null) {
      const feedback = this.#read(reply.value, this.#env.clock.now())
      if (feedback !== undefined) call.feedback(feedback)
    }
    return reply
  }
}
