import { body, header, type JwtScheme, preset, type WebhookPreset } from '@patchbay/core/webhooks'

export interface GooglePubSubSettings {
  /** The audience of the push subscription; by default its endpoint's URL. */
  readonly audience: string
  /** Mail address of the service account that the subscription authenticates with. */
  readonly serviceAccount: string
}

/**
 * Authenticated push subscriptions of Google Cloud Pub/Sub. A function, as the sender's tokens are Google's ordinary ID tokens: without
 * audience and service account anybody with a Google account could make one that is accepted. The source needs `jwks` with the URL
 * `https://www.googleapis.com/oauth2/v3/certs`.
 *
 * Checked against: google-auth-library 11.3.4 verifying (vector).
 */
export function googlePubSub({ audience, serviceAccount }: GooglePubSubSettings): WebhookPreset<JwtScheme> {
  return preset<JwtScheme>({
    scheme: {
      kind: 'jwt',
      token: header('authorization'),
      prefix: 'Bearer ',
      algorithms: ['RS256'],
      issuer: 'https://accounts.google.com',
      audience,
      claims: { email: serviceAccount, email_verified: true },
      messageId: body('message.messageId'),
    },
    documentation: 'https://cloud.google.com/pubsub/docs/authenticate-push-subscriptions',
  })
}
