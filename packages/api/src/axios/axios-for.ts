import type { Clock } from '@patchbay/core'
import { systemClock } from '@patchbay/core'
import type { Attempt, HttpClient } from '@patchbay/core/http'
import axios, { type AxiosInstance, type CreateAxiosDefaults } from 'axios'
import { adapterFor, keepData } from './adapter.ts'

declare module 'axios' {
  interface AxiosRequestConfig {
    /** The call of the operation that sends this request, so that its deadline and cancellation hold. */
    call?: Attempt | undefined
  }
}

export interface AxiosFaceOptions {
  /** Where relative URLs start: the client's base URL. */
  readonly baseUrl: string
  readonly clock?: Clock
  /** Defaults of the instance. What belongs to the transport (proxy, agents, redirects' hooks) is refused per request. */
  readonly defaults?: Omit<CreateAxiosDefaults, 'adapter' | 'baseURL'>
}

/**
 * A plain axios instance whose requests go out through Patchbay's transport: address guard, credential, limits, redirects, decoding and
 * errors are Patchbay's, everything else is axios'. Failures are PatchbayErrors that axios' own `isAxiosError` recognises too, with
 * `error.response` where there was one. A JSON answer that is no JSON is an error and not a string.
 */
export function axiosFor(client: HttpClient, options: AxiosFaceOptions): AxiosInstance {
  return axios.create({
    responseType: 'json',
    transformResponse: [keepData],
    ...options.defaults,
    // A base URL is no security boundary in axios, so absolute URLs may stand here: the client refuses what lies outside its own.
    allowAbsoluteUrls: true,
    baseURL: options.baseUrl,
    adapter: adapterFor(client, options.clock ?? systemClock),
    proxy: false,
    maxRedirects: undefined,
  } as unknown as CreateAxiosDefaults)
}
