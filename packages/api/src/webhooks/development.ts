import { body, bodyHmac, header, preset } from '@patchbay/core/webhooks'

const mebibyte = 1_048_576

export const development = {
  // Checked against: the page's worked example (vector) and @octokit/webhooks-methods 6.0.0 signing and verifying (test).
  github: preset({
    scheme: bodyHmac('x-hub-signature-256', 'hex', { prefix: 'sha256=', messageId: header('x-github-delivery') }),
    handshakes: [
      {
        method: 'POST',
        verified: true,
        when: [{ field: header('x-github-event'), equals: 'ping' }],
        answer: { kind: 'empty' },
      },
    ],
    keep: ['x-github-event', 'x-github-delivery', 'x-github-hook-id'],
    maxBodyBytes: 25 * mebibyte,
    documentation: 'https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries',
  }),
  // The secret token. A webhook with a signing token is signed by Standard Webhooks: use `standardWebhooks`.
  // Checked against: the sender, web_hook_service.rb of gitlabhq/gitlabhq at 017a6c1.
  gitlab: preset({
    scheme: { kind: 'shared-token', token: header('x-gitlab-token'), messageId: header('idempotency-key') },
    keep: ['x-gitlab-event', 'x-gitlab-event-uuid', 'x-gitlab-instance'],
    maxBodyBytes: 25 * mebibyte,
    documentation: 'https://docs.gitlab.com/user/project/integrations/webhooks/',
  }),
  // Checked against: the vendor's announcement of webhook secrets, bitbucket.org/blog/enhanced-webhook-security.
  bitbucket: preset({
    scheme: bodyHmac('x-hub-signature', 'hex', { prefix: 'sha256=', messageId: header('x-request-uuid') }),
    keep: ['x-event-key', 'x-request-uuid', 'x-attempt-number'],
    documentation: 'https://support.atlassian.com/bitbucket-cloud/docs/manage-webhooks/',
  }),
  // Only webhooks that an administrator registers (System, WebHooks) are signed; those of apps are not.
  // Checked against: the page.
  jira: preset({
    scheme: bodyHmac('x-hub-signature', 'hex', {
      prefix: 'sha256=',
      messageId: header('x-atlassian-webhook-identifier'),
    }),
    keep: ['x-atlassian-webhook-identifier'],
    documentation: 'https://developer.atlassian.com/cloud/jira/platform/webhooks/#secure-admin-webhooks',
  }),
  // Checked against: @linear/sdk 98.0.0 verifying (vector).
  linear: preset({
    scheme: bodyHmac('linear-signature', 'hex', {
      messageId: header('linear-delivery'),
      timestamp: { field: body('webhookTimestamp'), unit: 'ms' },
    }),
    keep: ['linear-event', 'linear-delivery'],
    documentation: 'https://linear.app/developers/webhooks#securing-webhooks',
  }),
  // The id is new for every try, so that a repetition is handled again; without it two events that are equal would become one.
  // Checked against: the sender, app_platform_event.py and sentry_app.py of getsentry/sentry.
  sentry: preset({
    scheme: bodyHmac('sentry-hook-signature', 'hex', { messageId: header('request-id') }),
    keep: ['sentry-hook-resource', 'request-id'],
    documentation: 'https://docs.sentry.io/organization/integrations/integration-platform/webhooks/',
  }),
  // Checked against: the vector of the vendor's PagerDuty/go-pagerduty.
  pagerduty: preset({
    scheme: bodyHmac('x-pagerduty-signature', 'hex', { prefix: 'v1=', separator: ',', messageId: body('event.id') }),
    keep: ['x-webhook-id'],
    maxBodyBytes: 2 * mebibyte,
    documentation: 'https://developer.pagerduty.com/docs/verifying-signatures',
  }),
  // Checked against: the page's examples (vectors).
  circleci: preset({
    scheme: bodyHmac('circleci-signature', 'hex', { prefix: 'v1=', separator: ',', messageId: body('id') }),
    keep: ['circleci-event-type'],
    documentation: 'https://circleci.com/docs/guides/integration/outbound-webhooks/#validate-webhooks',
  }),
  // Checked against: the vendor's sample vercel/example-marketplace-integration, app/webhook/route.ts.
  vercel: preset({
    scheme: bodyHmac('x-vercel-signature', 'hex', { algorithm: 'sha1', messageId: body('id') }),
    documentation: 'https://vercel.com/docs/webhooks/webhooks-api#securing-webhooks',
  }),
} as const
