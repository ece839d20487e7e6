// OAuth 2 for people: authorization code with PKCE, then single-use refresh tokens that no crowd of callers burns.
import { connect, defineConnector, systemClock, systemRandom } from '@patchbay/core'
import { beginAuthorization, completeAuthorization, oauth2Code } from '@patchbay/core/credentials'
import { httpClient, httpOperation, path, undiciTransport } from '@patchbay/core/http'
import { memoryStore } from '@patchbay/core/stores/memory'
import { startAuthorizationServer } from '@patchbay/core/testing'
import { z } from 'zod'

const redirectUri = 'https://app.example/oauth/callback'
await using server = await startAuthorizationServer({
  clients: [{ clientId: 'app', clientSecret: 'app-secret', redirectUris: [redirectUri] }],
})
const settings = {
  authorizationEndpoint: `${server.url}/authorize`,
  tokenEndpoint: `${server.url}/token`,
  clientId: 'app',
  clientSecret: 'app-secret',
  redirectUri,
  // Set, every callback must name it (RFC 9207): nobody mixes up two vendors.
  issuer: server.url,
  scope: 'offline_access',
  // Tells whether a refresh token is still good after an answer got lost.
  introspectionEndpoint: `${server.url}/introspect`,
} as const

// 1. Send the person away. Keep `pending` on the server, bound to their session, for one use: it holds the PKCE verifier.
const { url, state, pending } = beginAuthorization(settings)
console.log('send the person to', new URL(url).pathname, 'with', [...new URL(url).searchParams.keys()].join(', '))
console.log('pending prints as', String(pending), '- find it again by the state:', state.length, 'characters')

// 2. The person agrees, and their browser comes back with a code.
const answer = await fetch(url, { redirect: 'manual' })
const callback = answer.headers.get('location') ?? ''

// 3. Code for tokens. The callback must belong to `pending`, or nothing is asked of the vendor.
const transport = undiciTransport({ clock: systemClock, allow: [{ host: '127.0.0.1' }] })
const env = { clock: systemClock, random: systemRandom, transport: async () => transport }
const forged = completeAuthorization(settings, { url: `${callback}x&state=other`, pending }, env)
await forged.catch((error: unknown) => console.log(error instanceof Error ? error.message : error))
const { accessToken, refreshToken, expiresAt } = await completeAuthorization(settings, { url: callback, pending }, env)
if (refreshToken === undefined)
  throw new Error('the vendor gave no refresh token: ask for a scope such as offline_access')

// 4. A connection that lives on them. With a store, the refresh token given here is only the first of its line.
const connector = defineConnector({
  contract: 1,
  manifest: { id: 'api/resource', title: 'Resource', summary: 'Wants a token.', version: '1.0.0' },
  config: z.strictObject({ url: z.url() }),
  credentials: [oauth2Code.scheme],
  operations: {
    'resource.get': httpOperation(
      { name: 'resource.get', effect: 'read', input: z.undefined(), output: z.unknown() },
      { request: () => ({ path: path`/resource` }) },
    ),
  },
  open: async (config, env) => httpClient({ ...env, baseUrl: config.url }),
})
const connection = connect(connector, {
  config: { url: server.url },
  credential: oauth2Code({ ...settings, refreshToken, accessToken, expiresAt }),
  store: memoryStore(),
  transport,
})
connection.$events.on('credential-refresh', ({ outcome, reason }) => console.log(`   token: ${outcome} (${reason})`))
await connection.resource.get()

// The access token is ended early while fifty callers use it, and the renewal is slow. One of them renews, the others wait for it.
server.revoke(accessToken.reveal())
server.fault({ kind: 'delay-after', ms: 50 })
await Promise.all(Array.from({ length: 50 }, () => connection.resource.get()))
const { tokenRequests, resourceRequests } = server.truth
console.log(`50 callers over a renewal: ${tokenRequests} token requests in all, ${resourceRequests} calls`)
await connection.$close()
await transport.close()
