// OAuth 2 with keys instead of secrets: a signed assertion as the grant (JWT bearer), and as the client's proof (private_key_jwt).
import { generateKeyPairSync } from 'node:crypto'
import { type CredentialSource, connect, defineConnector } from '@patchbay/core'
import { oauth2ClientCredentials, oauth2JwtBearer, oauth2TokenExchange } from '@patchbay/core/credentials'
import { httpClient, httpOperation, path } from '@patchbay/core/http'
import { startAuthorizationServer } from '@patchbay/core/testing'
import { z } from 'zod'

const newPair = () =>
  generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  })
const { privateKey: key, publicKey } = newPair()
await using server = await startAuthorizationServer({
  clients: [{ clientId: 'gateway', publicKey }],
  issuers: [{ issuer: 'robot@acme.example', publicKey }],
})
const connector = defineConnector({
  contract: 1,
  manifest: { id: 'api/resource', title: 'Resource', summary: 'Wants a token.', version: '1.0.0' },
  config: z.strictObject({ url: z.url() }),
  // A connector may accept several ways; forms and the catalog read them from here.
  credentials: [oauth2JwtBearer.scheme, oauth2ClientCredentials.scheme, oauth2TokenExchange.scheme],
  operations: {
    'resource.get': httpOperation(
      { name: 'resource.get', effect: 'read', input: z.undefined(), output: z.unknown() },
      { request: () => ({ path: path`/resource` }) },
    ),
  },
  open: async ({ url }, env) => httpClient({ ...env, baseUrl: url }),
})
async function tell(what: string, credential: CredentialSource): Promise<void> {
  const network = { allow: [{ host: '127.0.0.1' }] }
  await using connection = connect(connector, { config: { url: server.url }, credential, network })
  await connection.resource.get().then(
    () => console.log(`${what}: done`),
    (error: unknown) => console.log(`${what}: ${error instanceof Error ? error.message : error}`),
  )
}
const tokenEndpoint = `${server.url}/token`

// A service account: it names itself in an assertion that only its key can have signed. The algorithm follows from the key.
const account = { tokenEndpoint, key, keyId: 'key-1', issuer: 'robot@acme.example' }
await tell('JWT bearer', oauth2JwtBearer(account))
await tell('with a key that nobody knows', oauth2JwtBearer({ ...account, key: newPair().privateKey }))

// A client that proves itself with a key (RFC 7523 section 2.2). There is no shared secret that could leak.
const authentication = { method: 'private_key_jwt', key, keyId: 'key-1' } as const
await tell('private_key_jwt', oauth2ClientCredentials({ tokenEndpoint, clientId: 'gateway', authentication }))

// One token for another: a workload's own token, read anew for each exchange since its platform renews the file.
const subjectToken = async (): Promise<string> => server.grant('gateway').access_token
await tell(
  'token exchange',
  oauth2TokenExchange({ tokenEndpoint, clientId: 'gateway', authentication, subjectToken, audience: 'resource' }),
)

// A key that is no key is found out before anything is sent, and is not repeated in the message.
try {
  oauth2JwtBearer({ ...account, key: 'not a key' })
} catch (error) {
  console.log(error instanceof Error ? error.message : error)
}
console.log('token requests in all:', server.truth.tokenRequests)
