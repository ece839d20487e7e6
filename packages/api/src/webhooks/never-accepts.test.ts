import { generateKeyPairSync } from 'node:crypto'
import { fakeClock } from '@patchbay/core/testing'
import { compileVerifier, type Field, type HeaderFields, type WebhookScheme } from '@patchbay/core/webhooks'
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { inbound } from './fixtures/messages.ts'
import { webhookPresets } from './index.ts'

const now = 1_760_000_000
const clock = fakeClock(now * 1000)
const keys = {
  ed25519: generateKeyPairSync('ed25519').publicKey,
  p256: generateKeyPairSync('ec', { namedCurve: 'P-256' }).publicKey,
}
const transport = { send: () => Promise.reject(new Error('no network here')), close: () => Promise.resolve() }

function headersOf(scheme: WebhookScheme): readonly string[] {
  const fields: Field[] = []
  if ('signature' in scheme) fields.push(scheme.signature)
  if ('signed' in scheme) for (const part of scheme.signed) if ('from' in part) fields.push(part)
  if ('token' in scheme) fields.push(scheme.token)
  const names = fields.flatMap((field) => ('name' in field && field.from !== 'query' ? [field.name] : []))
  if (scheme.kind !== 'standard-webhooks') return names
  return ['id', 'timestamp', 'signature'].map((name) => `${scheme.headers ?? 'webhook-'}${name}`)
}

/** Text near what parsers look for: prefixes, separators, pairs, encodings, times, and noise. */
const piece = fc.constantFrom(
  ...['v1=', 'v0=', 't=', 'ts=', 'h1=', 'sha1=', 'sha256=', 'v1,', ',', ' ', ';', '=', '.', '__proto__', 'AAAA'],
  String(now),
  '0'.repeat(40),
  '0'.repeat(64),
)
const value = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.array(piece, { maxLength: 12 }).map((parts) => parts.join('')),
  fc.base64String({ minLength: 44, maxLength: 44 }),
)
const field = fc.oneof({ weight: 6, arbitrary: value }, fc.array(value, { maxLength: 3 }), fc.constant(undefined))
const body = fc.oneof(
  fc.uint8Array(),
  fc.json().map((text) => Buffer.from(text)),
  fc
    .constantFrom('{"signature":{"timestamp":1}}', '{"value":[]}', '{"Type":"Notification"}', 'null', '[]')
    .map((text) => Buffer.from(text)),
)

it.each(Object.entries(webhookPresets))('%s: garbage neither throws nor is accepted', async (_, { scheme }) => {
  const key = scheme.kind === 'asymmetric' && scheme.algorithm === 'ecdsa-p256-sha256' ? keys.p256 : keys.ed25519
  const verifier = compileVerifier(scheme as WebhookScheme, {
    clock,
    transport,
    topics: ['arn:aws:sns:us-east-1:1:t'],
    secrets: [`whsec_${Buffer.alloc(32, 5).toString('base64')}`],
    keys: [key],
  })
  const names = [...headersOf(scheme as WebhookScheme), 'content-type']
  const headers: fc.Arbitrary<HeaderFields> = fc.record(Object.fromEntries(names.map((name) => [name, field])))
  await fc.assert(
    fc.asyncProperty(headers, body, fc.webUrl({ withQueryParameters: true }), async (fields, bytes, url) => {
      const verdict = await verifier.verify(inbound(bytes, fields, url))
      expect(verdict.accepted).toBe(false)
      expect(Object.keys(verdict)).toEqual(['accepted', 'reason'])
    }),
    { numRuns: 150 },
  )
})
