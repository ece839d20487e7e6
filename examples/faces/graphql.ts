// graphql-request over Patchbay's transport. `errors` in an answer with status 200 are errors, with a kind that says what to do.
import { type GraphqlFace, graphqlFor } from '@patchbay/api/graphql'
import { connect, defineConnector, isPatchbayError, operation } from '@patchbay/core'
import { bearer } from '@patchbay/core/credentials'
import { httpClient } from '@patchbay/core/http'
import { faultServer } from '@patchbay/core/testing'
import { z } from 'zod'

await using vendor = await faultServer({
  answer: {
    'POST /graphql': ({ json }) => {
      const { query, variables } = json() as { query: string; variables: { key: string } }
      if (variables.key === 'HID-1')
        return { json: { data: null, errors: [{ message: 'not yours', extensions: { code: 'FORBIDDEN' } }] } }
      return {
        json: { data: { issue: { key: variables.key, asked: query.includes('title'), title: 'Printer on fire' } } },
      }
    },
  },
})

const issue = z.object({ key: z.string(), title: z.string() })
const tracker = defineConnector({
  contract: 1,
  manifest: { id: 'api/graph-tracker', title: 'Tracker', summary: 'Issues, through GraphQL.', version: '1.0.0' },
  config: z.strictObject({ url: z.url() }),
  credentials: [bearer.scheme],
  operations: {
    // A query is a POST on the wire and a read by its effect, so it is repeated: effect is never guessed from the verb.
    'issue.get': operation(
      { name: 'issue.get', effect: 'read', input: z.strictObject({ key: z.string() }), output: issue },
      async (graphql: GraphqlFace, variables, call) => {
        const document = 'query Issue($key: String!) { issue(key: $key) { key title } }'
        return (await graphql.for(call).request<{ issue: unknown }>(document, variables)).issue
      },
    ),
  },
  open: async ({ url }, env) => graphqlFor(httpClient({ ...env, baseUrl: url }), { url: `${url}/graphql` }),
})
await using connection = connect(tracker, {
  config: { url: vendor.origin },
  credential: bearer({ token: 'a-token' }),
  network: { allow: [{ host: '127.0.0.1' }] },
})

vendor.next('json-cut', 'status-503')
await connection.issue
  .get({ key: 'WEB-1' })
  .catch((error: unknown) => console.log(isPatchbayError(error) ? error.message : error))
console.log('read:', await connection.issue.get({ key: 'WEB-1' }))
await connection.issue.get({ key: 'HID-1' }).catch((error: unknown) => {
  if (isPatchbayError(error)) console.log(error.message, '| kind:', error.kind, '| code:', error.code)
})
console.log('requests:', vendor.ledger.requests.length)
