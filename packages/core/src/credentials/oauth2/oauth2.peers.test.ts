import { generateKeyPairSync } from 'node:crypto'
import { expect, test } from 'vitest'
import { pythonServer } from '../../../../../tools/peers/suite.ts'
import { describeWithServer } from '../../../../../tools/servers/suite.ts'
import { systemClock, systemRandom } from '../../clock.ts'
import type { Credential, CredentialSource } from '../../credential.ts'
import { open } from '../../http/fixtures/transport-setup.ts'
import type { Secret } from '../../secret.ts'
import { memoryStore } from '../../stores/memory.ts'
import { getRequest, testEnv } from '../fixtures/credential-env.ts'
import { oauth2Code } from './authorization-code.ts'
import { type AuthorizationConfig, beginAuthorization, completeAuthorization } from './authorization-request.ts'
import type { ClientAuthentication } from './client-authentication.ts'
import { oauth2ClientCredentials } from './client-credentials.ts'
import { oauth2JwtBearer } from './jwt-bearer.ts'
import { oauth2RefreshToken } from './refresh-token.ts'

const publicKeyEncoding = { type: 'spki', format: 'pem' } as const
const privateKeyEncoding = { type: 'pkcs8', format: 'pem' } as const
const keyPair = (kind: 'rsa' | 'ec'): { publicKey: string; privateKey: string } =>
  kind === 'rsa'
    ? generateKeyPairSync('rsa', { modulusLength: 2048, publicKeyEncoding, privateKeyEncoding })
    : generateKeyPairSync('ec', { namedCurve: 'P-256', publicKeyEncoding, privateKeyEncoding })
const clientKey = keyPair('rsa')
const issuerKey = keyPair('ec')
const redirectUri = 'https://host.test/callback?a=1'
// Everything that a form or a pair of user and password might trip over.
const secret = 'p@ss w:rd/+%ü&='

const settings = {
  clients: [
    { id: 'basic', secret, method: 'client_secret_basic', redirectUri },
    { id: 'post', secret, method: 'client_secret_post', redirectUri },
    { id: 'keyed', publicKey: clientKey.publicKey, method: 'client_assertion_jwt', redirectUri },
    { id: 'public', method: 'none', redirectUri },
  ],
  issuer: { name: 'robot@project.test', publicKey: issuerKey.publicKey },
}
const proofs: Readonly<Record<string, { clientSecret?: string; authentication?: ClientAuthentication }>> = {
  basic: { clientSecret: secret },
  post: { clientSecret: secret, authentication: 'client_secret_post' },
  keyed: { authentication: { method: 'private_key_jwt', key: clientKey.privateKey } },
  public: {},
}
const proven = Object.keys(proofs).filter((id) => id !== 'public')

await describeWithServer(
  'Authlib',
  pythonServer('authlib', new URL('../fixtures/authlib-server.py', import.meta.url), settings),
  (server) => {
    const tokenEndpoint = `${server.url}/token`
    const environment = (store = memoryStore({ clock: systemClock })) => {
      const transport = open()
      return { ...testEnv({ store }), clock: systemClock, random: systemRandom, transport: async () => transport }
    }
    type Environment = ReturnType<typeof environment>
    const tokenOf = async (credential: Credential): Promise<string> => {
      const request = getRequest()
      await credential.apply(request)
      return String(request.headers.authorization)
    }
    const renew = (credential: Credential, authorization: string) =>
      credential.refresh?.(getRequest(undefined, { headers: { authorization } }), { status: 401, headers: {} })
    /** What the server says of the token that a credential shows. */
    const shown = async (source: CredentialSource, env: Environment): Promise<unknown> => {
      const authorization = await tokenOf(await source.open(env))
      return (await fetch(`${server.url}/resource`, { headers: { authorization } })).json()
    }
    const refused = async (work: Promise<unknown>): Promise<unknown> =>
      work.then(
        () => 'accepted',
        (error: unknown) => (error as { facts?: object }).facts ?? error,
      )

    const config = (clientId: string): AuthorizationConfig => ({
      authorizationEndpoint: `${server.url}/authorize`,
      tokenEndpoint,
      clientId,
      ...proofs[clientId],
      redirectUri,
      issuer: server.url,
      scope: ['read', 'offline_access'],
    })
    /** The person's browser. */
    const consent = async (url: string): Promise<string> => {
      const { status, headers } = await fetch(url, { redirect: 'manual' })
      expect(status).toBe(302)
      return headers.get('location') ?? ''
    }

    test.each(proven)('client credentials as %s', async (clientId) => {
      const source = oauth2ClientCredentials({ tokenEndpoint, clientId, ...proofs[clientId], scope: 'read write' })
      expect(await shown(source, environment())).toEqual({ client: clientId, scope: 'read write' })
    })

    test('another secret, another key and another audience are refused', async () => {
      const wrong: readonly ({ clientId: string } & (typeof proofs)[string])[] = [
        { clientId: 'basic', clientSecret: `${secret}x` },
        { clientId: 'post', clientSecret: 'other', authentication: 'client_secret_post' },
        { clientId: 'keyed', authentication: { method: 'private_key_jwt', key: keyPair('rsa').privateKey } },
        {
          clientId: 'keyed',
          authentication: { method: 'private_key_jwt', key: clientKey.privateKey, audience: 'https://else.test' },
        },
      ]
      for (const one of wrong) {
        const credential = await oauth2ClientCredentials({ tokenEndpoint, ...one }).open(environment())
        expect(await refused(tokenOf(credential))).toMatchObject({ kind: 'credential', code: 'invalid_client' })
      }
    })

    test.each(Object.keys(proofs))('code with PKCE, then rotating refresh tokens, as %s', async (clientId) => {
      const env = environment()
      const begun = beginAuthorization(config(clientId), env)
      const url = await consent(begun.url)
      const tokens = await completeAuthorization(config(clientId), { url, pending: begun.pending }, env)
      expect(tokens.scope).toBe('read offline_access')
      expect((tokens.expiresAt ?? 0) - systemClock.now()).toBeGreaterThan(60_000)
      const first = tokens.refreshToken as Secret
      const { accessToken, expiresAt } = tokens
      const credential = await oauth2Code({ ...config(clientId), accessToken, refreshToken: first, expiresAt }).open(
        env,
      )
      const used = new Set<string>()
      for (let round = 0; round < 3; round++) {
        const authorization = await tokenOf(credential)
        const answer = await fetch(`${server.url}/resource`, { headers: { authorization } })
        expect(await answer.json()).toEqual({ client: clientId, scope: 'read offline_access' })
        used.add(authorization)
        expect(await renew(credential, authorization)).toBe('credential-refreshed')
      }
      expect(used.size).toBe(3)
      // The server did rotate: whoever comes with the first one is refused.
      const late = await oauth2RefreshToken({ tokenEndpoint, clientId, ...proofs[clientId], refreshToken: first }).open(
        environment(),
      )
      expect(await refused(tokenOf(late))).toMatchObject({ kind: 'credential', code: 'reauthorize' })
      // And a code serves once.
      expect(
        await refused(completeAuthorization(config(clientId), { url, pending: begun.pending }, env)),
      ).toMatchObject({
        kind: 'credential',
        code: 'invalid_grant',
      })
    })

    test('the server checks the PKCE verifier', async () => {
      const env = environment()
      const begun = beginAuthorization(config('public'), env)
      const pending = JSON.parse(begun.pending.reveal()) as { verifier: string }
      const verifier = `${pending.verifier.startsWith('A') ? 'B' : 'A'}${pending.verifier.slice(1)}`
      const callback = { url: await consent(begun.url), pending: JSON.stringify({ ...pending, verifier }) }
      expect(await refused(completeAuthorization(config('public'), callback, env))).toMatchObject({
        code: 'invalid_grant',
      })
    })

    test('what the server refuses at its authorization endpoint comes back as its error', async () => {
      const env = environment()
      // Authlib names its issuer in answers only, not in refusals as RFC 9207 section 2 wants.
      const settled = { ...config('public'), issuer: undefined }
      const begun = beginAuthorization(settled, env)
      const url = await consent(begun.url.replace('code_challenge_method=S256', 'code_challenge_method=S512'))
      const work = completeAuthorization(settled, { url, pending: begun.pending }, env)
      expect(await refused(work)).toMatchObject({ kind: 'credential', code: 'invalid_request' })
    })

    test('JWT bearer: a service account, and an assertion of another key', async () => {
      const assertion = { tokenEndpoint, key: issuerKey.privateKey, issuer: 'robot@project.test', scope: 'read' }
      expect(await shown(oauth2JwtBearer(assertion), environment())).toMatchObject({ client: 'robot@project.test' })
      const forged = await oauth2JwtBearer({ ...assertion, key: keyPair('ec').privateKey }).open(environment())
      expect(await refused(tokenOf(forged))).toMatchObject({ kind: 'credential' })
    })
  },
)
