import { createHash, createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { isPatchbayError } from '../../errors.ts'
import { fakeClock } from '../../testing/index.ts'
import { inbound } from '../fixtures/messages.ts'
import { signedSource, tokenSource } from '../fixtures/sources.ts'
import {
  body as bodyField,
  bodyHmac,
  header,
  headerPair,
  pairedTimestampHmac,
  query,
  rawBody,
  versionedTimestampHmac,
} from '../preset.ts'
import type { AsymmetricScheme, HmacScheme, JwtScheme, LocalScheme, WebhookScheme } from '../scheme.ts'
import { compileSigner, newWebhookKeyPair, webhookPublicKey } from '../sign.ts'
import { compileVerifier, type VerifierOptions } from './verify.ts'

const at = 1_760_000_000
const clock = fakeClock(at * 1000)
const hmac = (text: string, secret = 'secret', encoding: 'hex' | 'base64' = 'hex', algorithm = 'sha256') =>
  createHmac(algorithm, secret).update(text).digest(encoding)
const edDsa: AsymmetricScheme = {
  kind: 'asymmetric',
  algorithm: 'ed25519',
  signed: [header('x-time'), rawBody],
  signature: header('x-signature'),
  encoding: 'hex',
  timestamp: { field: header('x-time'), unit: 's' },
  messageId: bodyField('id'),
}
const jwt: JwtScheme = { kind: 'jwt', token: header('authorization'), algorithms: ['RS256'] }
const configError = (make: () => unknown): string => {
  try {
    make()
  } catch (error) {
    if (isPatchbayError(error) && error.kind === 'config') return error.message
  }
  throw new Error('expected a config error')
}

describe('construction fails closed', () => {
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey
  it.each<[string, WebhookScheme, Partial<VerifierOptions>]>([
    ['no secrets', signedSource.scheme, {}],
    ['an empty list', signedSource.scheme, { secrets: [] }],
    ['an empty secret', signedSource.scheme, { secrets: ['good', ''] }],
    ['a window that never opens', signedSource.scheme, { secrets: [{ secret: 'a', notBefore: 2, notAfter: 1 }] }],
    ['a secret that is no base64', { kind: 'standard-webhooks' }, { secrets: ['whsec_***'] }],
    ['Standard Webhooks without secret and key', { kind: 'standard-webhooks' }, {}],
    ['no public key', edDsa, {}],
    ['a key of another kind', edDsa, { keys: [rsa] }],
    ['a key that is none', edDsa, { keys: ['abc'] }],
    ['a token scheme without a token', tokenSource.scheme, {}],
    ['JWT without keys', jwt, {}],
    ['JWT with algorithm none', { ...jwt, algorithms: ['none' as never] }, { keys: [rsa] }],
    ['JWT mixing secrets and keys', { ...jwt, algorithms: ['HS256', 'RS256'] }, { keys: [rsa] }],
    ['SNS without topics', { kind: 'sns' }, {}],
    ['SNS without a transport', { kind: 'sns' }, { topics: ['arn:aws:sns:us-east-1:1:t'] }],
    ['an upper-case header', { kind: 'shared-token', token: { from: 'header', name: 'X-Token' } }, { secrets: ['a'] }],
    ['an unknown kind', { kind: 'xor' } as never, { secrets: ['a'] }],
  ])('%s', (_, scheme, options) => {
    expect(configError(() => compileVerifier(scheme, { clock, ...options }))).not.toContain('***')
  })
})

describe('rotation', () => {
  const body = '{"n":1}'
  const message = (secret: string) => inbound(body, { 'x-signature': `sha256=${hmac(body, secret)}` })

  it('tries all active secrets and tells which one matched', () => {
    const verifier = compileVerifier(signedSource.scheme, { secrets: ['new', 'old'], clock })
    expect(verifier.verify(message('new'))).toMatchObject({ accepted: true, key: 0 })
    expect(verifier.verify(message('old'))).toMatchObject({ accepted: true, key: 1 })
    expect(verifier.verify(message('older'))).toMatchObject({ reason: 'bad-signature' })
  })

  it('keeps to not-before and not-after by the wall clock', () => {
    const time = fakeClock(at * 1000)
    const secrets = [
      { secret: 'new', notBefore: time.now() + 1000 },
      { secret: 'old', notAfter: time.now() + 2000 },
    ]
    const verifier = compileVerifier(signedSource.scheme, { secrets, clock: time })
    const verdicts = () => [verifier.verify(message('new')).accepted, verifier.verify(message('old')).accepted]
    expect(verdicts()).toEqual([false, true])
    time.jump(1000)
    expect(verdicts()).toEqual([true, true])
    time.jump(1000)
    expect(verdicts()).toEqual([true, false])
  })

  it('refuses everything while no secret is active', () => {
    const secrets = [{ secret: 'old', notAfter: clock.now() }]
    const verifier = compileVerifier(signedSource.scheme, { secrets, clock })
    expect(verifier.verify(message('old'))).toEqual({ accepted: false, reason: 'no-active-secret' })
  })
})

describe('parts of what is signed', () => {
  const secrets = ['secret']
  const verdict = (scheme: LocalScheme, message: Parameters<typeof inbound>) =>
    compileVerifier(scheme, { secrets, clock }).verify(inbound(...message))

  it('method, URL, body and timestamp', () => {
    const scheme: HmacScheme = {
      kind: 'hmac',
      algorithm: 'sha256',
      signed: [{ method: 'upper' }, { url: 'full' }, rawBody, header('x-time')],
      signature: header('x-signature'),
      encoding: 'base64',
      timestamp: { field: header('x-time'), unit: 'ms' },
    }
    const url = 'https://hooks.example.com/in?a=%C3%A9'
    const ms = String(at * 1000)
    const headers = { 'x-signature': hmac(`POST${url}{"a":"é"}${ms}`, 'secret', 'base64'), 'x-time': ms }
    expect(verdict(scheme, ['{"a":"é"}', headers, { url }])).toMatchObject({ accepted: true, sentAt: at * 1000 })
    expect(verdict(scheme, ['{"a":"é"}', headers, { url, method: 'PUT' }]).accepted).toBe(false)
    const seconds = { ...headers, 'x-time': String(at) }
    expect(verdict(scheme, ['{"a":"é"}', seconds, { url }])).toMatchObject({ reason: 'stale-timestamp' })
  })

  it('an ISO timestamp', () => {
    const scheme: HmacScheme = {
      kind: 'hmac',
      algorithm: 'sha256',
      signed: [header('x-time'), rawBody],
      signature: header('x-signature'),
      encoding: 'base64',
      timestamp: { field: header('x-time'), unit: 'iso' },
    }
    const check = (time: string) =>
      verdict(scheme, ['{}', { 'x-signature': hmac(`${time}{}`, 'secret', 'base64'), 'x-time': time }])
    const now = new Date(at * 1000).toISOString()
    expect(check(now)).toMatchObject({ accepted: true, sentAt: at * 1000 })
    for (const bad of [now.slice(0, -1), now.replace('T', ' '), 'yesterday', `${at}`])
      expect(check(bad)).toMatchObject({ reason: 'malformed-timestamp' })
  })

  it('timestamps that are no plain digits', () => {
    const scheme = versionedTimestampHmac('x-signature', 'x-time')
    const check = (text: string) =>
      verdict(scheme, ['x', { 'x-signature': `v0=${hmac(`v0:${text}:x`)}`, 'x-time': text }])
    expect(check(String(at))).toMatchObject({ accepted: true, sentAt: at * 1000 })
    for (const text of ['1e9', '0x10', '-1', '+1', ' 1', '1.5', '１２３', '9'.repeat(16), 'NaN', '']) {
      const reason = text === '' ? 'missing-timestamp' : 'malformed-timestamp'
      expect(check(text), text).toEqual({ accepted: false, reason })
    }
  })

  it('pairs in a header, one signature per secret during a rotation', () => {
    const check = (value: string) =>
      verdict(pairedTimestampHmac('x-signature', bodyField('id')), ['{"id":"e1"}', { 'x-signature': value }])
    const [time, good] = [`t=${at}`, `v1=${hmac(`${at}.{"id":"e1"}`)}`]
    expect(check(`${time},${good}`)).toMatchObject({ accepted: true, messageId: 'e1' })
    for (const [text, accepted] of [
      [`${time},v1=${'0'.repeat(64)},${good}`, true],
      [`${time},v0=${'0'.repeat(64)},${good}`, true],
      [`${time},v0=${good.slice(3)}`, false],
      [`${time},${time},${good}`, false],
      [`t=1,${time},${good}`, false],
      [good, false],
      [`${time},${good}, ${time},${good}`, false],
    ] as const)
      expect(check(text).accepted, text).toBe(accepted)
  })

  it('pairs with a semicolon', () => {
    const time = headerPair('x-signature', 'ts', ';')
    const scheme: HmacScheme = {
      kind: 'hmac',
      algorithm: 'sha256',
      signed: [time, { literal: ':' }, rawBody],
      signature: headerPair('x-signature', 'h1', ';'),
      encoding: 'hex',
      timestamp: { field: time, unit: 's' },
    }
    const signature = `ts=${at};h1=${hmac(`${at}:{}`)}`
    expect(verdict(scheme, ['{}', { 'x-signature': signature }])).toMatchObject({ accepted: true })
    expect(verdict(scheme, ['{}', { 'x-signature': signature.replace(';', ',') }]).accepted).toBe(false)
  })

  it('a list of versions, where other versions do not count', () => {
    const scheme = bodyHmac('x-signature', 'hex', { prefix: 'v1=', separator: ',' })
    const good = `v1=${hmac('{}')}`
    const check = (text: string) => verdict(scheme, ['{}', { 'x-signature': text }])
    expect(check(`v1=${'0'.repeat(64)},${good}`).accepted).toBe(true)
    expect(check(good.replace('v1', 'v2'))).toMatchObject({ reason: 'malformed-signature' })
    expect(check(Array.from({ length: 17 }, () => good).join(','))).toMatchObject({ reason: 'malformed-signature' })
  })

  it('fields of the body, own properties only', () => {
    const scheme: HmacScheme = {
      kind: 'hmac',
      algorithm: 'sha256',
      signed: [bodyField('signature.timestamp'), bodyField('signature.token')],
      signature: bodyField('signature.signature'),
      encoding: 'hex',
      timestamp: { field: bodyField('signature.timestamp'), unit: 's' },
      messageId: bodyField('signature.token'),
    }
    const signature = { timestamp: String(at), token: 'tok', signature: hmac(`${at}tok`) }
    const body = (value: unknown) => JSON.stringify({ signature: value })
    const check = (text: string) => verdict(scheme, [text, {}])
    expect(check(body(signature))).toMatchObject({ accepted: true, messageId: 'tok' })
    expect(check(body({ ...signature, token: 'tok2' })).accepted).toBe(false)
    expect(check(`{"signature":{"__proto__":${JSON.stringify(signature)}}}`)).toMatchObject({
      reason: 'missing-signature',
    })
    expect(check('[')).toMatchObject({ reason: 'malformed-body' })
    expect(check(body({ ...signature, token: { toString: 1 } })).accepted).toBe(false)
  })

  describe('the URL and a form', () => {
    const scheme: HmacScheme = {
      kind: 'hmac',
      algorithm: 'sha1',
      signed: [{ url: 'full' }, { form: 'sorted-pairs' }],
      signature: header('x-signature'),
      encoding: 'base64',
      bodyHash: query('bodyHash'),
    }
    const sha1 = (text: string) => hmac(text, 'secret', 'base64', 'sha1')

    it('sorted by name, equal pairs once', () => {
      const url = 'https://hooks.example.com/in'
      const headers = {
        'content-type': 'application/x-www-form-urlencoded; charset=utf-8',
        'x-signature': sha1(`${url}aé 1bxby`),
      }
      expect(verdict(scheme, ['b=y&a=%C3%A9+1&b=x&b=x', headers, { url }])).toMatchObject({ accepted: true })
      expect(verdict(scheme, ['b=y&a=%C3%A9+2&b=x', headers, { url }])).toMatchObject({ reason: 'bad-signature' })
      expect(verdict(scheme, ['b=%FF', { ...headers }, { url }]).accepted).toBe(false)
    })

    it('with the hash of a body that is not signed itself', () => {
      const body = '{"a":1}'
      const url = `https://hooks.example.com/in?bodyHash=${createHash('sha256').update(body).digest('hex')}`
      const headers = { 'content-type': 'application/json', 'x-signature': sha1(url) }
      expect(verdict(scheme, [body, headers, { url }])).toMatchObject({ accepted: true })
      expect(verdict(scheme, ['{"a":2}', headers, { url }])).toMatchObject({ reason: 'body-mismatch' })
    })
  })

  it('ids of several fields, and ids that are none', () => {
    const scheme = bodyHmac('x-signature', 'base64', { messageId: [header('x-topic'), header('x-id')] })
    const signed = { 'x-signature': hmac('{}', 'secret', 'base64'), 'x-topic': 'orders/create' }
    const check = (id: string | undefined) =>
      verdict(scheme, ['{}', id === undefined ? signed : { ...signed, 'x-id': id }])
    expect(check('e1')).toMatchObject({ accepted: true, messageId: 'orders/create:e1' })
    expect(check(undefined)).toMatchObject({ accepted: true, messageId: undefined })
    for (const id of ['a\nb', 'é', 'x'.repeat(300)]) expect(check(id)).toMatchObject({ reason: 'malformed-message-id' })
  })
})

describe('shared tokens', () => {
  const token = (value: string, secrets: string[] = ['s3cret']) =>
    compileVerifier(tokenSource.scheme, { secrets, clock }).verify(inbound('{}', { authorization: value }))

  it('accepts the token and nothing like it', () => {
    expect(token('s3cret')).toMatchObject({ accepted: true })
    expect(token('s3cret', ['other', 's3cret'])).toMatchObject({ accepted: true, key: 1 })
    for (const other of ['s3cre', 's3crett', 'S3cret', ' s3cret', '[object Object]'])
      expect(token(other)).toEqual({ accepted: false, reason: 'bad-signature' })
  })

  it('demands it of every item', () => {
    const scheme = { kind: 'shared-token', token: bodyField('value.*.state') } as const
    const verifier = compileVerifier(scheme, { secrets: ['state'], clock })
    const check = (...states: unknown[]) =>
      verifier.verify(inbound(JSON.stringify({ value: states.map((state) => ({ state })) }), {})).accepted
    expect(check('state', 'state')).toBe(true)
    expect([check('state', 'other'), check('state', null), check(), check(['state'])]).toEqual([
      false,
      false,
      false,
      false,
    ])
  })
})

describe('public keys', () => {
  const pairs: readonly [AsymmetricScheme['algorithm'], { publicKey: KeyObject; privateKey: KeyObject }, object][] = [
    ['rsa-sha256', generateKeyPairSync('rsa', { modulusLength: 2048 }), {}],
    ['rsa-pss-sha256', generateKeyPairSync('rsa', { modulusLength: 2048 }), { padding: 6, saltLength: 32 }],
    ['ecdsa-p256-sha256', generateKeyPairSync('ec', { namedCurve: 'P-256' }), {}],
    ['ed25519', generateKeyPairSync('ed25519'), {}],
  ]
  const scheme = (algorithm: AsymmetricScheme['algorithm']): AsymmetricScheme => ({
    kind: 'asymmetric',
    algorithm,
    signed: [{ from: 'header', name: 'x-time' }, { body: 'raw' }],
    signature: { from: 'header', name: 'x-signature' },
    encoding: 'base64',
    timestamp: { field: { from: 'header', name: 'x-time' }, unit: 's' },
  })

  it.each(pairs)('%s: accepts its own, refuses every change', (algorithm, { publicKey, privateKey }, settings) => {
    const digest = algorithm === 'ed25519' ? null : 'sha256'
    const signature = sign(digest, Buffer.from(`${at}body`), { key: privateKey, ...settings }).toString('base64')
    const headers = { 'x-time': String(at), 'x-signature': signature }
    const jwk = publicKey.export({ format: 'jwk' })
    const pem = publicKey.export({ format: 'pem', type: 'spki' })
    const spki = publicKey.export({ format: 'der', type: 'spki' }).toString('base64')
    for (const key of [publicKey, jwk, pem as string, spki]) {
      const verifier = compileVerifier(scheme(algorithm), { keys: [key], clock })
      expect(verifier.verify(inbound('body', headers))).toMatchObject({ accepted: true, sentAt: at * 1000 })
      expect(verifier.verify(inbound('bodY', headers))).toEqual({ accepted: false, reason: 'bad-signature' })
      const unpadded = { ...headers, 'x-signature': `${signature.replace(/=+$/, '')}\n` }
      expect(verifier.verify(inbound('body', unpadded))).toMatchObject({ reason: 'malformed-signature' })
    }
  })

  it('ECDSA in the plain form', () => {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const signature = sign('sha256', Buffer.from(`${at}b`), { key: privateKey, dsaEncoding: 'ieee-p1363' }).toString(
      'base64',
    )
    const verifier = (form: 'der' | 'ieee-p1363') =>
      compileVerifier({ ...scheme('ecdsa-p256-sha256'), form }, { keys: [publicKey], clock })
    const message = inbound('b', { 'x-time': String(at), 'x-signature': signature })
    expect([verifier('ieee-p1363').verify(message).accepted, verifier('der').verify(message).accepted]).toEqual([
      true,
      false,
    ])
  })

  it('a bare hex key and a hex signature', () => {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519')
    const key = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32).toString('hex')
    const verifier = compileVerifier(edDsa, { keys: [key], clock })
    const signature = sign(null, Buffer.from(`${at}{"id":"7"}`), privateKey).toString('hex')
    const headers = { 'x-signature': signature, 'x-time': String(at) }
    expect(verifier.verify(inbound('{"id":"7"}', headers))).toMatchObject({ accepted: true, messageId: '7' })
    expect(verifier.verify(inbound('{"id":"8"}', headers)).accepted).toBe(false)
  })
})

describe('Standard Webhooks', () => {
  const secret = `whsec_${Buffer.alloc(24, 7).toString('base64')}`
  const pair = newWebhookKeyPair({ next: () => 0, bytes: (length) => new Uint8Array(length).fill(9), uuid: () => '' })
  const headers = (secrets: string[]) => ({ ...compileSigner(secrets)({ id: 'm1', sentAt: at * 1000, body: '{}' }) })

  it('v1a, alone and beside v1 during a migration', () => {
    const scheme = { kind: 'standard-webhooks' } as const
    const signing = pair.signing.reveal()
    expect(webhookPublicKey(signing)).toBe(pair.publicKey)
    const keyed = compileVerifier(scheme, { keys: [pair.publicKey], clock })
    const both = compileVerifier(scheme, { keys: [pair.publicKey], secrets: [secret], clock })
    const symmetric = compileVerifier(scheme, { secrets: [secret], clock })
    const check = (verifier: typeof both, secrets: string[]) =>
      verifier.verify(inbound('{}', headers(secrets))).accepted
    expect([check(keyed, [signing]), check(both, [signing]), check(symmetric, [signing])]).toEqual([true, true, false])
    expect([check(keyed, [secret]), check(both, [secret]), check(symmetric, [secret])]).toEqual([false, true, true])
    expect([check(keyed, [secret, signing]), check(symmetric, [signing, secret])]).toEqual([true, true])
    expect(both.verify(inbound('{} ', headers([secret, signing])))).toEqual({
      accepted: false,
      reason: 'bad-signature',
    })
  })

  it('signs Ed25519 like the test vectors of RFC 8032 section 7.1 (its seed 1 gives its public key)', () => {
    const seed = Buffer.from('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60', 'hex')
    const key = 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a'
    expect(webhookPublicKey(`whsk_${seed.toString('base64')}`)).toBe(
      `whpk_${Buffer.from(key, 'hex').toString('base64')}`,
    )
  })

  it('refuses secrets that the standard does not allow, and bad ids', () => {
    expect(configError(() => compileSigner([]))).toContain('secrets')
    expect(configError(() => compileSigner([`whsec_${Buffer.alloc(23).toString('base64')}`]))).toContain('24 to 64')
    expect(configError(() => compileSigner([`whsk_${Buffer.alloc(31).toString('base64')}`]))).toContain('Ed25519')
    for (const id of ['', 'a\nb', 'x'.repeat(257)])
      expect(() => compileSigner([secret])({ id, sentAt: 0, body: '' })).toThrow('id must be')
  })

  it('a joined second header does not smuggle a signature in', () => {
    const good = headers([secret])
    const verifier = compileVerifier({ kind: 'standard-webhooks' } as const, { secrets: [secret], clock })
    const doubled = { ...good, 'webhook-signature': `v1,AAAA, ${good['webhook-signature']}` }
    expect(verifier.verify(inbound('{}', doubled))).toEqual({ accepted: false, reason: 'duplicate-field' })
    const listed = { ...good, 'webhook-signature': `v1,AAAA ${good['webhook-signature']}` }
    expect(verifier.verify(inbound('{}', listed)).accepted).toBe(true)
  })
})

/** Schemes are data: nothing may depend on identity or on functions in them. */
it('a source survives a round trip through JSON', () => {
  const { scheme, ...rest } = JSON.parse(JSON.stringify(signedSource)) as typeof signedSource
  expect({ scheme, ...rest }).toEqual(signedSource)
  const verifier = compileVerifier(scheme, { secrets: ['k'], clock })
  expect(verifier.verify(inbound('x', { 'x-signature': `sha256=${hmac('x', 'k')}` })).accepted).toBe(true)
})
