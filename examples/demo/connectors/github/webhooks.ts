import type { WebhookScheme } from '@patchbay/core'

/**
 * How GitHub signs its webhooks, and which headers are worth keeping. The id of a delivery is not signed: it tells repetitions apart and
 * proves nothing.
 * @see https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
 */
export const githubWebhooks = {
  scheme: {
    kind: 'hmac',
    algorithm: 'sha256',
    signed: [{ body: 'raw' }],
    signature: { from: 'header', name: 'x-hub-signature-256' },
    prefix: 'sha256=',
    encoding: 'hex',
    messageId: { from: 'header', name: 'x-github-delivery' },
  },
  keep: ['x-github-event', 'x-github-delivery', 'x-github-hook-id'],
} as const satisfies { readonly scheme: WebhookScheme; readonly keep: readonly string[] }
