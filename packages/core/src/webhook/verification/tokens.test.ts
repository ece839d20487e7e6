import { createHash, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { SignJWT } from 'jose'
import { describe, expect, it } from 'vitest'
import type { HttpRequest, HttpResponse, Transport } from '../../http/transport.ts'
import { undiciTransport } from '../../http/undici-transport.ts'
import { fakeClock } from '../../testing/index.ts'
import { inbound } from '../fixtures/messages.ts'
import type { JwtScheme } from '../scheme.ts'
import { compileVerifier } from './verify.ts'

const at = 1_760_000_000
const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 })
const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const ed25519 = generateKeyPairSync('ed25519')

const scheme: JwtScheme = {
  kind: 'jwt',
  token: { from: 'header', name: 'authorization' },
  prefix: 'Bearer ',
  algorithms: ['RS256', 'PS256', 'ES256', 'EdDSA'],
  issuer: 'https://issuer.example',
  audience: 'us',
  bodyHashClaim: 'body_sha256',
}

const hash = (body: string) => createHash('sha256').update(body).digest('hex')
const claims = { iss: scheme.issuer, aud: 'us', iat: at, exp: at + 600, jti: 'id-1', body_sha256: hash('{}') }
const token = (alg: string, key: KeyObject | Uint8Array, payload: object = claims, header: object = {}) =>
  new SignJWT({ ...payload }).setProtectedHeader({ alg, ...header }).sign(key)
const message = (text: string, body = '{}') => inbound(body, { authorization: `Bearer ${text}` })

/** A transport that answers from a table and counts. */
function served(
  answer: (request: HttpRequest) => Partial<HttpResponse> | Error,
): Transport & { readonly sent: HttpRequest[] } {
  const sent: HttpRequest[] = []
  return {
    sent,
    send: async (request) => {
      sent.push(request)
      const response = answer(request)
      if (response instanceof Error) throw response
      return {
        status: 200,
        statusText: '',
        headers: {},
        url: request.url,
        body: new Uint8Array(0),
        stream: undefined,
        ...response,
      }
    },
    close: () => Promise.resolve(),
  }
}

describe('JSON Web Tokens, as jose signs them', () => {
  const clock = fakeClock(at * 1000)
  const keys = [rsa.publicKey, p256.publicKey, ed25519.publicKey]
  const verifier = compileVerifier(scheme, { keys, clock })

  it.each([
    ['RS256', rsa.privateKey],
    ['PS256', rsa.privateKey],
    ['ES256', p256.privateKey],
    ['EdDSA', ed25519.privateKey],
  ] as const)('%s', async (algorithm, key) => {
    const good = await token(algorithm, key)
    expect(await verifier.verify(message(good))).toMatchObject({ accepted: true, messageId: 'id-1', sentAt: at * 1000 })
    expect(await verifier.verify(message(good, '{ }'))).toEqual({ accepted: false, reason: 'body-mismatch' })
    const last = good.at(-2) === 'A' ? 'B' : 'A'
    expect((await verifier.verify(message(`${good.slice(0, -2)}${last}${good.at(-1)}`))).accepted).toBe(false)
    const [head, , tail] = good.split('.')
    const forged = Buffer.from(JSON.stringify({ ...claims, sub: 'admin' })).toString('base64url')
    expect(await verifier.verify(message(`${head}.${forged}.${tail}`))).toMatchObject({ reason: 'bad-signature' })
  })

  it('takes the algorithm from the scheme, never from the token', async () => {
    const [, body] = (await token('RS256', rsa.privateKey)).split('.')
    const none = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${body}.AA`
    expect(await verifier.verify(message(none))).toEqual({ accepted: false, reason: 'refused-algorithm' })
    expect((await verifier.verify(message(none.slice(0, -2)))).accepted).toBe(false)
    // The classical confusion: the public key as an HMAC secret.
    const pem = rsa.publicKey.export({ format: 'pem', type: 'spki' })
    const confused = await token('HS256', Buffer.from(pem))
    expect(await verifier.verify(message(confused))).toEqual({ accepted: false, reason: 'refused-algorithm' })
    const narrow = compileVerifier({ ...scheme, algorithms: ['ES256'] }, { keys, clock })
    expect(await narrow.verify(message(await token('RS256', rsa.privateKey)))).toMatchObject({
      reason: 'refused-algorithm',
    })
  })

  it.each<[string, object, string]>([
    ['another issuer', { iss: 'https://evil.example' }, 'refused-claims'],
    ['another audience', { aud: ['them'] }, 'refused-claims'],
    ['no audience', { aud: undefined }, 'refused-claims'],
    ['an expiry in the past', { exp: at - 61 }, 'stale-timestamp'],
    ['a beginning in the future', { nbf: at + 61 }, 'early-timestamp'],
    ['an issue in the future', { iat: at + 61 }, 'early-timestamp'],
    ['no expiry and an old issue', { exp: undefined, iat: at - 361 }, 'stale-timestamp'],
    ['neither expiry nor issue', { exp: undefined, iat: undefined }, 'missing-timestamp'],
    ['times that are no numbers', { exp: '9999999999' }, 'refused-claims'],
    ['no body hash', { body_sha256: undefined }, 'body-mismatch'],
    ['an id that is none', { jti: 'a\nb' }, 'malformed-message-id'],
  ])('refuses %s', async (_, change, reason) => {
    const text = await token('ES256', p256.privateKey, { ...claims, ...change })
    expect(await verifier.verify(message(text))).toEqual({ accepted: false, reason })
  })

  it('accepts a list of audiences and clocks that differ by a minute', async () => {
    for (const change of [{ aud: ['them', 'us'] }, { exp: at - 59 }, { nbf: at + 59 }, { jti: undefined }])
      expect(
        (await verifier.verify(message(await token('ES256', p256.privateKey, { ...claims, ...change })))).accepted,
      ).toBe(true)
  })

  it('refuses critical extensions, wrong prefixes and what is no token', async () => {
    const good = await token('ES256', p256.privateKey)
    const [, body, tail] = good.split('.')
    for (const header of [
      '{"alg":"ES256","crit":["b64"],"b64":true}',
      '{"alg":"ES256","b64":false}',
      '["ES256"]',
      'x',
    ]) {
      const text = `${Buffer.from(header).toString('base64url')}.${body}.${tail}`
      expect(await verifier.verify(message(text))).toMatchObject({ accepted: false, reason: 'malformed-signature' })
    }
    for (const text of [good.replace('.', ''), `${good}.x`, `${good}=`, 'x'.repeat(20_000), `${good}, Bearer ${good}`])
      expect((await verifier.verify(message(text))).accepted).toBe(false)
    expect(await verifier.verify(inbound('{}', { authorization: good }))).toMatchObject({
      reason: 'malformed-signature',
    })
  })

  it('HMAC tokens use the secrets', async () => {
    const secrets = ['new', 'old']
    const symmetric = compileVerifier({ ...scheme, algorithms: ['HS256'] }, { secrets, clock })
    expect(await symmetric.verify(message(await token('HS256', Buffer.from('old'))))).toMatchObject({
      accepted: true,
      key: 1,
    })
    expect(await symmetric.verify(message(await token('HS256', Buffer.from('x'))))).toMatchObject({
      reason: 'bad-signature',
    })
  })
})

describe('published keys', () => {
  const jwk = (pair: typeof p256, kid: string) => ({
    ...pair.publicKey.export({ format: 'jwk' }),
    kid,
    use: 'sig',
    alg: 'ES256',
  })
  const second = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const url = 'https://issuer.example/keys'
  const setup = () => {
    const clock = fakeClock(at * 1000)
    const state: { keys: object[]; down: boolean } = { keys: [jwk(p256, 'a')], down: false }
    const transport = served(() =>
      state.down ? new Error('down') : { body: Buffer.from(JSON.stringify({ keys: state.keys })) },
    )
    const verifier = compileVerifier({ ...scheme, algorithms: ['ES256'] }, { jwks: { url, transport }, clock })
    const check = async (pair: typeof p256, kid: string) => {
      const now = clock.now() / 1000
      return verifier.verify(
        message(await token('ES256', pair.privateKey, { ...claims, iat: now, exp: now + 60 }, { kid })),
      )
    }
    return { clock, state, transport, check }
  }

  it('are loaded once for all, without redirects, and used until they are old', async () => {
    const { clock, transport, check } = setup()
    const verdicts = await Promise.all(Array.from({ length: 20 }, () => check(p256, 'a')))
    expect(verdicts.every(({ accepted }) => accepted)).toBe(true)
    expect(transport.sent).toMatchObject([{ url, limits: { maxRedirects: 0 }, origin: 'tenant' }])
    await clock.advance(599_000)
    await check(p256, 'a')
    expect(transport.sent).toHaveLength(1)
    await clock.advance(2000)
    await check(p256, 'a')
    expect(transport.sent).toHaveLength(2)
  })

  it('are loaded again for an unknown id, at most once per cooldown', async () => {
    const { clock, state, transport, check } = setup()
    await check(p256, 'a')
    state.keys = [jwk(p256, 'a'), jwk(second, 'b')]
    for (let forged = 0; forged < 50; forged++)
      expect(await check(second, `x${forged}`)).toMatchObject({ reason: 'unknown-key' })
    expect(transport.sent).toHaveLength(1)
    await clock.advance(30_000)
    expect(await check(second, 'b')).toMatchObject({ accepted: true })
    expect(transport.sent).toHaveLength(2)
    expect(await check(second, 'a')).toMatchObject({ reason: 'bad-signature' })
  })

  it('stay in use while the sender is down; without any, the sender shall come back', async () => {
    const { clock, state, check } = setup()
    state.down = true
    expect(await check(p256, 'a')).toEqual({ accepted: false, reason: 'keys-unavailable' })
    state.down = false
    expect(await check(p256, 'a')).toEqual({ accepted: false, reason: 'keys-unavailable' })
    await clock.advance(30_000)
    expect((await check(p256, 'a')).accepted).toBe(true)
    state.down = true
    await clock.advance(900_000)
    expect((await check(p256, 'a')).accepted).toBe(true)
  })

  it('that are secrets, or for encryption, do not count', async () => {
    const { state, check } = setup()
    state.keys = [
      { kty: 'oct', k: 'AAAA', kid: 'a' },
      { ...jwk(p256, 'a'), use: 'enc' },
      { kty: 'EC', kid: 'a' },
      null as never,
    ]
    expect(await check(p256, 'a')).toMatchObject({ reason: 'unknown-key' })
  })

  it.each([
    'http://issuer.example/keys',
    'http://localhost:80@issuer.example/keys',
    'http://127.0.0.1.issuer.example/keys',
    'https://user:secret@issuer.example/keys',
    'ftp://localhost/keys',
    'keys',
  ])('come from https only: %s', (bad) => {
    const transport = served(() => ({}))
    expect(() => compileVerifier(scheme, { jwks: { url: bad, transport }, clock: fakeClock() })).toThrow('https')
  })

  it("behind a tenant's URL are loaded through the address guard", async () => {
    const clock = fakeClock(at * 1000)
    const reached: string[] = []
    const inside = createServer((request, response) => {
      reached.push(request.url ?? '')
      response.end(JSON.stringify({ keys: [jwk(p256, 'a')] }))
    }).listen(0, '127.0.0.1')
    await once(inside, 'listening')
    const jwksUrl = `http://127.0.0.1:${(inside.address() as AddressInfo).port}/keys`
    const transport = undiciTransport({ clock })
    const verdict = async (origin?: 'builtin') => {
      const jwks = { url: jwksUrl, transport, origin }
      const verifier = compileVerifier({ ...scheme, algorithms: ['ES256'] }, { jwks, clock })
      return verifier.verify(message(await token('ES256', p256.privateKey, claims, { kid: 'a' })))
    }
    try {
      expect(await verdict()).toEqual({ accepted: false, reason: 'keys-unavailable' })
      expect(reached).toEqual([])
      expect((await verdict('builtin')).accepted).toBe(true)
    } finally {
      await transport.close()
      inside.closeAllConnections()
      inside.close()
    }
  })
})
