import { createHash, createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { isPatchbayError } from '../../errors.ts'
import { fakeClock } from '../../testing/index.ts'
import { inbound } from '../fixtures/messages.ts'
import { webhookPresets } from '../presets/index.ts'
import type { AsymmetricScheme, HmacScheme, LocalScheme, WebhookScheme } from '../scheme.ts'
import { compileSigner, newWebhookKeyPair, webhookPublicKey } from '../sign.ts'
import { compileVerifier, type VerifierOptions } from './verify.ts'

const at = 1_760_000_000
const clock = fakeClock(at * 1000)
const hmac = (text: string, secret = 'secret', encoding: 'hex' | 'base64' = 'hex', algorithm = 'sha256') =>
  createHmac(algorithm, secret).update(text).digest(encoding)
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
    ['no secrets', webhookPresets.github.scheme, {}],
    ['an empty list', webhookPresets.github.scheme, { secrets: [] }],
    ['an empty secret', webhookPresets.github.scheme, { secrets: ['good', ''] }],
    [
      'a window that never opens',
      webhookPresets.github.scheme,
      { secrets: [{ secret: 'a', notBefore: 2, notAfter: 1 }] },
    ],
    ['a secret that is no base64', { kind: 'standard-webhooks' }, { secrets: ['whsec_***'] }],
    ['Standard Webhooks without secret and key', { kind: 'standard-webhooks' }, {}],
    ['no public key', webhookPresets.discord.scheme, {}],
    ['a key of another kind', webhookPresets.discord.scheme, { keys: [rsa] }],
    ['a key that is none', webhookPresets.discord.scheme, { keys: ['abc'] }],
    ['a token scheme without a token', webhookPresets.gitlab.scheme, {}],
    ['JWT without keys', webhookPresets.googlePubSub.scheme, {}],
    [
      'JWT with algorithm none',
      { ...webhookPresets.googlePubSub.scheme, algorithms: ['none' as never] },
      { keys: [rsa] },
    ],
    [
      'JWT mixing secrets and keys',
      { ...webhookPresets.googlePubSub.scheme, algorithms: ['HS256', 'RS256'] },
      { keys: [rsa] },
    ],
    ['SNS without topics', webhookPresets.amazonSns.scheme, {}],
    ['SNS without a transport', webhookPresets.amazonSns.scheme, { topics: ['arn:aws:sns:us-east-1:1:t'] }],
    ['an upper-case header', { kind: 'shared-token', token: { from: 'header', name: 'X-Token' } }, { secrets: ['a'] }],
    ['an unknown kind', { kind: 'xor' } as never, { secrets: ['a'] }],
  ])('%s', (_, scheme, options) => {
    expect(configError(() => compileVerifier(scheme, { clock, ...options }))).not.toContain('***')
  })

  it('accepts every preset with the right kind of material', () => {
    const ed25519 = generateKeyPairSync('ed25519').publicKey
    const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey
    const transport = { send: () => Promise.reject(new Error('unused')), close: () => Promise.resolve() }
    for (const [name, { scheme }] of Object.entries(webhookPresets)) {
      const keys = scheme.kind === 'asymmetric' ? [scheme.algorithm === 'ed25519' ? ed25519 : p256] : [rsa]
      const secrets = scheme.kind === 'standard-webhooks' ? undefined : ['secret']
      const material = scheme.kind === 'standard-webhooks' ? { keys: [ed25519] } : { keys, secrets }
      const options = { clock, transport, topics: ['arn:aws:sns:us-east-1:1:t'], ...material }
      expect(() => compileVerifier(scheme as WebhookScheme, options), name).not.toThrow()
    }
  })
})

describe('rotation', () => {
  const body = '{"n":1}'
  const message = (secret: string) => inbound(body, { 'x-hub-signature-256': `sha256=${hmac(body, secret)}` })

  it('tries all active secrets and tells which one matched', () => {
    const verifier = compileVerifier(webhookPresets.github.scheme, { secrets: ['new', 'old'], clock })
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
    const verifier = compileVerifier(webhookPresets.github.scheme, { secrets, clock: time })
    const verdicts = () => [verifier.verify(message('new')).accepted, verifier.verify(message('old')).accepted]
    expect(verdicts()).toEqual([false, true])
    time.jump(1000)
    expect(verdicts()).toEqual([true, true])
    time.jump(1000)
    expect(verdicts()).toEqual([true, false])
  })

  it('refuses everything while no secret is active', () => {
    const secrets = [{ secret: 'old', notAfter: clock.now() }]
    const verifier = compileVerifier(webhookPresets.github.scheme, { secrets, clock })
    expect(verifier.verify(message('old'))).toEqual({ accepted: false, reason: 'no-active-secret' })
  })
})

describe('parts of what is signed', () => {
  const secrets = ['secret']
  const verdict = (scheme: LocalScheme, message: Parameters<typeof inbound>) =>
    compileVerifier(scheme, { secrets, clock }).verify(inbound(...message))

  it('method, URL, body and timestamp (HubSpot v3)', () => {
    const url = 'https://hooks.example.com/in?a=%C3%A9'
    const ms = String(at * 1000)
    const signature = hmac(`POST${url}{"a":"é"}${ms}`, 'secret', 'base64')
    const headers = { 'x-hubspot-signature-v3': signature, 'x-hubspot-request-timestamp': ms }
    expect(verdict(webhookPresets.hubspot.scheme, ['{"a":"é"}', headers, { url }])).toMatchObject({ accepted: true })
    expect(verdict(webhookPresets.hubspot.scheme, ['{"a":"é"}', headers, { url, method: 'PUT' }]).accepted).toBe(false)
    const seconds = { ...headers, 'x-hubspot-request-timestamp': String(at) }
    expect(verdict(webhookPresets.hubspot.scheme, ['{"a":"é"}', seconds, { url }])).toMatchObject({
      reason: 'stale-timestamp',
    })
  })

  it('an ISO timestamp (Zendesk)', () => {
    const check = (time: string) =>
      verdict(webhookPresets.zendesk.scheme, [
        '{}',
        {
          'x-zendesk-webhook-signature': hmac(`${time}{}`, 'secret', 'base64'),
          'x-zendesk-webhook-signature-timestamp': time,
        },
      ])
    const now = new Date(at * 1000).toISOString()
    expect(check(now)).toMatchObject({ accepted: true, sentAt: at * 1000 })
    for (const bad of [now.slice(0, -1), now.replace('T', ' '), 'yesterday', `${at}`])
      expect(check(bad)).toMatchObject({ reason: 'malformed-timestamp' })
  })

  it('timestamps that are no plain digits', () => {
    for (const text of ['1e9', '0x10', '-1', '+1', ' 1', '1.5', '１２３', '9'.repeat(16), 'NaN', '']) {
      const headers = { 'x-slack-signature': `v0=${hmac(`v0:${text}:x`)}`, 'x-slack-request-timestamp': text }
      const reason = text === '' ? 'missing-timestamp' : 'malformed-timestamp'
      expect(verdict(webhookPresets.slack.scheme, ['x', headers]), text).toEqual({ accepted: false, reason })
    }
  })

  it('pairs with a semicolon (Paddle)', () => {
    const signature = `ts=${at};h1=${hmac(`${at}:{"event_id":"evt_1"}`)}`
    expect(
      verdict(webhookPresets.paddle.scheme, ['{"event_id":"evt_1"}', { 'paddle-signature': signature }]),
    ).toMatchObject({
      accepted: true,
      messageId: 'evt_1',
    })
  })

  it('a list of versions (PagerDuty), where other versions do not count', () => {
    const good = `v1=${hmac('{}')}`
    const check = (text: string) => verdict(webhookPresets.pagerduty.scheme, ['{}', { 'x-pagerduty-signature': text }])
    expect(check(`v1=${'0'.repeat(64)},${good}`).accepted).toBe(true)
    expect(check(good.replace('v1', 'v2'))).toMatchObject({ reason: 'malformed-signature' })
    expect(check(Array.from({ length: 17 }, () => good).join(','))).toMatchObject({ reason: 'malformed-signature' })
  })

  it('fields of the body (Mailgun), own properties only', () => {
    const signature = { timestamp: String(at), token: 'tok', signature: hmac(`${at}tok`) }
    const body = (value: unknown) => JSON.stringify({ signature: value })
    const check = (text: string) => verdict(webhookPresets.mailgun.scheme, [text, {}])
    expect(check(body(signature))).toMatchObject({ accepted: true, messageId: 'tok' })
    expect(check(body({ ...signature, token: 'tok2' })).accepted).toBe(false)
    expect(check(`{"signature":{"__proto__":${JSON.stringify(signature)}}}`)).toMatchObject({
      reason: 'missing-signature',
    })
    expect(check('[')).toMatchObject({ reason: 'malformed-body' })
    expect(check(body({ ...signature, token: { toString: 1 } })).accepted).toBe(false)
  })

  it('the hash of a body that is not signed itself (Twilio with JSON)', () => {
    const body = '{"a":1}'
    const url = `https://hooks.example.com/in?bodySHA256=${createHash('sha256').update(body).digest('hex')}`
    const headers = { 'content-type': 'application/json', 'x-twilio-signature': hmac(url, 'secret', 'base64', 'sha1') }
    expect(verdict(webhookPresets.twilio.scheme, [body, headers, { url }])).toMatchObject({ accepted: true })
    expect(verdict(webhookPresets.twilio.scheme, ['{"a":2}', headers, { url }])).toMatchObject({
      reason: 'body-mismatch',
    })
  })

  it('ids of several fields, and ids that are none', () => {
    const signed = { 'x-shopify-hmac-sha256': hmac('{}', 'secret', 'base64'), 'x-shopify-topic': 'orders/create' }
    const check = (id: string | undefined) =>
      verdict(webhookPresets.shopify.scheme, [
        '{}',
        id === undefined ? signed : { ...signed, 'x-shopify-event-id': id },
      ])
    expect(check('e1')).toMatchObject({ accepted: true, messageId: 'orders/create:e1' })
    expect(check(undefined)).toMatchObject({ accepted: true, messageId: undefined })
    for (const id of ['a\nb', 'é', 'x'.repeat(300)]) expect(check(id)).toMatchObject({ reason: 'malformed-message-id' })
  })
})

describe('shared tokens', () => {
  const token = (value: string, secrets: string[] = ['s3cret']) =>
    compileVerifier(webhookPresets.gitlab.scheme, { secrets, clock }).verify(inbound('{}', { 'x-gitlab-token': value }))

  it('accepts the token and nothing like it', () => {
    expect(token('s3cret')).toMatchObject({ accepted: true })
    expect(token('s3cret', ['other', 's3cret'])).toMatchObject({ accepted: true, key: 1 })
    for (const other of ['s3cre', 's3crett', 'S3cret', ' s3cret', '[object Object]'])
      expect(token(other)).toEqual({ accepted: false, reason: 'bad-signature' })
  })

  it('demands it of every item (Microsoft Graph)', () => {
    const verifier = compileVerifier(webhookPresets.microsoftGraph.scheme, { secrets: ['state'], clock })
    const check = (...states: unknown[]) =>
      verifier.verify(inbound(JSON.stringify({ value: states.map((clientState) => ({ clientState })) }), {})).accepted
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

  it('Discord: hex key, hex signature', () => {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519')
    const key = publicKey.export({ format: 'der', type: 'spki' }).subarray(-32).toString('hex')
    const verifier = compileVerifier(webhookPresets.discord.scheme, { keys: [key], clock })
    const signature = sign(null, Buffer.from(`${at}{"id":"7"}`), privateKey).toString('hex')
    const headers = { 'x-signature-ed25519': signature, 'x-signature-timestamp': String(at) }
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
it('presets survive a round trip through JSON', () => {
  expect(JSON.parse(JSON.stringify(webhookPresets))).toEqual(webhookPresets)
  const scheme = JSON.parse(JSON.stringify(webhookPresets.github.scheme)) as HmacScheme
  const verifier = compileVerifier(scheme, { secrets: ['k'], clock })
  expect(verifier.verify(inbound('x', { 'x-hub-signature-256': `sha256=${hmac('x', 'k')}` })).accepted).toBe(true)
})
