import { body, bodyHmac, header, headerPair, pairedTimestampHmac, preset, rawBody } from '@patchbay/core/webhooks'

const hubspotTimestamp = header('x-hubspot-request-timestamp')
const paddleTimestamp = headerPair('paddle-signature', 'ts', ';')

export const commerce = {
  // Checked against: stripe 23.1.0 signing (test).
  stripe: preset({
    scheme: pairedTimestampHmac('stripe-signature', body('id')),
    documentation: 'https://docs.stripe.com/webhooks#verify-manually',
  }),
  // Webhooks, not the Events of the developer preview, whose headers have no `x-`.
  // Checked against: @shopify/shopify-api 15.0.0 verifying (vector); the id against the page.
  shopify: preset({
    scheme: bodyHmac('x-shopify-hmac-sha256', 'base64', { messageId: header('x-shopify-webhook-id') }),
    keep: ['x-shopify-topic', 'x-shopify-shop-domain', 'x-shopify-api-version', 'x-shopify-event-id'],
    documentation: 'https://shopify.dev/docs/apps/build/webhooks/verify-deliveries',
  }),
  // The delivery id is made of the webhook's id and the second, so two deliveries may share it; and nothing is ever sent again. The ping at
  // the creation of a webhook is a form without a signature, and wants a 200.
  // Checked against: class-wc-webhook.php of woocommerce/woocommerce at 00e1bc4.
  woocommerce: preset({
    scheme: bodyHmac('x-wc-webhook-signature', 'base64'),
    handshakes: ['application/x-www-form-urlencoded', 'application/x-www-form-urlencoded; charset=UTF-8'].map(
      (type) => ({
        method: 'POST',
        verified: false,
        when: [{ field: header('content-type'), equals: type }],
        answer: { kind: 'empty' },
      }),
    ),
    keep: ['x-wc-webhook-topic', 'x-wc-webhook-source', 'x-wc-webhook-delivery-id'],
    unnamed: 'arrival',
    documentation: 'https://woocommerce.github.io/woocommerce-rest-api-docs/#webhooks',
  }),
  // Signs the notification URL as it stands in the developer console: give `publicOrigin` behind a proxy.
  // Checked against: square 46.0.0 verifying (vector).
  square: preset({
    scheme: {
      kind: 'hmac',
      algorithm: 'sha256',
      signed: [{ url: 'full' }, rawBody],
      signature: header('x-square-hmacsha256-signature'),
      encoding: 'base64',
      messageId: body('event_id'),
    },
    documentation: 'https://developer.squareup.com/docs/webhooks/step3validate',
  }),
  // Checked against: @paddle/paddle-node-sdk 3.10.0 verifying (vector).
  paddle: preset({
    scheme: {
      kind: 'hmac',
      algorithm: 'sha256',
      signed: [paddleTimestamp, { literal: ':' }, rawBody],
      signature: headerPair('paddle-signature', 'h1', ';'),
      encoding: 'hex',
      timestamp: { field: paddleTimestamp, unit: 's' },
      messageId: body('event_id'),
    },
    documentation: 'https://developer.paddle.com/webhooks/signature-verification',
  }),
  // Checked against: the vendor's sample lmsqueezy/nextjs-billing at 0a73f08.
  lemonSqueezy: preset({
    scheme: bodyHmac('x-signature', 'hex'),
    keep: ['x-event-name'],
    documentation: 'https://docs.lemonsqueezy.com/help/webhooks/signing-requests',
  }),
  // Version 3. Signs the target URL with some escapes undone, so choose one without escapes in it; give `publicOrigin` behind a proxy.
  // Checked against: @hubspot/api-client 14.0.1 signing and verifying (vector).
  hubspot: preset({
    scheme: {
      kind: 'hmac',
      algorithm: 'sha256',
      signed: [{ method: 'upper' }, { url: 'full' }, rawBody, hubspotTimestamp],
      signature: header('x-hubspot-signature-v3'),
      encoding: 'base64',
      timestamp: { field: hubspotTimestamp, unit: 'ms' },
    },
    documentation:
      'https://developers.hubspot.com/docs/apps/developer-platform/build-apps/authentication/request-validation',
  }),
  // One header per Connect key of the account; this is the first key's. Spread the scheme and name `x-docusign-signature-2` for the second.
  // Checked against: the page.
  docusign: preset({
    scheme: bodyHmac('x-docusign-signature-1', 'base64'),
    maxBodyBytes: 100 * 1_048_576,
    documentation: 'https://developers.docusign.com/platform/webhooks/connect/validate/',
  }),
  // Checked against: the page.
  calendly: preset({
    scheme: pairedTimestampHmac('calendly-webhook-signature'),
    documentation: 'https://developer.calendly.com/api-docs/overview/webhooks/webhook-signatures',
  }),
  // Checked against: the page.
  typeform: preset({
    scheme: bodyHmac('typeform-signature', 'base64', { prefix: 'sha256=', messageId: body('event_id') }),
    documentation: 'https://www.typeform.com/developers/webhooks/secure-your-webhooks/',
  }),
} as const
