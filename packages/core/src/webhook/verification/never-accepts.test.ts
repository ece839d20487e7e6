import { generateKeyPairSync } from 'node:crypto'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { fakeClock } from '../../testing/index.ts'
import { inbound } from '../fixtures/messages.ts'
import { namelessSource, signedSource, tokenSource } from '../fixtures/sources.ts'
import {
  body as bodyField,
  header,
  headerPair,
  pairedTimestampHmac,
  query,
  rawBody,
  standardWebhooks,
  versionedTimestampHmac,
} from '../preset.ts'
import type { Field, WebhookScheme } from '../scheme.ts'
import type { HeaderFields } from './message.ts'
import { compileVerifier } from './verify.ts'

const now = 1_760_000_000
const clock = fakeClock(now * 1000)
const keys = {
  ed25519: generateKeyPairSync('ed25519').publicKey,
  p256: generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey,
  rsa: generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey,
}
const transport = { send: () => Promise.reject(new Error('no network here')), close: () => Promise.resolve() }

function fieldsOf(scheme: WebhookScheme): readonly Field[] {
  switch (scheme.kind) {
    case 'hmac':
    case 'asymmetric':
      return [scheme.signature, ...scheme.signed.flatMap((part) => ('from' in part ? [part] : []))]
    case 'jwt':
    case 'shared-token':
      return [scheme.token]
    case 'standard-webhooks': {
      const prefix = scheme.headers ?? 'webhook-'
      return ['id', 'timestamp', 'signature'].map((name) => ({ from: 'header', name: prefix + name }))
    }
    case 'sns':
      return []
  }
}

/** Text near what parsers look for: prefixes, separators, pairs, encodings, times, and noise. */
const value = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    'v1,',
    'v0=',
    'sha256=',
    't=,v1=',
    't=1,v1=',
    '__proto__',
    'constructor',
    'Bearer a.b.c',
    ',',
    ' ',
    ';',
    '=',
  ),
  fc
    .array(
      fc.constantFrom('v1=', 't=', 'v0=', 'sha256=', 'v1,', String(now), 'AAAA', '0'.repeat(64), ',', ' ', ';', '.'),
      { maxLength: 12 },
    )
    .map((parts) => parts.join('')),
  fc.base64String({ minLength: 44, maxLength: 44 }).map((text) => `v1,${text}`),
  fc.constant(String(now)),
)
const field = fc.oneof({ weight: 6, arbitrary: value }, fc.array(value, { maxLength: 3 }), fc.constant(undefined))
const body = fc.oneof(
  fc.uint8Array(),
  fc.json().map((text) => Buffer.from(text)),
  fc
    .constantFrom('{"signature":{"timestamp":1}}', '{"value":[]}', '{"Type":"Notification"}', 'null', '[]')
    .map((text) => Buffer.from(text)),
)

const at = (field: Field) => ({ field, unit: 's' }) as const
const schemes: Readonly<Record<string, WebhookScheme>> = {
  'a body HMAC': signedSource.scheme,
  'a body HMAC without an id': namelessSource.scheme,
  'a shared token': tokenSource.scheme,
  'a shared token per item': { kind: 'shared-token', token: bodyField('value.*.state') },
  'paired timestamps': pairedTimestampHmac('x-signature'),
  'versioned timestamps': versionedTimestampHmac('x-signature', 'x-time'),
  'fields of the body': {
    kind: 'hmac',
    algorithm: 'sha256',
    signed: [bodyField('signature.timestamp')],
    signature: bodyField('signature.text'),
    encoding: 'hex',
    timestamp: at(bodyField('signature.timestamp')),
  },
  'the URL and a form': {
    kind: 'hmac',
    algorithm: 'sha1',
    signed: [{ url: 'full' }, { form: 'sorted-pairs' }],
    signature: header('x-signature'),
    encoding: 'base64',
    bodyHash: query('bodyHash'),
  },
  'semicolon pairs': {
    kind: 'hmac',
    algorithm: 'sha512',
    signed: [headerPair('x-signature', 'ts', ';'), rawBody],
    signature: headerPair('x-signature', 'h1', ';'),
    encoding: 'base64url',
  },
  ...Object.fromEntries(
    (['ed25519', 'ecdsa-p256-sha256', 'rsa-sha256', 'rsa-pss-sha256'] as const).map((algorithm) => [
      algorithm,
      {
        kind: 'asymmetric',
        algorithm,
        signed: [header('x-time'), rawBody],
        signature: header('x-signature'),
        separator: ',',
        encoding: 'base64',
        timestamp: at(header('x-time')),
      },
    ]),
  ),
  'Standard Webhooks': standardWebhooks.scheme,
  'a JSON Web Token': {
    kind: 'jwt',
    token: header('authorization'),
    prefix: 'Bearer ',
    algorithms: ['RS256', 'PS256'],
  },
  SNS: { kind: 'sns' },
}

it.each(Object.entries(schemes))('%s: garbage neither throws nor is accepted', async (_, scheme) => {
  const publicKey =
    scheme.kind !== 'asymmetric' || scheme.algorithm.startsWith('rsa')
      ? keys.rsa
      : scheme.algorithm === 'ed25519'
        ? keys.ed25519
        : keys.p256
  const secret = `whsec_${Buffer.alloc(32, 5).toString('base64')}`
  const material = { secrets: [secret], keys: [scheme.kind === 'standard-webhooks' ? keys.ed25519 : publicKey] }
  const options = { clock, transport, topics: ['arn:aws:sns:us-east-1:1:t'], ...material }
  const verifier = compileVerifier(scheme, options)
  const names = [
    ...fieldsOf(scheme).flatMap((one) => (one.from === 'header' || one.from === 'header-pair' ? [one.name] : [])),
    'content-type',
  ]
  const headers: fc.Arbitrary<HeaderFields> = fc.record(Object.fromEntries(names.map((name) => [name, field])))
  await fc.assert(
    fc.asyncProperty(headers, body, fc.webUrl({ withQueryParameters: true }), async (fields, bytes, url) => {
      const verdict = await verifier.verify(inbound(bytes, fields, { url }))
      expect(verdict.accepted).toBe(false)
      expect(Object.keys(verdict)).toEqual(['accepted', 'reason'])
    }),
    { numRuns: 150 },
  )
})
