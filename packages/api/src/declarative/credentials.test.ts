import { createHmac, generateKeyPairSync } from 'node:crypto'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { TLSSocket } from 'node:tls'
import { inspect } from 'node:util'
import type { CredentialSource } from '@patchbay/core'
import { beginAuthorization } from '@patchbay/core/credentials'
import { makeCertificates } from '@patchbay/core/testing'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { authorizationOf } from './authorization.ts'
import { connectTo, failureOf, smallManifest } from './fixtures/small-manifest.ts'
import { startVendor, type Vendor } from './fixtures/vendor.ts'
import { integration } from './integration.ts'

let vendor: Vendor
const opened: { $close(): Promise<void> }[] = []
beforeAll(async () => {
  vendor = await startVendor()
})
afterAll(() => vendor.close())
afterEach(async () => {
  await Promise.all(opened.splice(0).map((connection) => connection.$close()))
  vendor.seen.length = 0
  vendor.answer = () => ({ json: {} })
})

type Make = (fields: object) => CredentialSource
const manifestOf = (credential: object, parts: object = {}) =>
  smallManifest({ credentials: [{ id: 'key', ...credential }], ...parts })
const makeOf = (manifest: ReturnType<typeof smallManifest>): Make =>
  (integration(manifest).credential as unknown as Record<string, Make>).key as Make

function live(credential: object, fields: object, parts: object = {}) {
  const manifest = manifestOf(credential, parts)
  const connection = connectTo(manifest, { url: vendor.url }, { credential: makeOf(manifest)(fields) })
  opened.push(connection)
  return connection
}

async function wire(credential: object, fields: object, parts: object = {}) {
  await live(credential, fields, parts).thing?.get?.()
  const request = vendor.seen.at(-1)
  if (request === undefined) throw new Error('nothing was sent')
  return request
}

const tokens = (token = 'made-token') => {
  vendor.answer = ({ url }) =>
    url.pathname === '/token' ? { json: { access_token: token, token_type: 'bearer', expires_in: 600 } } : { json: {} }
}
const formOf = (at = 0) => Object.fromEntries(new URLSearchParams(vendor.seen[at]?.text))
const endpoint = { tokenEndpoint: '{url}/token' }
const basicOf = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`

describe('on the wire', () => {
  test('none, with and without saying so', async () => {
    expect((await wire({ scheme: 'none' }, {})).headers.authorization).toBeUndefined()
    const connection = connectTo(manifestOf({ scheme: 'none' }), { url: vendor.url })
    opened.push(connection)
    await connection.thing?.get?.()
    expect(vendor.seen.length).toBe(2)
  })

  test('api-key in a header with a prefix, and in the query', async () => {
    const header = { scheme: 'api-key', settle: { in: 'header', name: 'Authorization', prefix: 'Token token=' } }
    expect((await wire(header, { key: 'k1' })).headers.authorization).toBe('Token token=k1')
    expect((await wire({ scheme: 'api-key', settle: { in: 'query', name: 'key' } }, { key: 'k 2' })).target).toBe(
      '/thing?key=k%202',
    )
  })

  test('bearer', async () => {
    expect((await wire({ scheme: 'bearer' }, { token: 'b1' })).headers.authorization).toBe('Bearer b1')
  })

  test('basic, with a suffix, and with the key as the user name', async () => {
    const both = await wire(
      { scheme: 'basic', settle: { usernameSuffix: '/token' } },
      { username: 'ann', password: 'p' },
    )
    expect(both.headers.authorization).toBe(basicOf('ann/token:p'))
    const key = await wire({ scheme: 'basic', settle: { password: 'X' } }, { username: 'key-1' })
    expect(key.headers.authorization).toBe(basicOf('key-1:X'))
    const fixed = await wire({ scheme: 'basic', settle: { username: 'api' } }, { password: 'key-2' })
    expect(fixed.headers.authorization).toBe(basicOf('api:key-2'))
  })

  test('oauth2-client-credentials, with the scope of the manifest or the user, at an endpoint of the configuration', async () => {
    tokens()
    const credential = {
      scheme: 'oauth2-client-credentials',
      settle: { ...endpoint, scope: ['a', 'b'], parameters: { audience: '{url}' } },
    }
    expect((await wire(credential, { clientId: 'app', clientSecret: 's' })).headers.authorization).toBe(
      'Bearer made-token',
    )
    expect(formOf()).toEqual({ grant_type: 'client_credentials', scope: 'a b', audience: vendor.url })
    expect(vendor.seen[0]?.headers.authorization).toBe(basicOf('app:s'))
    vendor.seen.length = 0
    const post = {
      ...credential,
      settle: { ...credential.settle, authentication: 'client_secret_post', authorizationWord: 'Acme' },
    }
    expect((await wire(post, { clientId: 'app', clientSecret: 's', scope: 'c' })).headers.authorization).toBe(
      'Acme made-token',
    )
    expect(formOf()).toMatchObject({ client_id: 'app', client_secret: 's', scope: 'c' })
  })

  test('oauth2 with a private key as the proof', async () => {
    tokens()
    const { privateKey } = generateKeyPairSync('ec', {
      namedCurve: 'P-256',
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    })
    const credential = {
      scheme: 'oauth2-client-credentials',
      settle: { ...endpoint, authentication: 'private_key_jwt' },
    }
    await wire(credential, { clientId: 'app', privateKey, keyId: 'k' })
    expect(formOf().client_assertion).toMatch(/^eyJ/)
  })

  test('oauth2-password', async () => {
    tokens()
    await wire(
      { scheme: 'oauth2-password', settle: endpoint },
      { username: 'ann', password: 'p', clientId: 'app', clientSecret: 's' },
    )
    expect(formOf()).toEqual({ grant_type: 'password', username: 'ann', password: 'p' })
  })

  test('oauth2-refresh-token and oauth2-code', async () => {
    tokens()
    const fields = { clientId: 'app', clientSecret: 's', refreshToken: 'r1' }
    await wire({ scheme: 'oauth2-refresh-token', settle: { ...endpoint, refreshTokens: 'reusable' } }, fields)
    expect(formOf()).toMatchObject({ grant_type: 'refresh_token', refresh_token: 'r1' })
    vendor.seen.length = 0
    const code = { scheme: 'oauth2-code', settle: { ...endpoint, authorizationEndpoint: '{url}/authorize' } }
    await wire(code, { ...fields, redirectUri: 'https://host.test/callback' })
    expect(formOf()).toMatchObject({ grant_type: 'refresh_token' })
  })

  test('oauth2-code begins at the endpoint of the deployment', () => {
    const code = {
      scheme: 'oauth2-code',
      settle: {
        ...endpoint,
        authorizationEndpoint: '{url}/authorize',
        scope: ['a'],
        authorizationParameters: { prompt: 'consent' },
      },
    }
    const declared = integration(manifestOf(code))
    const config = authorizationOf(
      declared,
      'key',
      { url: vendor.url },
      { clientId: 'app', redirectUri: 'https://host.test/callback' },
    )
    const url = new URL(beginAuthorization(config).url)
    expect(url.origin + url.pathname).toBe(`${vendor.url}/authorize`)
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      client_id: 'app',
      scope: 'a',
      prompt: 'consent',
      code_challenge_method: 'S256',
    })
    expect(() => authorizationOf(declared, 'other', { url: vendor.url }, { clientId: 'a', redirectUri: 'b' })).toThrow(
      'oauth2-code',
    )
  })

  test('oauth2-jwt-bearer and oauth2-token-exchange', async () => {
    tokens()
    const { privateKey } = generateKeyPairSync('rsa', {
      modulusLength: 2048,
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    })
    const jwt = { scheme: 'oauth2-jwt-bearer', settle: { ...endpoint, audience: '{url}/aud', claims: { extra: 1 } } }
    await wire(jwt, { key: privateKey, issuer: 'robot' })
    const claims = JSON.parse(Buffer.from(String(formOf().assertion).split('.')[1] as string, 'base64url').toString())
    expect(claims).toMatchObject({ iss: 'robot', aud: `${vendor.url}/aud`, extra: 1 })
    vendor.seen.length = 0
    await wire({ scheme: 'oauth2-token-exchange', settle: { ...endpoint, audience: 'aud' } }, { subjectToken: 'st' })
    expect(formOf()).toMatchObject({ subject_token: 'st', audience: 'aud' })
  })

  test('session: logs in below the base URL, carries what it took, logs in anew when refused, and out', async () => {
    let session = 0
    vendor.answer = ({ url, headers }) => {
      if (url.pathname === '/login') return { json: { data: { id: `s${++session}` } } }
      return headers['x-session'] === 's1' && vendor.seen.length > 2 ? { status: 403, json: {} } : { json: {} }
    }
    const credential = {
      scheme: 'session',
      refusals: [403],
      fields: { user: { type: 'string' }, password: { type: 'string', writeOnly: true } },
      settle: {
        steps: [
          {
            method: 'POST',
            path: '/login',
            json: { 'auth.name': { field: 'user' }, 'auth.password': { secret: 'password' } },
            take: { id: { from: 'json', path: 'data.id' } },
          },
        ],
        writes: [{ header: 'x-session', value: { taken: 'id' } }],
        logout: { method: 'DELETE', path: '/logout', headers: { 'x-session': { taken: 'id' } } },
      },
    }
    const connection = live(credential, { user: 'ann', password: 'p' })
    await connection.thing?.get?.()
    await connection.thing?.get?.()
    await connection.$close()
    const told = vendor.seen.map(({ method, target, headers }) => `${method} ${target} ${headers['x-session'] ?? ''}`)
    expect(told).toEqual([
      'POST /login ',
      'GET /thing s1',
      'GET /thing s1',
      'POST /login ',
      'GET /thing s2',
      'DELETE /logout s2',
    ])
    expect(vendor.seen[0]?.json()).toEqual({ auth: { name: 'ann', password: 'p' } })
  })

  test('session: fields in the path of a login are one segment each', async () => {
    vendor.answer = ({ url }) => (url.pathname.startsWith('/login/') ? { text: '{"signed":true}' } : { json: {} })
    const credential = {
      scheme: 'session',
      fields: { tenant: { type: 'string' }, user: { type: 'string' }, key: { type: 'string', writeOnly: true } },
      settle: {
        steps: [
          {
            method: 'POST',
            path: '/login/{tenant}/{user}/open',
            text: { secret: 'key' },
            take: { token: { from: 'text' } },
          },
        ],
        writes: [{ header: 'x-token', value: { encode: 'base64', of: { taken: 'token' } } }],
      },
    }
    const { headers } = await wire(credential, { tenant: 'a', user: 'host/my app?', key: 'k' })
    expect(vendor.seen[0]).toMatchObject({ target: '/login/a/host%2Fmy%20app%3F/open', text: 'k' })
    expect(headers['x-token']).toBe(Buffer.from('{"signed":true}').toString('base64'))
    expect(() => makeOf(manifestOf(credential))({ tenant: '..', user: 'u', key: 'k' })).toThrow(/tenant/)
  })

  test('signer', async () => {
    const writes = [
      { header: 'x-signature', value: { hmac: 'sha256', key: { secret: 'key' }, of: { request: 'path-and-query' } } },
      { header: 'x-key', value: { field: 'keyId' } },
    ]
    const { headers } = await wire(
      { scheme: 'signer', settle: { signer: 'v1' } },
      { key: 'sk', keyId: 'k1' },
      { signers: { v1: { writes, vectors: [] } } },
    )
    expect(headers).toMatchObject({
      'x-key': 'k1',
      'x-signature': createHmac('sha256', 'sk').update('/thing').digest('hex'),
    })
  })

  test('aws-sigv4 with a region of the configuration', async () => {
    const credential = { scheme: 'aws-sigv4', settle: { service: 'execute-api', region: '{zone}' } }
    const manifest = manifestOf(credential, { config: { url: { type: 'string' }, zone: { type: 'string' } } })
    const source = makeOf(manifest)({ accessKeyId: 'AKID', secretAccessKey: 'sk' })
    const connection = connectTo(manifest, { url: vendor.url, zone: 'eu-west-1' }, { credential: source })
    opened.push(connection)
    await connection.thing?.get?.()
    expect(vendor.seen[0]?.headers.authorization).toMatch(
      /Credential=AKID\/\d{8}\/eu-west-1\/execute-api\/aws4_request/,
    )
  })

  test('http-message-signature', async () => {
    const settle = { components: ['@method', '@path'], algorithm: 'hmac-sha256' }
    const { headers } = await wire(
      { scheme: 'http-message-signature', settle },
      { key: Buffer.alloc(32, 7).toString('base64'), keyId: 'k1' },
    )
    expect(headers['signature-input']).toMatch(/^sig1=\("@method" "@path"\);created=\d+;keyid="k1"/)
  })

  test('mtls, in a handshake that wants it', async () => {
    const { authority, server: identity, client, foreignClient } = makeCertificates()
    const options = {
      cert: identity.certificate,
      key: identity.key,
      ca: authority.certificate,
      requestCert: true,
      rejectUnauthorized: true,
    }
    const server = createServer(options, (request, response) => {
      const name = (request.socket as TLSSocket).getPeerCertificate().subject.CN
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ name }))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}`
    const manifest = manifestOf({ scheme: 'mtls' })
    const call = ({ certificate, key }: { certificate: string; key: string }) => {
      const network = { allow: [{ cidr: '127.0.0.0/8' }], tls: { ca: authority.certificate } }
      const connection = connectTo(manifest, { url }, { network, credential: makeOf(manifest)({ certificate, key }) })
      opened.push(connection)
      return connection.thing?.get?.() as Promise<unknown>
    }
    expect(await call(client)).toEqual({ name: 'Patchbay Test Client' })
    expect((await failureOf(call(foreignClient))).kind).toMatch(/^(?:credential|network)$/)
    await new Promise((resolve) => {
      server.close(resolve)
      server.closeAllConnections()
    })
  })

  test('oauth1', async () => {
    const credential = { scheme: 'oauth1', settle: { signatureMethod: 'HMAC-SHA256', realm: '123' } }
    const { headers } = await wire(credential, {
      consumerKey: 'ck',
      consumerSecret: 'cs',
      token: 't',
      tokenSecret: 'ts',
    })
    expect(headers.authorization).toMatch(
      /^OAuth realm="123", oauth_consumer_key="ck", oauth_token="t", oauth_signature_method="HMAC-SHA256"/,
    )
  })
})

describe('expiry', () => {
  test.each([
    [
      '403 with a code',
      { status: 403, body: "error == 'token_expired'" },
      { status: 403, json: { error: 'token_expired' } },
    ],
    [
      'a good status with an error',
      { status: 200, body: "error == 'token_expired'" },
      { json: { error: 'token_expired' } },
    ],
  ])('told by %s renews the credential and sends the call again', async (_, when, refusal) => {
    let made = 0
    vendor.answer = ({ url, headers }) => {
      if (url.pathname === '/token')
        return { json: { access_token: `t${++made}`, token_type: 'bearer', expires_in: 600 } }
      return headers.authorization === 'Bearer t1' ? refusal : { json: { fine: true } }
    }
    const errors = { rules: [{ when, kind: 'credential', expired: true }] }
    const credential = { scheme: 'oauth2-client-credentials', settle: endpoint }
    const connection = live(credential, { clientId: 'a', clientSecret: 's' }, { errors })
    expect(await connection.thing?.get?.()).toEqual({ fine: true })
    expect(made).toBe(2)
  })
})

describe('fields', () => {
  const refused = (credential: object, fields: object) => {
    try {
      makeOf(manifestOf(credential))(fields)
    } catch (error) {
      return (error as { issues: { path: string; message: string }[] }).issues
    }
    throw new Error('nothing was thrown')
  }

  test('that are missing or unknown are named, with what there is', () => {
    const header = { scheme: 'api-key', settle: { in: 'header', name: 'x-key' } }
    expect(refused(header, {})).toEqual([{ path: 'key', message: 'is missing' }])
    expect(refused(header, { key: 'k', name: 'evil' })).toEqual([
      { path: 'name', message: 'is not a field; there are key' },
    ])
    expect(refused({ scheme: 'bearer' }, { token: 'a b' })[0]?.path).toBe('token')
    expect(
      refused(
        { scheme: 'oauth2-client-credentials', settle: endpoint },
        { clientId: 'a', clientSecret: 's', tokenEndpoint: 'https://evil.example' },
      )[0]?.path,
    ).toBe('tokenEndpoint')
  })

  test('of another credential are not taken', async () => {
    const [one, two] = [
      { scheme: 'api-key', settle: { in: 'header', name: 'x-a' } },
      { scheme: 'api-key', settle: { in: 'query', name: 'b' } },
    ]
    const source = makeOf(manifestOf(one))({ key: 'k' })
    expect(() => connectTo(manifestOf(two), { url: vendor.url }, { credential: source })).toThrow('credential')
  })

  test('show in the scheme as a form, with the texts of the manifest', () => {
    const credential = {
      scheme: 'api-key',
      title: 'Token',
      settle: { in: 'header', name: 'x' },
      fields: { key: { type: 'string', title: 'API token' } },
    }
    const { scheme } =
      (integration(manifestOf(credential)).credential as never as Record<string, { scheme: Record<string, unknown> }>)
        .key ?? {}
    expect(scheme).toMatchObject({
      id: 'api-key',
      title: 'Token',
      fields: {
        properties: { key: { title: 'API token', writeOnly: true } },
        required: ['key'],
        additionalProperties: false,
      },
    })
  })

  test('never show', async () => {
    const source = makeOf(manifestOf({ scheme: 'api-key', settle: { in: 'header', name: 'x' } }))({
      key: 'very-secret-key',
    })
    expect(inspect(source, { depth: 10, showHidden: true })).not.toContain('very-secret-key')
    expect(JSON.stringify(source)).not.toContain('very-secret-key')
  })

  test('go to an endpoint below the base URL of the region that was chosen', async () => {
    const credential = { scheme: 'oauth2-client-credentials', settle: { tokenEndpoint: '/token' } }
    const regions = { one: '{url}/one', two: '{url}/two' }
    const manifest = manifestOf(credential, { deployments: [{ id: 'server', kind: 'self-hosted', regions }] })
    vendor.answer = () => ({ json: { access_token: 'made-token', token_type: 'bearer', expires_in: 600 } })
    for (const region of ['one', 'two']) {
      const source = makeOf(manifest)({ clientId: 'a', clientSecret: 's' })
      const connection = connectTo(manifest, { url: vendor.url, region }, { credential: source })
      opened.push(connection)
      await connection.thing?.get?.()
    }
    expect(vendor.seen.map(({ url }) => url.pathname)).toEqual(['/one/token', '/one/thing', '/two/token', '/two/thing'])
  })

  test('of the configuration that an endpoint needs are asked for when the connection opens', async () => {
    const settle = { tokenEndpoint: 'https://{tenant}.login.acme.example/token' }
    const parts = { config: { url: { type: 'string' }, tenant: { type: 'string', default: 'a.b' } } }
    const connection = live(
      { scheme: 'oauth2-client-credentials', settle },
      { clientId: 'a', clientSecret: 's' },
      parts,
    )
    expect(await failureOf(connection.thing?.get?.() as Promise<unknown>)).toMatchObject({
      kind: 'config',
      issues: [{ path: 'tenant' }],
    })
    expect(vendor.seen).toEqual([])
  })
})
