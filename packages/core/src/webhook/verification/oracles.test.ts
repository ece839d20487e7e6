import { sign as octokitSign, verify as octokitVerify } from '@octokit/webhooks-methods'
import { Webhook as StandardWebhook } from 'standardwebhooks'
import { Stripe } from 'stripe'
import { Webhook as SvixWebhook } from 'svix'
import { describe, expect, it } from 'vitest'
import { systemClock } from '../../clock.ts'
import { seededRandom } from '../../testing/index.ts'
import { inbound } from '../fixtures/messages.ts'
import { webhookPresets } from '../presets/index.ts'
import { compileSigner, newWebhookSecret } from '../sign.ts'
import { compileVerifier } from './verify.ts'

const random = seededRandom('oracles')
const bodies = ['{}', '{"name":"Zoë 🦜"}', `{"long":"${'x'.repeat(20_000)}"}`, ' \n{"space" : 1}\n']
const now = systemClock.now()

describe('the vendors own libraries agree', () => {
  it('@octokit/webhooks-methods', async () => {
    const verifier = compileVerifier(webhookPresets.github.scheme, { secrets: ['a secret'], clock: systemClock })
    for (const body of bodies) {
      const signature = await octokitSign('a secret', body)
      const message = inbound(body, { 'x-hub-signature-256': signature, 'x-github-delivery': 'd1' })
      expect(verifier.verify(message)).toMatchObject({ accepted: true, messageId: 'd1' })
      expect(await octokitVerify('a secret', body, signature)).toBe(true)
    }
  })

  it('standardwebhooks and svix, signing and verifying', () => {
    for (const body of bodies) {
      const secret = newWebhookSecret(random).reveal()
      const headers = compileSigner([secret])({ id: 'msg_1', sentAt: now, body })
      const parsed = JSON.parse(body) as unknown
      expect(new StandardWebhook(secret).verify(body, { ...headers })).toEqual(parsed)
      expect(() => new SvixWebhook(secret).verify(body, { ...headers })).not.toThrow()
      expect(() => new SvixWebhook(secret).verify(`${body} `, { ...headers })).toThrow()
      const verifier = compileVerifier({ kind: 'standard-webhooks' }, { secrets: [secret], clock: systemClock })
      const theirs = new StandardWebhook(secret).sign('msg_2', new Date(now), body)
      const timestamp = String(Math.floor(now / 1000))
      const message = inbound(body, {
        'webhook-id': 'msg_2',
        'webhook-timestamp': timestamp,
        'webhook-signature': theirs,
      })
      expect(verifier.verify(message)).toMatchObject({ accepted: true, messageId: 'msg_2' })
    }
  })

  it('svix headers', () => {
    const secret = newWebhookSecret(random).reveal()
    const verifier = compileVerifier(webhookPresets.svix.scheme, { secrets: [secret], clock: systemClock })
    const signature = new SvixWebhook(secret).sign('msg_3', new Date(now), '{}')
    const timestamp = String(Math.floor(now / 1000))
    const headers = { 'svix-id': 'msg_3', 'svix-timestamp': timestamp, 'svix-signature': signature }
    expect(verifier.verify(inbound('{}', headers))).toMatchObject({ accepted: true, messageId: 'msg_3' })
  })

  it('stripe', () => {
    const secret = 'whsec_test_secret'
    const verifier = compileVerifier(webhookPresets.stripe.scheme, { secrets: [secret], clock: systemClock })
    for (const body of bodies) {
      const withId = body.replace('{', '{"id":"evt_1",').replace(',}', '}')
      const header = Stripe.webhooks.generateTestHeaderString({ payload: withId, secret })
      const message = inbound(withId, { 'stripe-signature': header })
      expect(verifier.verify(message)).toMatchObject({ accepted: true, messageId: 'evt_1' })
      expect(() => Stripe.webhooks.constructEvent(withId, header, secret)).not.toThrow()
      const [time, signature] = header.split(',') as [string, string]
      // During a rotation Stripe sends one signature per secret; other versions are not ours to judge.
      for (const [text, accepted] of [
        [`${time},v1=${'0'.repeat(64)},${signature}`, true],
        [`${time},v0=${'0'.repeat(64)},${signature}`, true],
        [`${time},v0=${signature.slice(3)}`, false],
        [`${time},${time},${signature}`, false],
        [`t=1,${time},${signature}`, false],
        [`${signature}`, false],
        [`${header}, ${header}`, false],
      ] as const)
        expect(verifier.verify(inbound(withId, { 'stripe-signature': text })).accepted, text).toBe(accepted)
    }
  })
})
