import type { JwtScheme } from '../scheme.ts'
import { body, header, preset } from './preset.ts'

export const standards = {
  standardWebhooks: preset({
    scheme: { kind: 'standard-webhooks' },
    documentation: 'https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md',
  }),
  svix: preset({
    scheme: { kind: 'standard-webhooks', headers: 'svix-' },
    documentation: 'https://docs.svix.com/receiving/verifying-payloads/how-manual',
  }),
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
  googlePubSub: preset<JwtScheme>({
    // Needs `audience`, and `claims.email` of the push subscription's service account: spread the scheme and add both.
    scheme: {
      kind: 'jwt',
      token: header('authorization'),
      prefix: 'Bearer ',
      algorithms: ['RS256'],
      issuer: 'https://accounts.google.com',
      claims: { email_verified: true },
      messageId: body('message.messageId'),
    },
    documentation: 'https://cloud.google.com/pubsub/docs/authenticate-push-subscriptions',
  }),
} as const
