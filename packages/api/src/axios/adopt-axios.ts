import { systemClock } from '@patchbay/core'
import type { HttpClient } from '@patchbay/core/http'
import axios, { type AxiosInstance } from 'axios'
import { adapterFor, keepData } from './adapter.ts'
import type { AxiosFaceOptions } from './axios-for.ts'

/**
 * Makes an axios instance of the user's own ride on Patchbay's transport: its defaults and interceptors stay, its adapter is replaced. A
 * base URL of its own stays too, and must lie under the client's. What belongs to the transport (proxy, agents) is refused per request.
 */
export function adoptAxios(
  instance: AxiosInstance,
  client: HttpClient,
  options: Pick<AxiosFaceOptions, 'baseUrl' | 'clock'>,
): AxiosInstance {
  const { defaults } = instance
  defaults.adapter = adapterFor(client, options.clock ?? systemClock)
  defaults.baseURL ??= options.baseUrl
  defaults.allowAbsoluteUrls = true
  defaults.proxy = false
  // Parsed by the adapter, with the checks that axios lacks, unless the user transforms answers himself.
  const own = [defaults.transformResponse].flat()
  const usual = [axios.defaults.transformResponse].flat()
  if (own.length === usual.length && own.every((transform, index) => transform === usual[index])) {
    defaults.transformResponse = [keepData]
    defaults.responseType ??= 'json'
  }
  return instance
}
