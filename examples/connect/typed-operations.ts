// A connector, a connection, and typed calls: what the compiler knows, what is checked at run time, what is left out.
import { connect, defineConnector, isPatchbayError } from '@patchbay/core'
import { bearer } from '@patchbay/core/credentials'
import { httpClient, httpOperation, path } from '@patchbay/core/http'
import { faultServer } from '@patchbay/core/testing'
import { z } from 'zod'

// A vendor on loopback, so that this program needs no account.
await using vendor = await faultServer({
  answer: {
    'GET /issues/{id}': ({ params }) => ({
      json: { number: Number(params.id), title: 'Printer on fire', state: 'open' },
    }),
    'POST /issues': { status: 201, json: { number: 8, title: 'Paper is out', state: 'open' } },
  },
})

const issue = z.object({ number: z.number(), title: z.string(), open: z.boolean() })
// `wire` is what the vendor sends, `issue` what callers get; one pure function leads from the first to the second.
const wire = z.object({ number: z.number(), title: z.string(), state: z.enum(['open', 'closed']) })
const toIssue = ({ state, ...rest }: z.infer<typeof wire>) => ({ ...rest, open: state === 'open' })

const tracker = defineConnector({
  contract: 1,
  manifest: { id: 'api/tracker', title: 'Tracker', summary: 'Issues.', version: '1.0.0' },
  config: z.strictObject({ url: z.url() }),
  credentials: [bearer.scheme],
  operations: {
    'issue.get': httpOperation(
      { name: 'issue.get', effect: 'read', input: z.strictObject({ id: z.number().int() }), output: issue },
      { request: ({ id }) => ({ path: path`/issues/${id}` }), wire, output: toIssue },
    ),
    // `write`: sending it twice makes two issues, so Patchbay repeats it only when nothing had left this process.
    'issue.create': httpOperation(
      { name: 'issue.create', effect: 'write', input: z.strictObject({ title: z.string().min(1) }), output: issue },
      { request: (json) => ({ method: 'POST', path: path`/issues`, json }), wire, output: toIssue },
    ),
  },
  open: async ({ url }, env) => httpClient({ ...env, baseUrl: url }),
})

// Nothing touches the network before the first call. Loopback is private, so the address guard must be told that it is meant.
await using connection = connect(tracker, {
  config: { url: vendor.origin },
  credential: bearer({ token: 'a-token' }),
  network: { allow: [{ host: '127.0.0.1' }] },
})

const seven = await connection.issue.get({ id: 7 })
console.log('read', seven.number, seven.title, seven.open ? 'open' : 'closed')
const made = await connection.issue.create({ title: 'Paper is out' })
console.log('made', made.number, made.title)

// Capability is presence: what a connector cannot do is no method at all, so this line does not compile.
// @ts-expect-error there is no operation issue.delete
console.log('issue.delete is', connection.issue.delete)

// Input is checked before anything is sent, and a wrong config before there is a connection.
for (const attempt of [
  () => connection.issue.create({ title: '' }),
  async () => connect(tracker, { config: { url: 'nowhere' }, credential: bearer({ token: 'a-token' }) }),
]) {
  await attempt().catch((error: unknown) => console.log(isPatchbayError(error) ? error.message : error))
}
console.log('policies in force:', connection.$policies.map(({ name }) => name).join(' > '))
console.log('requests on the wire:', vendor.ledger.requests.length)
