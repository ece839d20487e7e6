import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { HttpRequest, Transport } from '../../http/transport.ts'
import { fakeClock } from '../../testing/index.ts'
import { inbound } from '../fixtures/messages.ts'
import { rsaCertificate } from '../fixtures/rsa-certificate.ts'
import type { Handshake } from '../handshake.ts'
import { compileHandshakes } from '../handshake-engine.ts'
import { body } from '../preset.ts'
import { compileVerifier } from './verify.ts'

const time = '2026-05-01T12:00:00.000Z'
const topic = 'arn:aws:sns:us-west-2:123456789012:orders'
const certificateUrl =
  'https://sns.us-west-2.amazonaws.com/SimpleNotificationService-0123456789abcdef0123456789abcdef.pem'
const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const year = (text: string) => new Date(`${text}-01-01T00:00:00Z`)
const certificate = rsaCertificate(publicKey, privateKey, year('2026'), year('2027'))

const base = {
  Type: 'Notification',
  MessageId: '22b80b92-fdea-4c2c-8f9d-bdfb0c7bf324',
  TopicArn: topic,
  Subject: 'My First Message',
  Message: 'Hello world!\nsecond line é',
  Timestamp: time,
  SignatureVersion: '2',
  SigningCertURL: certificateUrl,
}

/** Written out from the vendor's page, apart from the code under test. */
function signed(fields: Readonly<Record<string, string | undefined>>, key: KeyObject = privateKey): string {
  const order =
    fields.Type === 'Notification'
      ? ['Message', 'MessageId', 'Subject', 'Timestamp', 'TopicArn', 'Type']
      : ['Message', 'MessageId', 'SubscribeURL', 'Timestamp', 'Token', 'TopicArn', 'Type']
  const content = order
    .filter((name) => fields[name] !== undefined)
    .map((name) => `${name}\n${fields[name]}\n`)
    .join('')
  const digest = fields.SignatureVersion === '1' ? 'sha1' : 'sha256'
  return JSON.stringify({ ...fields, Signature: sign(digest, Buffer.from(content), key).toString('base64') })
}

function setup(
  answer: (request: HttpRequest) => { status: number; body: string; after?: Promise<void> } | undefined = () =>
    undefined,
) {
  const clock = fakeClock(time)
  const sent: HttpRequest[] = []
  const transport: Transport = {
    send: async (request) => {
      sent.push(request)
      const { status, body, after } = answer(request) ?? { status: 200, body: certificate }
      await after
      return { status, statusText: '', headers: {}, url: request.url, body: Buffer.from(body), stream: undefined }
    },
    close: () => Promise.resolve(),
  }
  const verifier = compileVerifier({ kind: 'sns' }, { clock, transport, topics: [topic] })
  return { clock, sent, transport, check: async (text: string) => verifier.verify(inbound(text, {})) }
}

describe('Amazon SNS', () => {
  it.each(['1', '2'])('accepts signature version %s, and loads the certificate once', async (SignatureVersion) => {
    const { check, sent } = setup()
    const verdicts = await Promise.all([1, 2, 3].map(() => check(signed({ ...base, SignatureVersion }))))
    for (const verdict of verdicts)
      expect(verdict).toEqual({ accepted: true, messageId: base.MessageId, sentAt: Date.parse(time), key: -1 })
    expect(sent).toMatchObject([{ url: certificateUrl, limits: { maxRedirects: 0 } }])
    expect(await check(signed({ ...base, SignatureVersion, Subject: undefined }))).toMatchObject({ accepted: true })
  })

  it.each(['Message', 'MessageId', 'Subject', 'Timestamp', 'Type'])('refuses a changed %s', async (name) => {
    const { check } = setup()
    const fields = JSON.parse(signed(base)) as Record<string, string>
    const changed =
      { Timestamp: '2026-05-01T12:00:01.000Z', Type: 'SubscriptionConfirmation' }[name] ?? `${fields[name]}x`
    expect((await check(JSON.stringify({ ...fields, [name]: changed }))).accepted).toBe(false)
  })

  it.each([
    'https://sns.us-west-2.amazonaws.com.evil.example/SimpleNotificationService-0123456789abcdef.pem',
    'https://evil.example/SimpleNotificationService-0123456789abcdef.pem',
    'http://sns.us-west-2.amazonaws.com/SimpleNotificationService-0123456789abcdef.pem',
    'https://sns.us-west-2.amazonaws.com:8443/SimpleNotificationService-0123456789abcdef.pem',
    'https://user@sns.us-west-2.amazonaws.com/SimpleNotificationService-0123456789abcdef.pem',
    'https://sns.eu-west-1.amazonaws.com/SimpleNotificationService-0123456789abcdef.pem',
    'https://sns.us-west-2.amazonaws.com/bucket/SimpleNotificationService-0123456789abcdef.pem',
    'https://sns.us-west-2.amazonaws.com/SimpleNotificationService-0123456789abcdef.pem?x=1',
    'https://s3.us-west-2.amazonaws.com/SimpleNotificationService-0123456789abcdef.pem',
    'not a url',
  ])('never requests %s', async (SigningCertURL) => {
    const { check, sent } = setup()
    expect(await check(signed({ ...base, SigningCertURL }))).toEqual({ accepted: false, reason: 'refused-certificate' })
    expect(sent).toEqual([])
  })

  it('forged certificate names neither drive the good one out nor make us ask without bound', async () => {
    let answered = (): void => undefined
    const held = new Promise<void>((resolve) => {
      answered = resolve
    })
    const { check, sent } = setup(({ url }) =>
      url === certificateUrl ? undefined : { status: 404, body: '', after: held },
    )
    await check(signed(base))
    const forged = Array.from({ length: 50 }, (_, index) => ({
      ...base,
      SigningCertURL: certificateUrl.replace(/[0-9a-f]+\.pem/, `${(index + 10).toString(16).padStart(32, '0')}.pem`),
    }))
    const verdicts = Promise.all(forged.map((one) => check(signed(one))))
    await new Promise((resolve) => setImmediate(resolve))
    expect(sent.length).toBe(1 + 16)
    answered()
    const reasons = (await verdicts).map((verdict) => (verdict.accepted ? 'accepted' : verdict.reason))
    expect(new Set(reasons)).toEqual(new Set(['refused-certificate', 'keys-unavailable']))
    expect((await check(signed({ ...base, MessageId: 'another' }))).accepted).toBe(true)
    expect(sent.length).toBe(1 + 16)
  })

  it('refuses topics of others, whose messages the same certificate signs', async () => {
    const { check, sent } = setup()
    const other = { ...base, TopicArn: 'arn:aws:sns:us-west-2:999999999999:orders' }
    expect(await check(signed(other))).toEqual({ accepted: false, reason: 'refused-topic' })
    expect(sent).toEqual([])
  })

  it('refuses old and early messages, certificates outside their time, other keys, and versions that are switched off', async () => {
    const { check, clock, transport } = setup()
    clock.jump(3_600_001)
    expect(await check(signed(base))).toMatchObject({ reason: 'stale-timestamp' })
    clock.jump(-7_200_002)
    expect(await check(signed(base))).toMatchObject({ reason: 'early-timestamp' })
    clock.set('2027-01-01T00:00:00Z')
    expect(await check(signed({ ...base, Timestamp: '2027-01-01T00:00:00Z' }))).toMatchObject({
      reason: 'refused-certificate',
    })
    clock.set(time)
    const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
    expect(await check(signed(base, stranger))).toMatchObject({ reason: 'bad-signature' })
    const strict = compileVerifier({ kind: 'sns', versions: ['2'] }, { clock, transport, topics: [topic] })
    const old = signed({ ...base, SignatureVersion: '1' })
    expect(await strict.verify(inbound(old, {}))).toMatchObject({ reason: 'refused-algorithm' })
  })

  it('tells a certificate that is not to be had now from one that is none', async () => {
    for (const [status, body, reason] of [
      [500, '', 'keys-unavailable'],
      [404, '', 'refused-certificate'],
      [200, 'no pem', 'refused-certificate'],
    ] as const)
      expect(await setup(() => ({ status, body })).check(signed(base))).toMatchObject({ reason })
  })

  it('confirms a subscription by requesting a URL of SNS, and nothing else', async () => {
    const { clock, transport, sent, check } = setup()
    const confirm: Handshake = {
      method: 'POST',
      verified: true,
      when: [{ field: body('Type'), equals: 'SubscriptionConfirmation' }],
      answer: { kind: 'sns-confirm', url: body('SubscribeURL'), topic: body('TopicArn') },
    }
    const engine = compileHandshakes([confirm], { clock, transport })
    const confirmation = (SubscribeURL: string) =>
      signed({ ...base, Type: 'SubscriptionConfirmation', Subject: undefined, Token: 'tok', SubscribeURL })
    const url = 'https://sns.us-west-2.amazonaws.com/?Action=ConfirmSubscription&Token=tok'
    expect(await check(confirmation(url))).toMatchObject({ accepted: true })
    expect(await engine(inbound(confirmation(url), {}), true)).toMatchObject({ status: 200 })
    expect(sent.at(-1)).toMatchObject({ url, method: 'GET' })
    const count = sent.length
    expect(await engine(inbound(confirmation('https://169.254.169.254/'), {}), true)).toMatchObject({ status: 403 })
    expect(sent).toHaveLength(count)
    expect(engine(inbound(signed(base), {}), true)).toBeUndefined()
  })
})
