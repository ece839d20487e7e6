import type { Clock } from '@patchbay/core'
import type { HttpClient } from '@patchbay/core/http'
import type { AxiosInstance } from 'axios'
import type { APIClient, RequestDefaults } from './contract.ts'

export interface APIClientOptions {
  /** Where relative URLs of axios start: the client's base URL. */
  readonly baseUrl: string
  readonly clock: Clock
  /** An instance of the user, from `drivers: { axios }`. */
  readonly axios?: unknown
  readonly defaults?: RequestDefaults | undefined
}

/** The faces of a client, for `open` of an API connector: `apiClient(httpClient({ ...env, baseUrl }), { baseUrl, clock: env.clock })`. */
export function apiClient(http: HttpClient, options: APIClientOptions): APIClient {
  const { baseUrl, clock } = options
  let own: Promise<AxiosInstance> | undefined
  const code = () => import('./axios/index.ts')
  const first = async (): Promise<AxiosInstance> => {
    const { adoptAxios, axiosFor } = await code()
    return options.axios === undefined
      ? axiosFor(http, { baseUrl, clock })
      : adoptAxios(options.axios as AxiosInstance, http, { baseUrl, clock })
  }
  return {
    http,
    defaults: options.defaults,
    send: (request, call) => http.send(request, call),
    async axios(defaults) {
      if (defaults !== undefined) return (await code()).axiosFor(http, { baseUrl, clock, defaults })
      own ??= first()
      return own
    },
  }
}
