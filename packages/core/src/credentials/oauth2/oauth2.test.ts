import { createHash, generateKeyPairSync } from 'node:crypto'
import { inspect } from 'node:util'
import { decodeProtectedHeader, importSPKI, jwtVerify } from 'jose'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Credential, CredentialSource } from '../../credential.ts'
import { isPatchbayError } from '../../errors.ts'
import { Secret } from '../../secret.ts'
import { memoryStore } from '../../stores/memory.ts'
import { makeCertificates } from '../../testing/certificates/make-certificates.ts'
import { type AuthorizationServer, startAuthorizationServer } from '../../testing/oauth/authorization-server.ts'
import { fakeClock } from '../../testing/time/fake-clock.ts'
import { getRequest, testEnv } from '../fixtures/credential-env.ts'
import { type JwtAlgorithm, jwtAlgorithms, signJwt, signSharedJwt } from '../sign-jwt.ts'
import { oauth2Code } from './authorization-code.ts'
import { type AuthorizationConfig, beginAuthorization, completeAuthorization } from './authorization-request.ts'
import { oauth2ClientCredentials } from './client-credentials.ts'
import { oauth2JwtBearer } from './jwt-bearer.ts'
import { oauth2TokenExchange } from './token-exchange.ts'

const pair = (): { publicKey: string; privateKey: string } =>
  generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
const clientKey = pair()
const issuerKey = pair()
const redirectUri = 'https://host.test/callback'
const secret = 'p@ss w:rd/+ü'

const clock = fakeClock()
let server: AuthorizationServer
let offset = 0

async function restart(clockOffsetMs: number): Promise<void> {
  offset = clockOffsetMs
  await server.close()
  server = await start()
}

const start = (): Promise<AuthorizationServer> =>
  startAuthorizationServer({
    clock,
    clockOffsetMs: offset,
    clients: [
      { clientId: 'app', clientSecret: secret, redirectUris: [redirectUri] },
      { clientId: 'keyed', publicKey: clientKey.publicKey },
      { clientId: 'public', redirectUris: [redirectUri] },
    ],
    issuers: [{ issuer: 'robot@project.test', publicKey: issuerKey.publicKey }],
  })

beforeEach(async () => {
  offset = 0
  server = await start()
})
afterEach(() => server.close())

const app = () => ({ tokenEndpoint: `${server.url}/token`, clientId: 'app', clientSecret: secret })

async function tokenOf(source: CredentialSource, env = testEnv({ clock })): Promise<string> {
  const credential: Credential = await source.open(env)
  const request = getRequest()
  await credential.apply(request)
  return String(request.headers.authorization).replace(/^\w+ /, '')
}

async function errorOf(
  work: Promise<unknown> | (() => unknown),
): Promise<{ kind?: string; code?: string; message: string }> {
  try {
    await (typeof work === 'function' ? work() : work)
  } catch (error) {
    const { facts = {}, message } = error as { facts?: object; message: string }
    if (isPatchbayError(error))
      return { kind: error.kind, ...(error.code === undefined ? {} : { code: error.code }), message }
    return { ...facts, message }
  }
  throw new Error('nothing failed')
}

describe('client credentials', () => {
  test.each(['client_secret_basic', 'client_secret_post'] as const)(
    '%s with a secret full of special characters',
    async (authentication) => {
      const env = testEnv({ clock })
      const token = await tokenOf(oauth2ClientCredentials({ ...app(), authentication, scope: ['a', 'b'] }), env)
      expect(server.isGood(token)).toBe(true)
      expect(env.transportRequests[0]).toMatchObject({ method: 'POST', limits: { maxRedirects: 0 } })
      expect(String(env.transportRequests[0]?.body)).toContain('scope=a+b')
      // There are servers that undo percent-encoding only, so no space may stand as "+".
      const { authorization = '' } = env.transportRequests[0]?.headers ?? {}
      const pair = Buffer.from(String(authorization).slice('Basic '.length), 'base64').toString()
      if (authentication === 'client_secret_basic')
        expect(decodeURIComponent(pair.slice(pair.indexOf(':') + 1))).toBe(secret)
    },
  )

  test("private_key_jwt, and once more with the server's clock when ours is wrong", async () => {
    const config = { tokenEndpoint: `${server.url}/token`, clientId: 'keyed' }
    const authentication = { method: 'private_key_jwt', key: new Secret(clientKey.privateKey), keyId: 'k1' } as const
    expect(server.isGood(await tokenOf(oauth2ClientCredentials({ ...config, authentication })))).toBe(true)
    await restart(3_600_000)
    const later = { ...config, tokenEndpoint: `${server.url}/token`, authentication }
    expect(server.truth.tokenRequests).toBe(0)
    const token = await tokenOf(oauth2ClientCredentials(later))
    expect(server.isGood(token)).toBe(true)
    expect(server.truth.tokenRequests).toBe(2)
  })

  test('tls_client_auth names the client and presents the certificate', async () => {
    const { client } = makeCertificates()
    const authentication = { method: 'tls_client_auth', certificate: client.certificate, key: client.key } as const
    const config = { tokenEndpoint: `${server.url}/token`, clientId: 'public' }
    const credential = await oauth2ClientCredentials({ ...config, authentication }).open(testEnv({ clock }))
    expect(credential.tls).toMatchObject({ certificate: client.certificate, key: client.key })
    // The server has no TLS and takes the client for a public one, which may not use this grant: what matters is what was sent.
    expect(await errorOf(Promise.resolve(credential.apply(getRequest())))).toMatchObject({
      code: 'unauthorized_client',
    })
  })

  test('processes with the same secret share a stored token, another secret gets none of it', async () => {
    const store = memoryStore({ clock })
    const env = () => testEnv({ clock, store })
    const token = await tokenOf(oauth2ClientCredentials(app()), env())
    expect(await tokenOf(oauth2ClientCredentials(app()), env())).toBe(token)
    expect(server.truth.tokenRequests).toBe(1)
    const guessed = tokenOf(oauth2ClientCredentials({ ...app(), clientSecret: 'guess' }), env())
    expect(await errorOf(guessed)).toMatchObject({ kind: 'credential', code: 'invalid_client' })
    expect(await tokenOf(oauth2ClientCredentials({ ...app(), scope: 'other' }), env())).not.toBe(token)
  })

  test('wrong configuration names its fields', async () => {
    const error = await errorOf(() =>
      oauth2ClientCredentials({ tokenEndpoint: 'http://idp.example/token', clientId: '', scopes: 'a' } as never),
    )
    expect(error).toMatchObject({ kind: 'config', code: 'credential-config' })
    for (const part of [
      'tokenEndpoint: must begin with https://',
      'clientId: is empty',
      'scopes: is not a field',
      'clientSecret: is missing',
    ])
      expect(error.message).toContain(part)
    const wrongKey = { method: 'private_key_jwt', key: clientKey.privateKey, algorithm: 'RS256' } as const
    expect(
      (
        await errorOf(() =>
          oauth2ClientCredentials({ tokenEndpoint: 'https://a.test/t', clientId: 'a', authentication: wrongKey }),
        )
      ).message,
    ).toContain('authentication.algorithm: is RS256, but the key is for ES256')
  })
})

describe('token answers', () => {
  const answer = async (body: unknown, status = 200, more: object = {}) => {
    server.fault({ kind: 'body', body: typeof body === 'string' ? body : JSON.stringify(body), status })
    const credential = await oauth2ClientCredentials({ ...app(), ...more }).open(testEnv({ clock }))
    await credential.apply(getRequest())
    return credential.expiresAt === undefined ? undefined : credential.expiresAt - clock.now()
  }

  test.each([
    [{ access_token: 'a', token_type: 'bearer', expires_in: 60 }, 60_000],
    [{ access_token: 'a', token_type: 'BEARER', expires_in: '60' }, 60_000],
    [{ access_token: 'a', expires_in: 1.5 }, 1500],
    [{ access_token: 'a', token_type: 'Bearer' }, undefined],
    [{ access_token: 'a', expires_in: 0 }, undefined],
    [{ access_token: 'a', expires_in: null, refresh_token: '' }, undefined],
  ])('%j lives %s ms', async (body, lifetime) => {
    expect(await answer(body)).toBe(lifetime)
  })

  test('an assumed lifetime stands in for a missing one only', async () => {
    expect(await answer({ access_token: 'a' }, 200, { assumedLifetimeMs: 5_000 })).toBe(5_000)
    expect(await answer({ access_token: 'a', expires_in: 60 }, 200, { assumedLifetimeMs: 5_000 })).toBe(60_000)
  })

  test.each([
    ['<html>', 200, 'protocol', 'token-response'],
    ['[]', 200, 'protocol', 'token-response'],
    [{ token_type: 'Bearer' }, 200, 'protocol', 'token-response'],
    [{ access_token: 'a b' }, 200, 'protocol', 'token-response'],
    [{ access_token: 'a\nx: y' }, 200, 'protocol', 'token-response'],
    [{ access_token: 'a', token_type: 'mac' }, 200, 'protocol', 'token-response'],
    [{ access_token: 'a', expires_in: -1 }, 200, 'protocol', 'token-response'],
    [{ access_token: 'a', expires_in: 'soon' }, 200, 'protocol', 'token-response'],
    [{ access_token: 'a', refresh_token: 7 }, 200, 'protocol', 'token-response'],
    [{ error: 'invalid_client' }, 200, 'credential', 'invalid_client'],
    [{ error: 'invalid_scope' }, 400, 'config', 'invalid_scope'],
    [{ error: 'something new' }, 400, 'credential', 'token-endpoint-400'],
    ['', 404, 'config', 'token-endpoint-404'],
    ['', 302, 'protocol', 'token-endpoint-302'],
    ['', 429, 'rate-limited', 'token-endpoint-429'],
    ['oops', 500, 'unavailable', 'token-endpoint-500'],
  ])('%j with %s is %s %s', async (body, status, kind, code) => {
    expect(await errorOf(answer(body, status))).toMatchObject({ kind, code })
  })
})

describe('authorization code', () => {
  const config = (more: Partial<AuthorizationConfig> = {}): AuthorizationConfig => ({
    ...app(),
    authorizationEndpoint: `${server.url}/authorize?tenant=7`,
    redirectUri,
    issuer: server.url,
    scope: 'read offline_access',
    ...more,
  })
  const consent = async (url: string): Promise<string> => {
    const answer = await fetch(url, { redirect: 'manual' })
    expect(answer.status).toBe(302)
    return answer.headers.get('location') ?? ''
  }

  test.each(['app', 'public'])('client %s: from the URL to a working connection', async (clientId) => {
    const env = testEnv({ clock })
    const settings = config(clientId === 'app' ? {} : { clientId, clientSecret: undefined })
    const begun = beginAuthorization(settings, env)
    const query = new URL(begun.url).searchParams
    expect(Object.fromEntries(query)).toMatchObject({
      tenant: '7',
      response_type: 'code',
      state: begun.state,
      scope: 'read offline_access',
    })
    const { verifier } = JSON.parse(begun.pending.reveal()) as { verifier: string }
    expect(verifier).toMatch(/^[A-Za-z0-9_-]{43}$/)
    expect(query.get('code_challenge')).toBe(createHash('sha256').update(verifier).digest('base64url'))
    const url = await consent(begun.url)
    const tokens = await completeAuthorization(settings, { url, pending: begun.pending }, env)
    expect(server.isGood(tokens.accessToken.reveal())).toBe(true)
    expect(tokens).toMatchObject({ scope: 'read offline_access', expiresAt: clock.now() + 300_000 })
    const { accessToken, refreshToken, expiresAt } = tokens
    const source = oauth2Code({ ...settings, accessToken, refreshToken: refreshToken as Secret, expiresAt })
    expect(await tokenOf(source, env)).toBe(accessToken.reveal())
    await clock.advance(300_000)
    expect(server.isGood(await tokenOf(source, env))).toBe(true)
    const again = completeAuthorization(settings, { url, pending: begun.pending }, env)
    expect(await errorOf(again)).toMatchObject({ kind: 'credential', code: 'invalid_grant' })
  })

  const tamper: readonly [string, (url: URL) => void, string][] = [
    ['another state', (url) => url.searchParams.set('state', 'x'), 'callback-state'],
    ['no state', (url) => url.searchParams.delete('state'), 'callback-state'],
    ['another issuer', (url) => url.searchParams.set('iss', 'https://evil.test'), 'callback-issuer'],
    ['no issuer', (url) => url.searchParams.delete('iss'), 'callback-issuer'],
    ['two codes', (url) => url.searchParams.append('code', 'x'), 'callback-ambiguous'],
    ['no code', (url) => url.searchParams.delete('code'), 'callback-code'],
    ['an error', (url) => url.searchParams.set('error', 'access_denied'), 'access_denied'],
    ['another code', (url) => url.searchParams.set('code', 'x'), 'invalid_grant'],
  ]
  test.each(tamper)('a callback with %s is refused', async (_name, change, code) => {
    const env = testEnv({ clock })
    const begun = beginAuthorization(config(), env)
    const url = new URL(await consent(begun.url))
    change(url)
    const failure = await errorOf(completeAuthorization(config(), { url: url.href, pending: begun.pending }, env))
    expect(failure).toMatchObject({ kind: 'credential', code })
    if (code !== 'invalid_grant') expect(server.truth.tokenRequests).toBe(0)
  })

  test('a callback that is no URL is refused without its code', async () => {
    const env = testEnv({ clock })
    const { pending } = beginAuthorization(config(), env)
    const failure = await errorOf(
      completeAuthorization(config(), { url: 'http://[x?code=the-code-itself', pending }, env),
    )
    expect(failure).toMatchObject({ kind: 'credential', code: 'callback-url' })
    expect(inspect(failure, { depth: 10 })).not.toContain('the-code-itself')
  })

  test('a late callback, a foreign pending and a mixed-up configuration are refused', async () => {
    const env = testEnv({ clock })
    const begun = beginAuthorization(config(), env)
    const url = await consent(begun.url)
    const other = beginAuthorization(config(), env)
    const complete = (settings: AuthorizationConfig, pending: string | Secret) =>
      errorOf(completeAuthorization(settings, { url, pending }, env))
    expect(await complete(config(), other.pending)).toMatchObject({ code: 'callback-state' })
    expect(await complete(config(), 'x')).toMatchObject({ code: 'callback-pending' })
    expect(await complete(config({ clientId: 'public', clientSecret: undefined }), begun.pending)).toMatchObject({
      code: 'callback-mixed-up',
    })
    clock.jump(600_001)
    expect(await complete(config(), begun.pending)).toMatchObject({ code: 'callback-late' })
  })
})

describe('JWT bearer', () => {
  const config = () => ({
    tokenEndpoint: `${server.url}/token`,
    key: issuerKey.privateKey,
    issuer: 'robot@project.test',
    keyId: 'k7',
    claims: { scope: 'a b' },
  })

  test('gets a token for a service account, also with a clock that is an hour off', async () => {
    const env = testEnv({ clock })
    expect(server.isGood(await tokenOf(oauth2JwtBearer(config()), env))).toBe(true)
    const form = new URLSearchParams(String(env.transportRequests[0]?.body))
    expect(form.has('client_id')).toBe(false)
    const assertion = form.get('assertion') ?? ''
    const key = await importSPKI(issuerKey.publicKey, 'ES256')
    const { payload } = await jwtVerify(assertion, key, {
      currentDate: new Date(clock.now()),
      audience: config().tokenEndpoint,
    })
    expect(payload).toMatchObject({ iss: 'robot@project.test', sub: 'robot@project.test', scope: 'a b' })
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(300)
    expect(decodeProtectedHeader(assertion)).toEqual({ alg: 'ES256', typ: 'JWT', kid: 'k7' })
    await restart(-3_600_000)
    expect(server.isGood(await tokenOf(oauth2JwtBearer(config())))).toBe(true)
  })

  test("a wrong key is the vendor's refusal, a broken one ours", async () => {
    const wrong = tokenOf(oauth2JwtBearer({ ...config(), key: pair().privateKey }))
    expect(await errorOf(wrong)).toMatchObject({ kind: 'credential', code: 'invalid_grant' })
    expect((await errorOf(() => oauth2JwtBearer({ ...config(), key: 'x' }))).message).toContain(
      'key: is not a private key',
    )
  })

  test.each(jwtAlgorithms)('jose accepts our %s', async (algorithm: JwtAlgorithm) => {
    const curve = { ES256: 'P-256', ES384: 'P-384', ES512: 'P-521' }[algorithm as string]
    const { publicKey, privateKey } =
      algorithm === 'EdDSA'
        ? generateKeyPairSync('ed25519')
        : curve !== undefined
          ? generateKeyPairSync('ec', { namedCurve: curve })
          : generateKeyPairSync('rsa', { modulusLength: 2048 })
    const jwt = signJwt(privateKey, algorithm, { kid: 'a' }, { sub: 'x' })
    const { payload, protectedHeader } = await jwtVerify(jwt, publicKey)
    expect(payload).toEqual({ sub: 'x' })
    expect(protectedHeader).toEqual({ alg: algorithm, typ: 'JWT', kid: 'a' })
  })

  test('jose accepts our HS256', async () => {
    const key = Buffer.alloc(32, 7)
    expect((await jwtVerify(signSharedJwt(key, {}, { sub: 'x' }), key)).payload).toEqual({ sub: 'x' })
  })
})

describe('token exchange', () => {
  test('a fixed token, and one from a function that is asked each time and never stored', async () => {
    const store = memoryStore({ clock })
    const subjectToken = server.grant('app').access_token
    const exchanged = await tokenOf(
      oauth2TokenExchange({ ...app(), subjectToken, audience: 'https://api.test' }),
      testEnv({ clock, store }),
    )
    expect(exchanged).not.toBe(subjectToken)
    expect(server.isGood(exchanged)).toBe(true)
    expect(await store.list('')).toHaveLength(1)
    let asked = 0
    const supplied = oauth2TokenExchange({
      ...app(),
      subjectToken: async () => {
        asked++
        return new Secret(server.grant('app').access_token)
      },
    })
    const env = testEnv({ clock, store })
    expect(server.isGood(await tokenOf(supplied, env))).toBe(true)
    await clock.advance(300_000)
    await tokenOf(supplied, env)
    expect(asked).toBe(2)
    expect(await store.list('')).toHaveLength(1)
  })

  test("the vendor's description does not bring the subject token into the error", async () => {
    const subjectToken = 'subject-token-that-is-secret'
    const error = await errorOf(tokenOf(oauth2TokenExchange({ ...app(), subjectToken })))
    expect(error).toMatchObject({ kind: 'config', code: 'invalid_request' })
    expect(error.message).toContain('the subject token [secret] is not good')
  })
})
