import { sign as octokitSign, verify as octokitVerify } from '@octokit/webhooks-methods'
import { systemClock } from '@patchbay/core'
import { compileVerifier } from '@patchbay/core/webhooks'
import { Stripe } from 'stripe'
import { Webhook as SvixWebhook } from 'svix'
import { describe, expect, it } from 'vitest'
import { inbound } from './fixtures/messages.ts'
import { webhookPresets } from './index.ts'

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

  it('svix', () => {
    const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`
    const verifier = compileVerifier(webhookPresets.svix.scheme, { secrets: [secret], clock: systemClock })
    for (const body of bodies) {
      const signature = new SvixWebhook(secret).sign('msg_3', new Date(now), body)
      const timestamp = String(Math.floor(now / 1000))
      const headers = { 'svix-id': 'msg_3', 'svix-timestamp': timestamp, 'svix-signature': signature }
      expect(verifier.verify(inbound(body, headers))).toMatchObject({ accepted: true, messageId: 'msg_3' })
      expect(verifier.verify(inbound(`${body} `, headers)).accepted).toBe(false)
    }
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
      expect(verifier.verify(inbound(`${withId} `, { 'stripe-signature': header })).accepted).toBe(false)
    }
  })
})
