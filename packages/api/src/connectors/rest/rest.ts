import type { OpenEnv } from '@patchbay/core'
import { type ErrorMapping, httpClient } from '@patchbay/core/http'
import { apiClient } from '../../api-client.ts'
import { type APIClient, defineAPIConnector } from '../../contract.ts'
import { credentialSchemes } from '../../credential-schemes.ts'
import { requestOperations, resourceOperations } from '../../request/request-operations.ts'
import { type RestConfig, restConfig } from './config.ts'
import { judgeOf } from './failed-answer.ts'
import { manifest } from './manifest.ts'

/**
 * Any REST API, by its base URL:
 *
 * ```ts
 * const connection = connect(rest, { config: { url: 'https://api.example.com/v1' }, credential: bearer({ token }) })
 * const { value } = await connection.resource.get({ path: path`/users/${id}`, schema: User })
 * for await (const user of connection.resource.list({ path: '/users', items: 'data', schema: User })) …
 * ```
 */
export const rest = defineAPIConnector({
  contract: 1,
  manifest,
  api: { style: 'rest' },
  config: restConfig,
  credentials: credentialSchemes,
  operations: { ...resourceOperations, ...requestOperations },
  open: async (config, env) => openRest(config, env),
  target: ({ url }) => new URL(url).host,
})

function openRest(config: RestConfig, env: OpenEnv): APIClient {
  const { url: baseUrl, headers, rateHeaders, arrays, json, limits, hosts, paging, items, idempotencyHeader } = config
  const http = httpClient({
    ...env,
    baseUrl,
    headers,
    rateHeaders,
    arrays,
    json,
    limits,
    errors: errorMapping(config.errors),
    redirectTo: hosts?.map((host) => new URL(host).origin),
  })
  const { clock, drivers } = env
  return apiClient(http, { baseUrl, clock, axios: drivers.axios, defaults: { paging, items, idempotencyHeader } })
}

function errorMapping(errors: RestConfig['errors']): ErrorMapping | undefined {
  if (errors === undefined) return undefined
  const { failed, ...mapping } = errors as typeof errors & ErrorMapping
  return failed === undefined ? mapping : { ...mapping, judge: judgeOf(failed, mapping), judgesSuccess: true }
}
