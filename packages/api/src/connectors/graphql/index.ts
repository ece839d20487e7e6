export type { GraphqlReadOptions } from '../../discovery/graphql/graphql-limits.ts'
export type { RelayPaging } from '../../discovery/graphql/graphql-operations.ts'
export { graphqlReader, graphqlReaderWith, readGraphql } from '../../discovery/graphql/graphql-reader.ts'
export type { GraphqlAPIClient } from './client.ts'
export type { GraphqlConfig, GraphqlConfigInput } from './config.ts'
export type { CostPaths, CostReader } from './cost.ts'
export {
  type DocumentTypes,
  type GraphqlDocument,
  type GraphqlVariables,
  type PersistedDocument,
  persisted,
} from './document.ts'
export {
  type GraphqlClient,
  type GraphqlFace,
  type GraphqlFaceOptions,
  type GraphqlRawResponse,
  graphqlFor,
} from './face/graphql-for.ts'
export { type GraphqlConnectorOptions, graphql, graphqlConnector } from './graphql.ts'
export { type FactsOptions, type GraphqlErrorLike, graphqlFacts } from './graphql-facts.ts'
export type { ErrorPolicy, GraphqlProblem, GraphqlResult, Run, RunInput, RunSettings } from './input.ts'
export { type Introspection, introspect } from './introspect.ts'
export { type ConnectionNode, type PagesOptions, pages, type QueryConnection } from './relay-pages.ts'
export { type ChangeStream, type CursorStream, connectionStream } from './relay-stream.ts'
export type { ReconnectOptions } from './subscription/reconnect-plan.ts'
export type { OpenSubscription } from './subscription/session.ts'
export {
  type ReconnectNews,
  type SubscribableConnection,
  type SubscribeOptions,
  type Subscription,
  subscribe,
} from './subscription/subscribe.ts'
export { type GraphqlUpload, type UploadContent, upload } from './upload.ts'
