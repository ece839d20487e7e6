import type { AsymmetricScheme } from '../scheme.ts'
import { body, bodyHmac, header, preset, query, raw, versionedTimestamp } from './preset.ts'

const discordTimestamp = header('x-signature-timestamp')
const sendgridTimestamp = header('x-twilio-email-event-webhook-timestamp')
const zendeskTimestamp = header('x-zendesk-webhook-signature-timestamp')
const telnyxTimestamp = header('telnyx-timestamp')

export const communication = {
  slack: preset({
    scheme: versionedTimestamp('x-slack-signature', 'x-slack-request-timestamp', body('event_id')),
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
  zoom: preset({
    scheme: versionedTimestamp('x-zm-signature', 'x-zm-request-timestamp'),
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
  discord: preset<AsymmetricScheme>({
    scheme: {
      kind: 'asymmetric',
      algorithm: 'ed25519',
      signed: [discordTimestamp, ...raw],
      signature: header('x-signature-ed25519'),
      encoding: 'hex',
      timestamp: { field: discordTimestamp, unit: 's' },
      messageId: body('id'),
    },
    handshakes: [
      {
        method: 'POST',
        verified: true,
        when: [{ field: body('type'), equals: '1' }],
        answer: { kind: 'json', value: { type: 1 } },
      },
    ],
    documentation:
      'https://docs.discord.com/developers/interactions/overview#setting-up-an-endpoint-validating-security-request-headers',
  }),
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
    documentation: 'https://www.twilio.com/docs/usage/security#validating-requests',
  }),
  sendgrid: preset<AsymmetricScheme>({
    scheme: {
      kind: 'asymmetric',
      algorithm: 'ecdsa-p256-sha256',
      signed: [sendgridTimestamp, ...raw],
      signature: header('x-twilio-email-event-webhook-signature'),
      encoding: 'base64',
      timestamp: { field: sendgridTimestamp, unit: 's' },
    },
    documentation:
      'https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/getting-started-event-webhook-security-features',
  }),
  telnyx: preset<AsymmetricScheme>({
    scheme: {
      kind: 'asymmetric',
      algorithm: 'ed25519',
      signed: [telnyxTimestamp, { literal: '|' }, ...raw],
      signature: header('telnyx-signature-ed25519'),
      encoding: 'base64',
      timestamp: { field: telnyxTimestamp, unit: 's' },
      messageId: body('data.id'),
    },
    documentation: 'https://developers.telnyx.com/docs/messaging/messages/receiving-webhooks',
  }),
  mailgun: preset({
    // Signs a token and not the content: proves who sent it, and that it is fresh.
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
  intercom: preset({
    scheme: bodyHmac('x-hub-signature', 'hex', { algorithm: 'sha1', prefix: 'sha1=', messageId: body('id') }),
    documentation: 'https://developers.intercom.com/docs/webhooks/webhook-notifications#signed-notifications',
  }),
  zendesk: preset({
    scheme: {
      kind: 'hmac',
      algorithm: 'sha256',
      signed: [zendeskTimestamp, ...raw],
      signature: header('x-zendesk-webhook-signature'),
      encoding: 'base64',
      timestamp: { field: zendeskTimestamp, unit: 'iso' },
    },
    documentation: 'https://developer.zendesk.com/documentation/webhooks/verifying/',
  }),
  webex: preset({
    scheme: bodyHmac('x-spark-signature', 'hex', { algorithm: 'sha1' }),
    documentation: 'https://developer.webex.com/docs/api/guides/webhooks#handling-requests-from-webex',
  }),
  telegram: preset({
    scheme: { kind: 'shared-token', token: header('x-telegram-bot-api-secret-token'), messageId: body('update_id') },
    documentation: 'https://core.telegram.org/bots/api#setwebhook',
  }),
} as const
