import { generateKeyPairSync } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { inspect } from 'node:util'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { CredentialSource } from '../credential.ts'
import { Fault, isPatchbayError, patchbayError } from '../errors.ts'
import { Events } from '../events.ts'
import type { HttpRequest } from '../http/transport.ts'
import { Secret } from '../secret.ts'
import { memoryStore } from '../stores/memory.ts'
import { makeCertificates } from '../testing/certificates/make-certificates.ts'
import { fakeClock } from '../testing/time/fake-clock.ts'
import { envelopeVault, localKeyring, newMasterKey } from '../vault/index.ts'
import { getRequest, testEnv } from './fixtures/credential-env.ts'
import {
  apiKey,
  awsSigV4,
  basic,
  bearer,
  beginAuthorization,
  completeAuthorization,
  hmac,
  httpMessageSignature,
  mtls,
  oauth2ClientCredentials,
  oauth2Code,
  oauth2JwtBearer,
  oauth2RefreshToken,
  oauth2TokenExchange,
  presignAwsSigV4,
  sessionLogin,
} from './index.ts'
import { formsOf } from './redact.ts'

/** The worst that a vendor can do: each answer repeats the whole request, in body and headers, plain and encoded. */
let server: Server
let url: string
let status = 400
let shape: 'error' | 'garbage' | 'token-type' | 'drop' = 'error'

beforeAll(async () => {
  server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    if (shape === 'drop') return void response.destroy()
    const plain = decodeURIComponent(body.replaceAll('+', ' '))
    const echo = [body, plain, JSON.stringify(request.headers), Buffer.from(plain).toString('base64')].join(' ')
    const answers = {
      error: { error: 'invalid_grant', error_description: echo, message: echo },
      'token-type': { access_token: 'abc', token_type: echo, refresh_token: 7, expires_in: echo },
      garbage: undefined,
    }
    response.writeHead(status, { 'content-type': 'application/json', 'www-authenticate': `Bearer realm="x"` })
    response.end(answers[shape] === undefined ? `<html>${echo}` : JSON.stringify(answers[shape]))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
})
afterAll(async () => {
  server.close()
  server.closeAllConnections()
  await once(server, 'close')
})

const privateKey = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  .privateKey.export({ type: 'pkcs8', format: 'pem' })
  .toString()
const pki = makeCertificates()
const hush = (name: string): string => `hush-${name}-p@ss/w+rd:ü=${'x'.repeat(8)}`
const hushToken = (name: string): string => `hush-${name}-7f/3+9~aa==`

interface Case {
  readonly secrets: readonly string[]
  make(): CredentialSource
}

const client = () => ({ tokenEndpoint: `${url}/token`, clientId: 'app' })
const cases: Readonly<Record<string, Case>> = {
  basic: { secrets: [hush('basic')], make: () => basic({ username: 'ann', password: hush('basic') }) },
  bearer: { secrets: [hushToken('bearer')], make: () => bearer({ token: hushToken('bearer') }) },
  apiKey: { secrets: [hushToken('key')], make: () => apiKey({ key: hushToken('key'), in: 'query', name: 'key' }) },
  mtls: {
    secrets: [pki.expiredClient.key.split('\n')[1] as string],
    make: () => mtls({ certificate: pki.expiredClient.certificate, key: pki.expiredClient.key }),
  },
  clientCredentials: {
    secrets: [hush('client')],
    make: () => oauth2ClientCredentials({ ...client(), clientSecret: hush('client') }),
  },
  clientSecretPost: {
    secrets: [hush('post')],
    make: () =>
      oauth2ClientCredentials({ ...client(), clientSecret: hush('post'), authentication: 'client_secret_post' }),
  },
  privateKeyJwt: {
    secrets: [privateKey.split('\n')[1] as string],
    make: () =>
      oauth2ClientCredentials({ ...client(), authentication: { method: 'private_key_jwt', key: privateKey } }),
  },
  refreshToken: {
    secrets: [hush('client'), hushToken('refresh')],
    make: () =>
      oauth2RefreshToken({ ...client(), clientSecret: new Secret(hush('client')), refreshToken: hushToken('refresh') }),
  },
  code: {
    secrets: [hushToken('code-refresh')],
    make: () =>
      oauth2Code({
        ...client(),
        authorizationEndpoint: `${url}/authorize`,
        redirectUri: 'https://host.test/back',
        refreshToken: hushToken('code-refresh'),
      }),
  },
  jwtBearer: {
    secrets: [privateKey.split('\n')[1] as string],
    make: () => oauth2JwtBearer({ tokenEndpoint: `${url}/token`, key: privateKey, issuer: 'robot' }),
  },
  tokenExchange: {
    secrets: [hushToken('subject'), hushToken('actor')],
    make: () =>
      oauth2TokenExchange({ ...client(), subjectToken: hushToken('subject'), actorToken: hushToken('actor') }),
  },
  session: {
    secrets: [hush('session')],
    make: () =>
      sessionLogin({
        login: {
          steps: [
            {
              method: 'POST',
              url: `${url}/login`,
              json: { password: { secret: 'password' } },
              take: { t: { from: 'json', path: 't' } },
            },
          ],
          writes: [{ header: 'x-token', value: { taken: 't' } }],
        },
        secrets: { password: hush('session') },
      }),
  },
  hmac: {
    secrets: [hush('hmac')],
    make: () =>
      hmac({
        signer: { writes: [{ header: 'x', value: { hmac: 'sha256', key: { secret: 'k' }, of: { request: 'body' } } }] },
        secrets: { k: hush('hmac') },
      }),
  },
  awsSigV4: {
    secrets: [hushToken('aws'), hushToken('aws-session')],
    make: () =>
      awsSigV4({
        accessKeyId: 'AKID',
        secretAccessKey: hushToken('aws'),
        sessionToken: hushToken('aws-session'),
        region: 'r',
        service: 'sqs',
      }),
  },
  httpMessageSignature: {
    secrets: [Buffer.from(hush('signature')).toString('base64')],
    make: () =>
      httpMessageSignature({
        algorithm: 'hmac-sha256',
        key: Buffer.from(hush('signature')).toString('base64'),
        keyId: 'k',
      }),
  },
}

const stream = (async function* () {
  yield new Uint8Array(1)
})()

/** Everything that a log, an error reporter or a person with a debugger may come to see. */
function seen(values: readonly unknown[]): string {
  const texts: string[] = []
  for (const value of values) {
    texts.push(
      inspect(value, { depth: 12, showHidden: true, getters: false, maxStringLength: null, maxArrayLength: null }),
    )
    texts.push(JSON.stringify(value) ?? '', String(value))
    for (let error = value; error instanceof Error; error = error.cause) {
      texts.push(
        error.message,
        error.stack ?? '',
        inspect(error, { depth: 12, showHidden: true }),
        JSON.stringify(error),
      )
      if (error instanceof Fault)
        texts.push(JSON.stringify(patchbayError(error.facts)), patchbayError(error.facts).message)
    }
  }
  return texts.join('\n')
}

describe('nothing secret is seen', () => {
  const failures = [
    [400, 'error'],
    [401, 'error'],
    [403, 'garbage'],
    [429, 'garbage'],
    [500, 'garbage'],
    [200, 'error'],
    [200, 'garbage'],
    [200, 'token-type'],
    [302, 'error'],
    [0, 'drop'],
  ] as const

  for (const [name, { secrets, make }] of Object.entries(cases)) {
    test(name, async () => {
      const values: unknown[] = []
      const events = new Events()
      events.on('*', (data) => values.push(data))
      const sealed = envelopeVault({ keys: localKeyring({ current: 'k', keys: { k: newMasterKey() } }) })
      for (const [code, form] of failures) {
        status = code
        shape = form
        const store = memoryStore()
        const clock = fakeClock('2026-06-01T00:00:00Z')
        const env = testEnv({ events, store, vault: sealed, clock })
        const source = make()
        values.push(source, make)
        const credential = await source.open(env)
        values.push(credential)
        const requests = [getRequest(), getRequest(undefined, { method: 'POST', body: stream })]
        for (const request of requests) {
          try {
            await credential.apply(request)
          } catch (error) {
            values.push(error)
          }
          // What goes out holds the secret by design; what comes back about it must not.
          try {
            values.push(await credential.refresh?.(request, { status: 401, headers: {} }))
          } catch (error) {
            values.push(error)
          }
        }
        await credential.close?.().catch((error: unknown) => values.push(error))
        values.push(credential, env.refreshes, await store.list(''))
      }
      values.push(...(await misuse(make)))
      const text = seen(values)
      expect(text.length).toBeGreaterThan(100)
      for (const secret of secrets)
        for (const form of formsOf(secret)) expect(text.includes(form), `${name} shows ${form}`).toBe(false)
    })
  }

  test('the search finds a secret that is there', () => {
    for (const secret of [hush('x'), hushToken('y')])
      for (const form of formsOf(secret)) expect(seen([new Error(`a ${form} b`)]).includes(form)).toBe(true)
  })

  test('an authorization: URL, pending and refused callbacks', async () => {
    status = 400
    shape = 'error'
    const env = testEnv()
    const secret = hush('code-client')
    const config = {
      ...client(),
      clientSecret: secret,
      authorizationEndpoint: `${url}/authorize`,
      redirectUri: 'https://host.test/back',
    }
    const begun = beginAuthorization(config, env)
    const { verifier } = JSON.parse(begun.pending.reveal()) as { verifier: string }
    const values: unknown[] = [begun]
    const code = hushToken('the-code')
    for (const query of [
      `state=${begun.state}&code=${encodeURIComponent(code)}`,
      `state=x&code=${encodeURIComponent(code)}`,
      `state=${begun.state}&error=denied&error_description=${verifier}`,
    ])
      values.push(
        await completeAuthorization(
          config,
          { url: `https://host.test/back?${query}`, pending: begun.pending },
          env,
        ).catch((error: unknown) => error),
      )
    expect(values.slice(1).every(isPatchbayError)).toBe(true)
    const text = seen(values)
    for (const hidden of [secret, verifier, code])
      for (const form of formsOf(hidden)) expect(text.includes(form), form).toBe(false)
  })

  test('a presigned URL holds no key', async () => {
    const key = hushToken('presign')
    const signed = await presignAwsSigV4(
      { accessKeyId: 'AKID', secretAccessKey: key, region: 'r', service: 's3' },
      { method: 'GET', url: 'https://b.test/k', expiresInSeconds: 1 },
    )
    for (const form of formsOf(key)) expect(signed).not.toContain(form)
  })

  /** A transport that keeps the whole request in its error, as HTTP libraries do, and sources made with a wrong field beside the secret. */
  async function misuse(make: () => CredentialSource): Promise<unknown[]> {
    const leaky = {
      async send(request: HttpRequest): Promise<never> {
        throw Object.assign(new Error(`POST ${request.url} ${String(request.body)}`), { request, code: 'ECONNRESET' })
      },
      async close() {},
    }
    const credential = await make().open({ ...testEnv(), transport: async () => leaky })
    const request = getRequest()
    const work = (async () => credential.apply(request))()
    return [await work.catch((error: unknown) => error)].filter((value) => value instanceof Error)
  }
})

test('a wrong configuration never repeats the value of a secret field', () => {
  const secret = 'hunter2 with\nbreak'
  const makes = [
    () => basic({ username: 'a:b', password: secret }),
    () => bearer({ token: secret }),
    () => apiKey({ key: secret, in: 'header', name: 'x' }),
    () => mtls({ certificate: secret, key: secret }),
    () => oauth2JwtBearer({ tokenEndpoint: `https://ann:${secret}@a.test`, key: secret, issuer: 'a' }),
    () => awsSigV4({ accessKeyId: secret, secretAccessKey: secret, region: 'r', service: 's' }),
    () => httpMessageSignature({ algorithm: 'ed25519', key: secret, keyId: 'k' }),
    () =>
      oauth2RefreshToken({
        tokenEndpoint: 'https://a.test',
        clientId: 'a',
        refreshToken: 'r',
        refreshTokens: { use: secret as never },
      }),
  ]
  for (const make of makes) {
    let caught: unknown
    try {
      make()
    } catch (error) {
      caught = error
    }
    expect(isPatchbayError(caught), String(make)).toBe(true)
    expect(seen([caught]).includes('hunter2')).toBe(false)
  }
})
