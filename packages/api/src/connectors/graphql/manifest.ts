import type { Manifest } from '@patchbay/core'

/** What is true of any GraphQL server. */
export const manifest: Manifest = {
  id: 'api/graphql',
  title: 'GraphQL',
  summary: 'Queries, mutations and subscriptions of any GraphQL server.',
  version: '1.0.0',
  sources: [
    'https://spec.graphql.org/October2021/',
    'https://graphql.github.io/graphql-over-http/draft/',
    'https://relay.dev/graphql/connections.htm',
    'https://github.com/enisdenjo/graphql-ws/blob/master/PROTOCOL.md',
    'https://github.com/enisdenjo/graphql-sse/blob/master/PROTOCOL.md',
    'https://github.com/jaydenseric/graphql-multipart-request-spec',
  ],
}
