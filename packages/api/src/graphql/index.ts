export { type GraphqlErrorLike, graphqlFacts } from './graphql-facts.ts'
export {
  type GraphqlClient,
  type GraphqlFace,
  type GraphqlFaceOptions,
  type GraphqlRawResponse,
  graphqlFor,
} from './graphql-for.ts'
