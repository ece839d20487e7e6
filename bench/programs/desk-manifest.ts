import type { IntegrationManifest } from '@patchbay/api/manifest'

const text = { type: 'string' } as const
const cited = { source: 'https://developer.acme.example/limits', date: '2026-11-01' }

/** A manifest of the usual size, made anew so that nothing of an earlier one is known. */
export function deskManifest(): IntegrationManifest {
  const further = Array.from({ length: 40 }, (_, number) => [
    `thing${number}.get`,
    {
      summary: 'A thing.',
      request: `GET /v2/things${number}/{id}`,
      effect: 'read',
      input: { id: { in: 'path', type: 'integer' } },
      output: { schema: 'Ticket' },
    },
  ])
  return {
    format: 1,
    id: 'desk',
    product: 'Desk',
    vendor: { name: 'Acme' },
    category: 'it-operations',
    subcategory: 'service-desk',
    summary: 'A desk.',
    links: { documentation: 'https://developer.acme.example' },
    version: '1.0.0',
    sources: [{ id: 'rest', kind: 'documentation', ref: 'https://developer.acme.example' }],
    deployments: [{ id: 'server', kind: 'self-hosted', url: '{url}' }],
    config: { url: { type: 'string', format: 'uri' } },
    credentials: [
      { id: 'open', scheme: 'none' },
      { id: 'token', scheme: 'api-key', settle: { in: 'header', name: 'x-key' } },
    ],
    limits: {
      budgets: [{ id: 'account', scope: 'account', algorithm: 'sliding-window', units: 1e9, perMs: 60_000, ...cited }],
    },
    errors: {
      message: ['error.message'],
      code: ['error.code'],
      rules: [{ when: { status: 403, body: "error.code == 'expired'" }, kind: 'credential', expired: true }],
    },
    schemas: {
      Ticket: {
        type: 'object',
        required: ['id', 'subject'],
        properties: {
          id: { type: 'integer' },
          subject: text,
          status: { enum: ['open', 'closed'] },
          requester: { $ref: '#/schemas/Person' },
          updated_at: text,
          tags: { type: 'array', items: text },
        },
      },
      Person: { type: 'object', properties: { id: { type: 'integer' }, name: text } },
    },
    pagination: {
      cursor: {
        kind: 'cursor-body',
        path: 'meta.after',
        more: 'meta.has_more',
        send: { query: 'page[after]' },
        sizeKey: 'page[size]',
        size: 100,
      },
    },
    operations: {
      'ticket.get': {
        summary: 'A ticket.',
        request: 'GET /v2/tickets/{id}',
        effect: 'read',
        input: { id: { in: 'path', type: 'integer' }, expand: { in: 'query', type: 'array', items: text } },
        output: { from: 'ticket', schema: 'Ticket' },
      },
      'ticket.create': {
        summary: 'Opens a ticket.',
        request: 'POST /v2/tickets',
        effect: 'write',
        input: {
          subject: { in: 'body', as: 'ticket.subject', type: 'string', required: true },
          text: { in: 'body', as: 'ticket.comment.body', type: 'string', required: true },
          priority: { in: 'body', as: 'ticket.priority', type: 'integer' },
        },
        constants: { body: { 'ticket.channel': 'api' } },
        output: { from: 'ticket', schema: 'Ticket' },
      },
      'ticket.list': {
        summary: 'Tickets.',
        request: 'GET /v2/tickets',
        effect: 'read',
        input: { status: { in: 'query', type: 'string' } },
        list: { items: 'tickets', schema: 'Ticket', pagination: 'cursor' },
      },
      ...Object.fromEntries(further),
    },
    check: { operation: 'ticket.list' },
  } as unknown as IntegrationManifest
}
