import { createHmac } from 'node:crypto'
import { fakeClock } from '@patchbay/core/testing'
import { compileVerifier, type HeaderFields } from '@patchbay/core/webhooks'
import { describe, expect, it } from 'vitest'
import { inbound } from './fixtures/messages.ts'
import { webhookPresets } from './index.ts'

const at = 1_760_000_000
const iso = '2025-10-09T08:53:20Z'
const clock = fakeClock(at * 1000)
const secret = 'a secret'
const hmac = (text: string, encoding: 'hex' | 'base64' = 'hex', algorithm = 'sha256') =>
  createHmac(algorithm, secret).update(text).digest(encoding)

/** What a vendor sends by its page, sample or source, written out by hand for those whose libraries cannot be asked. */
const sent: Readonly<Record<string, readonly [body: string, headers: HeaderFields, messageId?: string]>> = {
  lemonSqueezy: ['{}', { 'x-signature': hmac('{}'), 'x-event-name': 'order_created' }],
  woocommerce: ['{"id":5}', { 'x-wc-webhook-signature': hmac('{"id":5}', 'base64'), 'x-wc-webhook-delivery-id': 'd' }],
  docusign: ['{}', { 'x-docusign-signature-1': hmac('{}', 'base64'), 'x-docusign-signature-2': 'AAAA' }],
  calendly: ['{}', { 'calendly-webhook-signature': `t=${at},v1=${hmac(`${at}.{}`)}` }],
  typeform: ['{"event_id":"E"}', { 'typeform-signature': `sha256=${hmac('{"event_id":"E"}', 'base64')}` }, 'E'],
  intercom: ['{"id":"notif_1"}', { 'x-hub-signature': `sha1=${hmac('{"id":"notif_1"}', 'hex', 'sha1')}` }, 'notif_1'],
  zendesk: [
    '{}',
    {
      'x-zendesk-webhook-signature': hmac(`${iso}{}`, 'base64'),
      'x-zendesk-webhook-signature-timestamp': iso,
      'x-zendesk-webhook-invocation-id': '8350205582',
    },
    '8350205582',
  ],
  webex: ['{"id":"w"}', { 'x-spark-signature': hmac('{"id":"w"}', 'hex', 'sha1') }],
  mailgun: [
    JSON.stringify({ signature: { timestamp: String(at), token: 'tok', signature: hmac(`${at}tok`) } }),
    {},
    'tok',
  ],
  bitbucket: ['{}', { 'x-hub-signature': `sha256=${hmac('{}')}`, 'x-request-uuid': 'u' }, 'u'],
  jira: ['{}', { 'x-hub-signature': `sha256=${hmac('{}')}`, 'x-atlassian-webhook-identifier': 'i' }, 'i'],
  sentry: ['{}', { 'sentry-hook-signature': hmac('{}'), 'request-id': 'r' }, 'r'],
  pagerduty: [
    '{"event":{"id":"01"}}',
    { 'x-pagerduty-signature': `v1=${'0'.repeat(64)},v1=${hmac('{"event":{"id":"01"}}')}` },
    '01',
  ],
  vercel: ['{"id":"v"}', { 'x-vercel-signature': hmac('{"id":"v"}', 'hex', 'sha1') }, 'v'],
  dropbox: ['{}', { 'x-dropbox-signature': hmac('{}') }],
  meta: ['{}', { 'x-hub-signature-256': `sha256=${hmac('{}')}` }],
  gitlab: ['{}', { 'x-gitlab-token': secret, 'idempotency-key': 'k' }, 'k'],
  telegram: ['{"update_id":7}', { 'x-telegram-bot-api-secret-token': secret }, '7'],
  okta: ['{"eventId":"e"}', { authorization: secret }, 'e'],
  microsoftGraph: [JSON.stringify({ value: [{ clientState: secret }, { clientState: secret }] }), {}],
}

describe('what vendors send', () => {
  it.each(Object.entries(sent))('%s', async (name, [body, headers, messageId]) => {
    const { scheme } = webhookPresets[name as keyof typeof webhookPresets]
    const check = async (secrets: readonly string[], text = body) =>
      compileVerifier(scheme, { secrets, clock }).verify(inbound(text, headers))
    expect(await check([secret])).toMatchObject({ accepted: true, messageId })
    expect(await check(['another'])).toEqual({ accepted: false, reason: 'bad-signature' })
    const coversBody = scheme.kind === 'hmac' && scheme.signed.some((part) => 'body' in part)
    if (coversBody) expect(await check([secret], `${body} `)).toEqual({ accepted: false, reason: 'bad-signature' })
  })

  it('of several notifications of Microsoft Graph every one must carry the state', async () => {
    const verifier = compileVerifier(webhookPresets.microsoftGraph.scheme, { secrets: [secret], clock })
    const body = JSON.stringify({ value: [{ clientState: secret }, { clientState: 'x' }] })
    expect((await verifier.verify(inbound(body, {}))).accepted).toBe(false)
  })
})
