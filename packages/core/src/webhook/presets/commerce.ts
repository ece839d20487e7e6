import { body, bodyHmac, header, mebibyte, pair, pairedTimestamp, preset, raw } from './preset.ts'

const hubspotTimestamp = header('x-hubspot-request-timestamp')

export const commerce = {
  stripe: preset({
    scheme: pairedTimestamp('stripe-signature', body('id')),
    documentation: 'https://docs.stripe.com/webhooks#verify-manually',
  }),
  shopify: preset({
    // One event may reach several subscriptions under one event id, so the topic is part of ours.
    scheme: bodyHmac('x-shopify-hmac-sha256', 'base64', {
      messageId: [header('x-shopify-topic'), header('x-shopify-event-id')],
    }),
    keep: ['x-shopify-topic', 'x-shopify-shop-domain', 'x-shopify-api-version', 'x-shopify-webhook-id'],
    documentation:
      'https://shopify.dev/docs/apps/build/webhooks/subscribe/https#step-2-validate-the-origin-of-your-webhook',
  }),
  woocommerce: preset({
    scheme: bodyHmac('x-wc-webhook-signature', 'base64', { messageId: header('x-wc-webhook-delivery-id') }),
    keep: ['x-wc-webhook-topic', 'x-wc-webhook-source'],
    documentation: 'https://woocommerce.github.io/woocommerce-rest-api-docs/#webhooks',
  }),
  square: preset({
    scheme: {
      kind: 'hmac',
      algorithm: 'sha256',
      signed: [{ url: 'full' }, ...raw],
      signature: header('x-square-hmacsha256-signature'),
      encoding: 'base64',
      messageId: body('event_id'),
    },
    documentation: 'https://developer.squareup.com/docs/webhooks/step3validate',
  }),
  paddle: preset({
    scheme: {
      kind: 'hmac',
      algorithm: 'sha256',
      signed: [pair('paddle-signature', 'ts', ';'), { literal: ':' }, ...raw],
      signature: pair('paddle-signature', 'h1', ';'),
      encoding: 'hex',
      timestamp: { field: pair('paddle-signature', 'ts', ';'), unit: 's' },
      messageId: body('event_id'),
    },
    documentation: 'https://developer.paddle.com/webhooks/signature-verification',
  }),
  lemonSqueezy: preset({
    scheme: bodyHmac('x-signature', 'hex'),
    keep: ['x-event-name'],
    documentation: 'https://docs.lemonsqueezy.com/help/webhooks/signing-requests',
  }),
  hubspot: preset({
    scheme: {
      kind: 'hmac',
      algorithm: 'sha256',
      signed: [{ method: 'upper' }, { url: 'full' }, ...raw, hubspotTimestamp],
      signature: header('x-hubspot-signature-v3'),
      encoding: 'base64',
      timestamp: { field: hubspotTimestamp, unit: 'ms' },
    },
    documentation:
      'https://developers.hubspot.com/docs/apps/developer-platform/build-apps/authentication/request-validation',
  }),
  docusign: preset({
    scheme: bodyHmac('x-docusign-signature-1', 'base64'),
    maxBodyBytes: 100 * mebibyte,
    documentation: 'https://developers.docusign.com/platform/webhooks/connect/validate/',
  }),
  calendly: preset({
    scheme: pairedTimestamp('calendly-webhook-signature'),
    documentation: 'https://developer.calendly.com/api-docs/4c305798a61d3-webhook-signatures',
  }),
  typeform: preset({
    scheme: bodyHmac('typeform-signature', 'base64', { prefix: 'sha256=', messageId: body('event_id') }),
    documentation: 'https://www.typeform.com/developers/webhooks/secure-your-webhooks/',
  }),
} as const
