import { body, bodyHmac, header, mebibyte, preset } from './preset.ts'

export const development = {
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
  gitlab: preset({
    scheme: { kind: 'shared-token', token: header('x-gitlab-token'), messageId: header('idempotency-key') },
    keep: ['x-gitlab-event', 'x-gitlab-event-uuid', 'x-gitlab-instance'],
    maxBodyBytes: 25 * mebibyte,
    documentation: 'https://docs.gitlab.com/user/project/integrations/webhooks/',
  }),
  bitbucket: preset({
    scheme: bodyHmac('x-hub-signature', 'hex', { prefix: 'sha256=', messageId: header('x-request-uuid') }),
    keep: ['x-event-key', 'x-request-uuid', 'x-attempt-number'],
    documentation: 'https://support.atlassian.com/bitbucket-cloud/docs/manage-webhooks/',
  }),
  jira: preset({
    scheme: bodyHmac('x-hub-signature', 'hex', {
      prefix: 'sha256=',
      messageId: header('x-atlassian-webhook-identifier'),
    }),
    keep: ['x-atlassian-webhook-identifier'],
    documentation: 'https://developer.atlassian.com/cloud/jira/platform/webhooks/',
  }),
  linear: preset({
    scheme: {
      ...bodyHmac('linear-signature', 'hex', { messageId: header('linear-delivery') }),
      timestamp: { field: body('webhookTimestamp'), unit: 'ms' },
    },
    keep: ['linear-event', 'linear-delivery'],
    documentation: 'https://linear.app/developers/webhooks#securing-webhooks',
  }),
  sentry: preset({
    scheme: bodyHmac('sentry-hook-signature', 'hex', { messageId: header('request-id') }),
    keep: ['sentry-hook-resource', 'request-id'],
    documentation: 'https://docs.sentry.io/organization/integrations/integration-platform/webhooks/',
  }),
  pagerduty: preset({
    scheme: bodyHmac('x-pagerduty-signature', 'hex', { prefix: 'v1=', separator: ',', messageId: body('event.id') }),
    keep: ['x-webhook-id'],
    documentation: 'https://developer.pagerduty.com/docs/verifying-signatures',
  }),
  circleci: preset({
    scheme: bodyHmac('circleci-signature', 'hex', { prefix: 'v1=', separator: ',', messageId: body('id') }),
    keep: ['circleci-event-type'],
    documentation: 'https://circleci.com/docs/guides/integration/outbound-webhooks/#validate-webhooks',
  }),
  vercel: preset({
    scheme: bodyHmac('x-vercel-signature', 'hex', { algorithm: 'sha1', messageId: body('id') }),
    documentation: 'https://vercel.com/docs/webhooks/webhooks-api#securing-webhooks',
  }),
} as const
