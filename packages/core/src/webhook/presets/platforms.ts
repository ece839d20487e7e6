import { body, bodyHmac, header, preset, query } from './preset.ts'

export const platforms = {
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
    documentation: 'https://www.dropbox.com/developers/reference/webhooks',
  }),
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
    documentation: 'https://learn.microsoft.com/en-us/graph/change-notifications-delivery-webhooks',
  }),
} as const
