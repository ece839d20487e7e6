// Who may do what: the host's own rules before anything is sent, and a named approval for what cannot be undone.
import { type Authorizer, connect, defineConnector } from '@patchbay/core'
import { none } from '@patchbay/core/credentials'
import { httpClient, httpOperation, path } from '@patchbay/core/http'
import { fakeTransport } from '@patchbay/core/testing'
import { z } from 'zod'

const input = z.strictObject({ id: z.string() })
const output = z.unknown()
const cloud = defineConnector({
  contract: 1,
  manifest: { id: 'api/cloud', title: 'Cloud', summary: 'Machines.', version: '1.0.0' },
  config: z.strictObject({ url: z.url() }),
  credentials: [none.scheme],
  operations: {
    'machine.get': httpOperation(
      { name: 'machine.get', effect: 'read', input, output },
      { request: ({ id }) => ({ path: path`/machines/${id}` }) },
    ),
    'machine.restart': httpOperation(
      { name: 'machine.restart', effect: 'write', risk: 'disruptive', input, output },
      { request: ({ id }) => ({ method: 'POST', path: path`/machines/${id}/restart` }) },
    ),
    'machine.delete': httpOperation(
      { name: 'machine.delete', effect: 'idempotent', risk: 'destructive', input, output },
      { request: ({ id }) => ({ method: 'DELETE', path: path`/machines/${id}` }) },
    ),
  },
  open: async ({ url }, env) => httpClient({ ...env, baseUrl: url }),
})

// May be asynchronous; a rule that throws refuses. It sees the operation's own facts, so it needs no list of names.
const authorize: Authorizer = ({ operation, tenant, approval }) => {
  if (operation.effect !== 'read' && tenant === 'auditor') return { refused: 'auditors only read' }
  if (operation.risk === 'destructive' && approval?.by === 'nobody')
    return { refused: 'nobody is no one who may approve' }
  return true
}
const transport = fakeTransport({ '*': { json: {} } })
const connection = connect(cloud, { config: { url: 'https://cloud.example' }, transport, policies: { authorize } })
const tell = (what: string, call: Promise<unknown>): Promise<void> =>
  call.then(
    () => console.log(`${what}: done`),
    (error: unknown) => console.log(`${what}: ${error instanceof Error ? error.message : error}`),
  )

await tell('the auditor reads', connection.machine.get({ id: 'm-1' }, { tenant: 'auditor' }))
await tell('the auditor restarts', connection.machine.restart({ id: 'm-1' }, { tenant: 'auditor' }))
await tell('an operator restarts', connection.machine.restart({ id: 'm-1' }))

// A destructive call without an approval does not compile, and is refused at run time too.
// @ts-expect-error the options with an approval are missing
await tell('no approval', connection.machine.delete({ id: 'm-1' }))
const approval = { by: 'ada@example.com', reason: 'CHG-1042: retired' }
await tell('approved', connection.machine.delete({ id: 'm-1' }, { approval }))
await tell('approved by nobody', connection.machine.delete({ id: 'm-1' }, { approval: { ...approval, by: 'nobody' } }))
console.log('sent:', transport.requests.map(({ method, path }) => `${method} ${path}`).join(', '))
await connection.$close()
