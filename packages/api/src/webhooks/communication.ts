import {
  type AsymmetricScheme,
  body,
  bodyHmac,
  header,
  preset,
  query,
  rawBody,
  versionedTimestampHmac,
} from '@patchbay/core/webhooks'

const discordTimestamp = header('x-signature-timestamp')
const sendgridTimestamp = header('x-twilio-email-event-webhook-timestamp')
const telnyxTimestamp = header('telnyx-timestamp')
const zendeskTimestamp = header('x-zendesk-webhook-signature-timestamp')

export const communication = {
  // Checked against: the page's worked example and @slack/bolt 5.1.0 verifying (vectors).
  slack: preset({
    scheme: versionedTimestampHmac('x-slack-signature', 'x-slack-request-timestamp', body('event_id')),
    handshakes: [
      {
        method: 'POST',
        verified: true,
        when: [{ field: body('type'), equals: 'url_verification' }],
        answer: { kind: 'echo', field: body('challenge'), as: 'text' },
      },
    ],
    keep: ['x-slack-retry-num', 'x-slack-retry-reason'],
    documentation: 'https://docs.slack.dev/authentication/verifying-requests-from-slack',
  }),
  // Checked against: @zoom/rivet 0.4.0 verifying and answering (vector, test).
  zoom: preset({
    scheme: versionedTimestampHmac('x-zm-signature', 'x-zm-request-timestamp'),
    handshakes: [
      {
        method: 'POST',
        verified: true,
        when: [{ field: body('event'), equals: 'endpoint.url_validation' }],
        answer: { kind: 'hmac-echo', field: body('payload.plainToken'), plain: 'plainToken', hmac: 'encryptedToken' },
      },
    ],
    documentation: 'https://developers.zoom.us/docs/api/webhooks/#verify-webhook-events',
  }),
  // Interactions, which have a `token`. Webhook Events are signed alike, but `type` 1 is an event there, not a ping: it is not answered as one.
  // Checked against: discord-interactions 4.4.0 verifying (vector); the ping against discord/discord-api-docs.
  discord: preset<AsymmetricScheme>({
    scheme: {
      kind: 'asymmetric',
      algorithm: 'ed25519',
      signed: [discordTimestamp, rawBody],
      signature: header('x-signature-ed25519'),
      encoding: 'hex',
      timestamp: { field: discordTimestamp, unit: 's' },
      messageId: body('id'),
    },
    handshakes: [
      {
        method: 'POST',
        verified: true,
        when: [{ field: body('type'), equals: '1' }, { field: body('token') }],
        answer: { kind: 'json', value: { type: 1 } },
      },
    ],
    documentation:
      'https://docs.discord.com/developers/interactions/overview#setting-up-an-endpoint-validating-security-request-headers',
  }),
  // Signs the URL that is configured there: give `publicOrigin` behind a proxy. Equal requests, such as the same key pressed again, are
  // rightly equal, so one without its token is never taken for a repetition.
  // Checked against: twilio 6.2.0 signing and verifying (vectors).
  twilio: preset({
    scheme: {
      kind: 'hmac',
      algorithm: 'sha1',
      signed: [{ url: 'full' }, { form: 'sorted-pairs' }],
      signature: header('x-twilio-signature'),
      encoding: 'base64',
      bodyHash: query('bodySHA256'),
      messageId: header('i-twilio-idempotency-token'),
    },
    unnamed: 'arrival',
    documentation: 'https://www.twilio.com/docs/usage/security#validating-requests',
  }),
  // Checked against: @sendgrid/eventwebhook 8.0.0 verifying (vector).
  sendgrid: preset<AsymmetricScheme>({
    scheme: {
      kind: 'asymmetric',
      algorithm: 'ecdsa-p256-sha256',
      signed: [sendgridTimestamp, rawBody],
      signature: header('x-twilio-email-event-webhook-signature'),
      encoding: 'base64',
      timestamp: { field: sendgridTimestamp, unit: 's' },
    },
    documentation:
      'https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/getting-started-event-webhook-security-features',
  }),
  // Checked against: telnyx 7.24.0 verifying (vector).
  telnyx: preset<AsymmetricScheme>({
    scheme: {
      kind: 'asymmetric',
      algorithm: 'ed25519',
      signed: [telnyxTimestamp, { literal: '|' }, rawBody],
      signature: header('telnyx-signature-ed25519'),
      encoding: 'base64',
      timestamp: { field: telnyxTimestamp, unit: 's' },
      messageId: body('data.id'),
    },
    documentation: 'https://developers.telnyx.com/docs/messaging/messages/receiving-webhooks',
  }),
  // Signs a token and not the content: proves who sent it, and that it is fresh. Events of a subaccount carry the main account's signature
  // as well, under `signature.parent-signature`.
  // Checked against: the page.
  mailgun: preset({
    scheme: {
      kind: 'hmac',
      algorithm: 'sha256',
      signed: [body('signature.timestamp'), body('signature.token')],
      signature: body('signature.signature'),
      encoding: 'hex',
      timestamp: { field: body('signature.timestamp'), unit: 's' },
      messageId: body('signature.token'),
    },
    documentation: 'https://documentation.mailgun.com/docs/mailgun/user-manual/webhooks/securing-webhooks',
  }),
  // Checked against: the page.
  intercom: preset({
    scheme: bodyHmac('x-hub-signature', 'hex', { algorithm: 'sha1', prefix: 'sha1=', messageId: body('id') }),
    documentation: 'https://developers.intercom.com/docs/webhooks/webhook-notifications#signed-notifications',
  }),
  // Checked against: the page, and "Anatomy of a webhook request" for the id.
  zendesk: preset({
    scheme: {
      kind: 'hmac',
      algorithm: 'sha256',
      signed: [zendeskTimestamp, rawBody],
      signature: header('x-zendesk-webhook-signature'),
      encoding: 'base64',
      timestamp: { field: zendeskTimestamp, unit: 'iso' },
      messageId: header('x-zendesk-webhook-invocation-id'),
    },
    keep: ['x-zendesk-webhook-id'],
    documentation: 'https://developer.zendesk.com/documentation/webhooks/verifying/',
  }),
  // Says which resource changed, not when: two changes back and forth are equal.
  // Checked against: the vendor's sample WebexSamples/webex-node-bot-framework, lib/webhook.js.
  webex: preset({
    scheme: bodyHmac('x-spark-signature', 'hex', { algorithm: 'sha1' }),
    unnamed: 'arrival',
    documentation: 'https://developer.webex.com/docs/receive-and-verify-webhooks',
  }),
  // Checked against: the sender, WebhookActor.cpp of tdlib/telegram-bot-api.
  telegram: preset({
    scheme: { kind: 'shared-token', token: header('x-telegram-bot-api-secret-token'), messageId: body('update_id') },
    documentation: 'https://core.telegram.org/bots/api#setwebhook',
  }),
} as const
