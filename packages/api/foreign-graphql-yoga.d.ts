// As much of graphql-yoga as tests use. Its own declarations bring the browser's along and do not compile under strict checks of libraries.
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { GraphQLSchema } from 'graphql'

// biome-ignore lint/suspicious/noExplicitAny: resolvers say themselves what they take
type Any = any
type Resolver<Context> = (root: unknown, input: Any, context: Context) => unknown
type SubscriptionResolver = {
  readonly subscribe: (root: unknown, input: Any) => unknown
  readonly resolve?: (value: Any) => unknown
}

export function createSchema<Context>(options: {
  readonly typeDefs: string
  readonly resolvers: Readonly<Record<string, Readonly<Record<string, Resolver<Context> | SubscriptionResolver>>>>
}): GraphQLSchema

export interface YogaPlugin {
  onExecutionResult?(payload: { readonly result: object | undefined }): void
}
export function createYoga(options: {
  readonly schema: GraphQLSchema
  readonly logging?: boolean
  readonly maskedErrors?: boolean
  readonly plugins?: readonly YogaPlugin[]
}): (request: IncomingMessage, response: ServerResponse) => Promise<void>
/** Of @graphql-yoga/plugin-apq. */
export function useAPQ(): YogaPlugin
