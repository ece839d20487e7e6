import type { CallOptions, Connection } from '@patchbay/core'
import { runChecks } from '@patchbay/core/conformance'
import { expect, test } from 'vitest'
import { type APICall, type APISubject, apiChecks } from '../conformance/index.ts'
import { acmeDesk } from './fixtures/desk-server.ts'

type Desk = Connection<typeof acmeDesk>
const ticket = { id: 1, subject: 's' }
const secret = 'contract-secret-token'

const call = (
  name: string,
  json: unknown,
  run: (desk: Desk, options: CallOptions) => Promise<unknown>,
  more: Partial<APICall> = {},
): APICall => ({
  name,
  answer: () => ({ json }),
  run: (connection, options) => run(connection as unknown as Desk, options),
  ...more,
})

const subject = (): APISubject => ({
  connector: acmeDesk,
  config: (url) => ({ deployment: 'server', url, account: 'acme' }),
  credential: acmeDesk.credential.token({ key: secret }),
  secrets: [secret],
  calls: [
    call('account.get', { account: { name: 'Acme' } }, (desk, options) => desk.account.get({}, options)),
    call('ticket.get', { ticket }, (desk, options) => desk.ticket.get({ id: 1 }, options)),
    call('ticket.create', { ticket }, (desk, options) => desk.ticket.create({ subject: 's', text: 't' }, options)),
    call('ticket.update', { ticket }, (desk, options) => desk.ticket.update({ id: 1, status: 'open' }, options)),
    call(
      'ticket.delete',
      {},
      (desk, options) => desk.ticket.delete({ id: 1 }, { ...options, approval: { by: 'a', reason: 'b' } }),
      { ignoresBody: true },
    ),
    call('attachment.upload', { upload: { token: 't' } }, (desk, options) =>
      desk.attachment.upload({ filename: 'f', content: new Uint8Array(4) }, options),
    ),
    call('request.read', { any: 1 }, (desk, options) => desk.request.read({ path: '/v2/x' }, options), {
      ignoresBody: true,
    }),
  ],
  lists: [
    {
      name: 'ticket.list',
      run: (connection, options) => (connection as unknown as Desk).ticket.list({}, options),
      answer({ query }) {
        const from = Number(query.get('page[after]') ?? 0)
        return {
          json: {
            tickets: [
              { id: from, subject: 's' },
              { id: from + 1, subject: 's' },
            ],
            meta: { after: String(from + 2), has_more: from < 4 },
          },
        }
      },
      pages: 3,
      records: 6,
    },
  ],
})

test('acme desk holds the contract of API connectors', async () => {
  const results = await runChecks(apiChecks, { open: subject })
  expect(results).toEqual(apiChecks.map(({ name }) => ({ check: name, outcome: 'passed' })))
})
