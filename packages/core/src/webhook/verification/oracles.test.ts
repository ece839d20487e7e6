import { Webhook as StandardWebhook } from 'standardwebhooks'
import { Webhook as SvixWebhook } from 'svix'
import { describe, expect, it } from 'vitest'
import { systemClock } from '../../clock.ts'
import { seededRandom } from '../../testing/index.ts'
import { inbound } from '../fixtures/messages.ts'
import { standardWebhooks } from '../preset.ts'
import { compileSigner, newWebhookSecret } from '../sign.ts'
import { compileVerifier } from './verify.ts'

const random = seededRandom('oracles')
const bodies = ['{}', '{"name":"Zoë 🦜"}', `{"long":"${'x'.repeat(20_000)}"}`, ' \n{"space" : 1}\n']
const now = systemClock.now()

describe('other libraries of Standard Webhooks agree', () => {
  it('standardwebhooks and svix, signing and verifying', () => {
    for (const body of bodies) {
      const secret = newWebhookSecret(random).reveal()
      const headers = compileSigner([secret])({ id: 'msg_1', sentAt: now, body })
      const parsed = JSON.parse(body) as unknown
      expect(new StandardWebhook(secret).verify(body, { ...headers })).toEqual(parsed)
      expect(() => new SvixWebhook(secret).verify(body, { ...headers })).not.toThrow()
      expect(() => new SvixWebhook(secret).verify(`${body} `, { ...headers })).toThrow()
      const verifier = compileVerifier(standardWebhooks.scheme, { secrets: [secret], clock: systemClock })
      const timestamp = String(Math.floor(now / 1000))
      for (const library of [StandardWebhook, SvixWebhook]) {
        const message = inbound(body, {
          'webhook-id': 'msg_2',
          'webhook-timestamp': timestamp,
          'webhook-signature': new library(secret).sign('msg_2', new Date(now), body),
        })
        expect(verifier.verify(message)).toMatchObject({ accepted: true, messageId: 'msg_2' })
      }
    }
  })

  it('headers whose names begin otherwise', () => {
    const secret = newWebhookSecret(random).reveal()
    const scheme = { kind: 'standard-webhooks', headers: 'acme-' } as const
    const verifier = compileVerifier(scheme, { secrets: [secret], clock: systemClock })
    const signature = new StandardWebhook(secret).sign('msg_3', new Date(now), '{}')
    const headers = {
      'acme-id': 'msg_3',
      'acme-timestamp': String(Math.floor(now / 1000)),
      'acme-signature': signature,
    }
    expect(verifier.verify(inbound('{}', headers))).toMatchObject({ accepted: true, messageId: 'msg_3' })
    expect(() => compileVerifier({ ...scheme, headers: 'Acme-' }, { secrets: [secret], clock: systemClock })).toThrow(
      'lower case',
    )
  })
})
