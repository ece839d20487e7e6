import { body, bodyHmac, header, preset, query } from '@patchbay/core/webhooks'

export const platforms = {
  // Senders that let Svix deliver for them.
  // Checked against: svix 2.5.0 signing (test).
  svix: preset({
    scheme: { kind: 'standard-webhooks', headers: 'svix-' },
    documentation: 'https://docs.svix.com/receiving/verifying-payloads/how-manual',
  }),
  // Says whose files changed and nothing more, so every notice about an account is equal.
  // Checked against: the vendor's sample dropbox/mdwebhook.
  dropbox: preset({
    scheme: bodyHmac('x-dropbox-signature', 'hex'),
    handshakes: [
      {
        method: 'GET',
        verified: false,
        when: [{ field: query('challenge') }],
        answer: { kind: 'echo', field: query('challenge'), as: 'text' },
      },
    ],
    unnamed: 'arrival',
    documentation: 'https://www.dropbox.com/developers/reference/webhooks',
  }),
  // Facebook, Instagram and WhatsApp. `handshakeToken` is the verify token of the app's settings.
  // Checked against: the vendor's WhatsApp/WhatsApp-Nodejs-SDK, src/api/webhooks.ts.
  meta: preset({
    scheme: bodyHmac('x-hub-signature-256', 'hex', { prefix: 'sha256=' }),
    handshakes: [
      {
        method: 'GET',
        verified: false,
        when: [{ field: query('hub.mode'), equals: 'subscribe' }],
        token: query('hub.verify_token'),
        answer: { kind: 'echo', field: query('hub.challenge'), as: 'text' },
      },
    ],
    documentation: 'https://developers.facebook.com/docs/graph-api/webhooks/getting-started',
  }),
  // Event hooks with the authentication field `Authorization`.
  // Checked against: okta/okta-developer-docs, concepts/event-hooks.
  okta: preset({
    scheme: { kind: 'shared-token', token: header('authorization'), messageId: body('eventId') },
    handshakes: [
      {
        method: 'GET',
        verified: true,
        when: [{ field: header('x-okta-verification-challenge') }],
        answer: { kind: 'echo', field: header('x-okta-verification-challenge'), as: { json: 'verification' } },
      },
    ],
    documentation: 'https://developer.okta.com/docs/concepts/event-hooks/',
  }),
  // The secret is the subscription's clientState. Two changes of one resource may be told in equal words. The tokens that come with resource
  // data are not looked at.
  // Checked against: the vendor's sample microsoftgraph/nodejs-webhooks-sample, routes/listen.js.
  microsoftGraph: preset({
    scheme: { kind: 'shared-token', token: body('value.*.clientState') },
    handshakes: [
      {
        method: 'POST',
        verified: false,
        when: [{ field: query('validationToken') }],
        answer: { kind: 'echo', field: query('validationToken'), as: 'text' },
      },
    ],
    unnamed: 'arrival',
    documentation: 'https://learn.microsoft.com/en-us/graph/change-notifications-delivery-webhooks',
  }),
  // Give `topics` and `transport`; a subscription is confirmed by itself.
  // Checked against: the page; the signed keys against sns-validator 0.3.5.
  amazonSns: preset({
    scheme: { kind: 'sns' },
    handshakes: [
      {
        method: 'POST',
        verified: true,
        when: [{ field: body('Type'), equals: 'SubscriptionConfirmation' }],
        answer: { kind: 'sns-confirm', url: body('SubscribeURL'), topic: body('TopicArn') },
      },
    ],
    keep: ['x-amz-sns-message-type', 'x-amz-sns-subscription-arn'],
    documentation: 'https://docs.aws.amazon.com/sns/latest/dg/sns-verify-signature-of-message.html',
  }),
} as const
