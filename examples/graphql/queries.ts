// Queries and mutations of any GraphQL server: typed documents, errors in a 200, Relay paging, costs that hold calls back.
import { graphql, pages, persisted } from '@patchbay/api/graphql'
import { connect, isPatchbayError } from '@patchbay/core'
import { bearer } from '@patchbay/core/credentials'
import { faultServer } from '@patchbay/core/testing'

const issues = Array.from({ length: 5 }, (_, index) => ({ id: `I${index + 1}`, title: `Issue ${index + 1}` }))
await using vendor = await faultServer({
  answer: {
    'POST /graphql': ({ json }) => {
      const { query, variables = {} } = json() as { query: string; variables?: { first?: number; after?: string } }
      const cost = { remaining: 80, limit: 100, restorePerSecond: 10 }
      if (query.startsWith('mutation')) return { json: { data: { closeIssue: { id: 'I1' } }, extensions: { cost } } }
      if (query.includes('secret'))
        return {
          json: {
            data: { viewer: { login: 'ada', secret: null } },
            errors: [{ message: 'not yours', path: ['viewer', 'secret'], extensions: { code: 'FORBIDDEN' } }],
          },
        }
      const from = issues.findIndex(({ id }) => id === variables.after) + 1
      const nodes = issues.slice(from, from + (variables.first ?? 2))
      const pageInfo = { hasNextPage: from + nodes.length < issues.length, endCursor: nodes.at(-1)?.id ?? null }
      return { json: { data: { repository: { issues: { nodes, pageInfo } } }, extensions: { cost } } }
    },
  },
})

await using connection = connect(graphql, {
  config: {
    url: `${vendor.origin}/graphql`,
    cost: {
      remaining: 'extensions.cost.remaining',
      limit: 'extensions.cost.limit',
      restorePerSecond: 'extensions.cost.restorePerSecond',
    },
  },
  credential: bearer({ token: 'a-token' }),
  network: { allow: [{ host: '127.0.0.1' }] },
})

// Documents of graphql-codegen and gql.tada bring their types; text is given them.
interface Issues {
  readonly repository: {
    readonly issues: {
      readonly nodes: readonly { readonly id: string; readonly title: string }[]
      readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null }
    }
  } | null
}
const document = `query Issues($first: Int, $after: String) {
  repository { issues(first: $first, after: $after) { nodes { id title } pageInfo { hasNextPage endCursor } } }
}`
const Issues = Object.assign(new String(document)) as string & {
  readonly __apiType?: (variables: { first?: number; after?: string }) => Issues
}
for await (const issue of pages(connection, Issues, { first: 2 }, { at: 'repository.issues' })) {
  console.log('issue:', issue.id, issue.title)
}

// An error in an answer with status 200 is an error, unless the call wants what data there is.
const secret = '{ viewer { login secret } }'
await connection.query.run({ document: secret }).catch((error: unknown) => {
  if (isPatchbayError(error)) console.log(error.message, '| kind:', error.kind)
})
const partial = await connection.query.run<{ viewer: { login: string } }>({ document: secret, errorPolicy: 'partial' })
console.log('partial:', partial.data.viewer.login, partial.errors[0]?.path.join('.'))

// `cost` is what you expect it to cost; the server's own numbers correct the throttle.
await connection.mutation.run({ document: 'mutation { closeIssue(id: "I1") { id } }' }, { cost: 10 })

// A mutation is never sent as a query, which would be repeated; and an id needs a server that trusts documents.
for (const wrong of ['mutation { closeIssue(id: "I1") { id } }', persisted('doc-1')]) {
  await connection.query.run({ document: wrong }).catch((error: unknown) => {
    if (isPatchbayError(error)) console.log(error.issues[0]?.path, '-', error.issues[0]?.message)
  })
}
