// OAuth 2 client credentials: one token for all callers, renewed before it ends and when it is refused, kept over restarts.
import { connect, defineConnector } from '@patchbay/core'
import { oauth2ClientCredentials } from '@patchbay/core/credentials'
import { httpClient, httpOperation, path } from '@patchbay/core/http'
import { memoryStore } from '@patchbay/core/stores/memory'
import { startAuthorizationServer } from '@patchbay/core/testing'
import { envelopeVault, localKeyring, newMasterKey } from '@patchbay/core/vault'
import { z } from 'zod'

await using server = await startAuthorizationServer({ clients: [{ clientId: 'robot', clientSecret: 'robot-secret' }] })
const connector = defineConnector({
  contract: 1,
  manifest: { id: 'api/resource', title: 'Resource', summary: 'Wants a token.', version: '1.0.0' },
  config: z.strictObject({ url: z.url() }),
  credentials: [oauth2ClientCredentials.scheme],
  operations: {
    'resource.get': httpOperation(
      { name: 'resource.get', effect: 'read', input: z.undefined(), output: z.object({ ok: z.boolean() }) },
      { request: () => ({ path: path`/resource` }) },
    ),
  },
  open: async ({ url }, env) => httpClient({ ...env, baseUrl: url }),
})
const credential = oauth2ClientCredentials({
  tokenEndpoint: `${server.url}/token`,
  clientId: 'robot',
  clientSecret: 'robot-secret',
  scope: ['read'],
})
// Tokens go into the store, sealed: other processes and the next start use them instead of asking for more.
const store = memoryStore()
const vault = envelopeVault({ keys: localKeyring({ current: 'key-1', keys: { 'key-1': newMasterKey() } }) })
const network = { allow: [{ host: '127.0.0.1' }] }
const options = { config: { url: server.url }, credential, store, vault, network }

const connection = connect(connector, options)
connection.$events.on('credential-refresh', ({ outcome, reason }) => console.log(`   token: ${outcome} (${reason})`))
const counts = (): string => `${server.truth.tokenRequests} token requests, ${server.truth.resourceRequests} calls`

await Promise.all(Array.from({ length: 20 }, () => connection.resource.get()))
console.log('20 callers at once:', counts())

const [entry] = await store.list('')
console.log('stored:', entry?.key, '=', `${entry?.value.slice(0, 60)}...`)
await connection.$close()

const restarted = connect(connector, options)
await restarted.resource.get()
console.log('after a restart:', counts())
await restarted.$close()

// A wrong secret is a `credential` error that says what to do, and shows nothing of the secret.
const wrong = oauth2ClientCredentials({
  tokenEndpoint: `${server.url}/token`,
  clientId: 'robot',
  clientSecret: 'wrong',
})
await using refused = connect(connector, { ...options, store: memoryStore(), credential: wrong })
await refused.resource.get().catch((error: unknown) => console.log(error instanceof Error ? error.message : error))
