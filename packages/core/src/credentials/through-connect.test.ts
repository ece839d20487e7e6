import { once } from 'node:events'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { connect } from '../connection.ts'
import { defineConnector } from '../connector.ts'
import type { HttpClient } from '../http/client-request.ts'
import { httpClient } from '../http/http-client.ts'
import { operation } from '../operation.ts'
import { unchecked } from '../schema.ts'
import { memoryStore } from '../stores/memory.ts'
import { makeCertificates } from '../testing/certificates/make-certificates.ts'
import { type AuthorizationServer, startAuthorizationServer } from '../testing/oauth/authorization-server.ts'
import { envelopeVault, localKeyring, newMasterKey } from '../vault/index.ts'
import { apiKey, mtls, oauth2RefreshToken, presetScheme } from './index.ts'

interface Config {
  readonly url: string
}

const connector = defineConnector({
  contract: 1,
  manifest: { id: 'test/resource', title: 'Resource', summary: 'A protected resource.', version: '1.0.0' },
  config: unchecked<Config>(),
  credentials: [oauth2RefreshToken.scheme, mtls.scheme],
  operations: {
    'resource.get': operation<undefined, { ok: boolean }, HttpClient>(
      { name: 'resource.get', effect: 'read', input: unchecked<undefined>({}), output: unchecked<{ ok: boolean }>({}) },
      async (client, _input, call) => (await client.send({ path: '/resource' }, call)).value,
    ),
  },
  open: async ({ url }: Config, env) => httpClient({ ...env, baseUrl: url, origin: 'builtin' }),
})

const client = { clientId: 'app', clientSecret: 'app secret' }
let server: AuthorizationServer
beforeAll(async () => {
  server = await startAuthorizationServer({ clients: [client] })
})
afterAll(() => server.close())

test('a token that ends in mid-flight is renewed once and silently; what is stored is sealed', async () => {
  const grant = server.grant('app')
  const store = memoryStore()
  const vault = envelopeVault({ keys: localKeyring({ current: 'k', keys: { k: newMasterKey() } }) })
  const credential = oauth2RefreshToken({
    tokenEndpoint: `${server.url}/token`,
    ...client,
    refreshToken: grant.refresh_token,
    accessToken: grant.access_token,
    expiresAt: Date.now() + 300_000,
    origin: 'builtin',
  })
  await using connection = connect(connector, { config: { url: server.url }, credential, store, vault })
  expect(await connection.resource.get()).toEqual({ ok: true })
  expect(server.truth.tokenRequests).toBe(0)
  server.revoke(grant.access_token)
  const answers = await Promise.all(Array.from({ length: 50 }, () => connection.resource.get()))
  expect(answers).toEqual(Array(50).fill({ ok: true }))
  expect(server.truth).toMatchObject({ tokenRequests: 1, reuses: 0 })
  const stored = JSON.stringify(await store.list('credential/'))
  expect(stored).toContain('pbv1.')
  expect(stored).not.toMatch(/[ar]t_[A-Za-z0-9_-]{32}/)
})

test('a grant that ended is a credential error with the next step', async () => {
  const grant = server.grant('app')
  server.revokeGrant(grant.refresh_token)
  const credential = oauth2RefreshToken({
    tokenEndpoint: `${server.url}/token`,
    ...client,
    refreshToken: grant.refresh_token,
    origin: 'builtin',
  })
  await using connection = connect(connector, { config: { url: server.url }, credential })
  await expect(connection.resource.get()).rejects.toMatchObject({
    kind: 'credential',
    retry: 'never',
    code: 'reauthorize',
    attempts: 1,
    message: expect.stringContaining('authorize the connection again'),
  })
})

test('a client certificate reaches the server through the standard transport', async () => {
  const pki = makeCertificates()
  const secure = createServer(
    {
      cert: pki.server.certificate,
      key: pki.server.key,
      ca: pki.authority.certificate,
      requestCert: true,
      rejectUnauthorized: true,
    },
    (request, response) => {
      const { CN } = (request.socket as TLSSocket).getPeerCertificate().subject
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ ok: true, peer: CN }))
    },
  )
  secure.listen(0, '127.0.0.1')
  await once(secure, 'listening')
  const url = `https://localhost:${(secure.address() as AddressInfo).port}`
  const { certificate, key } = pki.client
  const credential = mtls({ certificate, key, ca: pki.authority.certificate })
  const connection = connect(connector, { config: { url }, credential })
  try {
    expect(await connection.resource.get()).toMatchObject({ ok: true, peer: expect.any(String) })
  } finally {
    await connection.$close()
    secure.close()
    secure.closeAllConnections()
    await once(secure, 'close')
  }
})

test('a connector that settled a scheme takes no other form of it', () => {
  const own = presetScheme(apiKey, { in: 'header', name: 'authorization', prefix: 'Token token=' })
  const settled = defineConnector({ ...connector, credentials: [own.scheme] })
  const config = { url: 'https://vendor.example' }
  connect(settled, { config, credential: own({ key: 'k' }) })
  const other = apiKey({ key: 'k', in: 'query', name: 'api_key' })
  expect(() => connect(settled, { config, credential: other })).toThrow(
    /credential: "api-key" is settled in part by the connector/,
  )
  const plain = defineConnector({ ...connector, credentials: [apiKey.scheme] })
  expect(() => connect(plain, { config, credential: own({ key: 'k' }) })).toThrow(/credential: /)
})
