import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { expect, test } from 'vitest'
import { describeWithPython } from '../../../../tools/peers/suite.ts'
import { systemClock } from '../clock.ts'
import { Fault } from '../errors.ts'
import type { HttpRequest } from '../http/transport.ts'
import { seededRandom } from '../testing/time/seeded-random.ts'
import { getRequest, testEnv } from './fixtures/credential-env.ts'
import { oauth2ClientCredentials, oauth2JwtBearer } from './index.ts'
import { type JwtAlgorithm, jwtAlgorithms, signJwt, signSharedJwt } from './sign-jwt.ts'

interface Question {
  readonly token: string
  /** PEM, or base64 for HS256. */
  readonly key: string
  readonly algorithm: string
  readonly audience: string
  readonly issuer: string
}
interface Answer {
  readonly claims?: Readonly<Record<string, unknown>>
  readonly header?: Readonly<Record<string, unknown>>
  readonly refused?: string
}

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const curves: Readonly<Record<string, string>> = { ES256: 'P-256', ES384: 'P-384', ES512: 'P-521' }
const keysOf = (algorithm: JwtAlgorithm): { privateKey: KeyObject; publicKey: KeyObject } =>
  algorithm === 'EdDSA'
    ? generateKeyPairSync('ed25519')
    : algorithm.startsWith('ES')
      ? generateKeyPairSync('ec', { namedCurve: curves[algorithm] as string })
      : rsa
const pemOf = (key: KeyObject): string => key.export({ type: 'spki', format: 'pem' }).toString()
const secondsNow = Math.floor(systemClock.now() / 1000)

/** The token with another first character of the given part: 0 header, 1 claims, 2 signature. */
const altered = (token: string, part: number): string =>
  token
    .split('.')
    .map((text, index) => (index === part ? `${text.startsWith('A') ? 'B' : 'A'}${text.slice(1)}` : text))
    .join('.')

/** What a credential posts to the token endpoint that refuses it. */
async function formOf(source: ReturnType<typeof oauth2JwtBearer>): Promise<URLSearchParams> {
  let posted: HttpRequest | undefined
  const transport = {
    async send(request: HttpRequest): Promise<never> {
      posted = request
      throw new Fault({ kind: 'network', message: 'nobody listens' })
    },
    async close() {},
  }
  const credential = await source.open({ ...testEnv(), clock: systemClock, transport: async () => transport })
  await expect(Promise.resolve(credential.apply(getRequest()))).rejects.toThrow(/token endpoint/)
  return new URLSearchParams(String(posted?.body))
}

describeWithPython('PyJWT', new URL('./fixtures/pyjwt-verifier.py', import.meta.url), (ask) => {
  const audience = 'https://idp.test/token'
  const issuer = 'app "1" é'
  const claims = {
    iss: issuer,
    sub: issuer,
    aud: audience,
    jti: 'j',
    iat: secondsNow,
    exp: secondsNow + 60,
    deep: { a: ['漢'] },
  }

  test('verifies every algorithm, and refuses each part that was altered', async () => {
    const shared = Buffer.from(seededRandom('shared').bytes(32))
    const signed: readonly Question[] = [
      ...jwtAlgorithms.map((algorithm) => {
        const { privateKey, publicKey } = keysOf(algorithm)
        const token = signJwt(privateKey, algorithm, { kid: 'k-1' }, claims)
        return { token, key: pemOf(publicKey), algorithm, audience, issuer }
      }),
      {
        token: signSharedJwt(shared, { kid: 'k-1' }, claims),
        key: shared.toString('base64'),
        algorithm: 'HS256',
        audience,
        issuer,
      },
    ]
    const forged = signed.flatMap((one) => [0, 1, 2].map((part) => ({ ...one, token: altered(one.token, part) })))
    const answers = await ask<Answer[]>([...signed, ...forged])
    for (const [index, { algorithm }] of signed.entries())
      expect(answers[index], algorithm).toEqual({ claims, header: { alg: algorithm, typ: 'JWT', kid: 'k-1' } })
    for (const answer of answers.slice(signed.length)) expect(answer.refused).toMatch(/Error$/)
    expect(answers).toHaveLength(signed.length * 4)
  })

  test('verifies what private_key_jwt and the JWT bearer grant post', async () => {
    const key = createPrivateKey(rsa.privateKey.export({ type: 'pkcs8', format: 'pem' })).export({ format: 'jwk' })
    const client = oauth2ClientCredentials({
      tokenEndpoint: audience,
      clientId: issuer,
      authentication: { method: 'private_key_jwt', key, keyId: 'k-2', algorithm: 'PS256' },
    })
    const bearer = oauth2JwtBearer({
      tokenEndpoint: audience,
      key,
      issuer,
      subject: 'somebody',
      claims: { scope: 'a b' },
    })
    const question = { key: pemOf(rsa.publicKey), audience, issuer }
    const tokens = [(await formOf(client)).get('client_assertion'), (await formOf(bearer)).get('assertion')] as string[]
    const [first, second, late] = await ask<Answer[]>([
      { ...question, token: tokens[0], algorithm: 'PS256' },
      { ...question, token: tokens[1], algorithm: 'RS256' },
      { ...question, token: tokens[1], algorithm: 'RS256', audience: 'https://else.test' },
    ])
    expect(first?.header).toMatchObject({ kid: 'k-2', alg: 'PS256' })
    expect(first?.claims).toMatchObject({ iss: issuer, sub: issuer, aud: audience })
    expect(second?.claims).toMatchObject({ iss: issuer, sub: 'somebody', scope: 'a b' })
    expect(late).toEqual({ refused: 'InvalidAudienceError' })
  })
})
