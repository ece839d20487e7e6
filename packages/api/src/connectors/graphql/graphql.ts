import { type CalledAs, type Operation, operation, type Schema, unchecked } from '@patchbay/core'
import { defineAPIConnector } from '../../contract.ts'
import { credentialSchemes } from '../../credential-schemes.ts'
import { GraphqlConnectorClient } from './client.ts'
import { config } from './config.ts'
import type { CostReader } from './cost.ts'
import { type GraphqlResult, type PreparedInput, type Run, type RunInput, runInput } from './input.ts'
import { manifest } from './manifest.ts'
import type { OpenSubscription, SubscriptionInput } from './subscription/session.ts'

type RunOperation = Operation<PreparedInput, GraphqlResult, GraphqlConnectorClient, 'normal', RunInput> & CalledAs<Run>

const runOperation = (name: string, effect: 'read' | 'write', summary: string, keyed = false): RunOperation =>
  operation(
    {
      name,
      effect,
      ...(keyed ? { idempotency: 'vendor-key' as const } : {}),
      summary,
      input: runInput(effect === 'read' ? 'query' : 'mutation'),
      output: unchecked<GraphqlResult>(),
    },
    (client: GraphqlConnectorClient, input: PreparedInput, call) => client.requests.run(input, call),
  ) as RunOperation

const operations = {
  'query.run': runOperation('query.run', 'read', 'Runs a query. It may be repeated after a failure that passes.'),
  'mutation.run': runOperation('mutation.run', 'write', 'Runs a mutation, once.'),
  'mutation.runOnce': runOperation(
    'mutation.runOnce',
    'write',
    'Runs a mutation under an idempotency key that the server honours, so that it may be repeated: `idempotency` of the config says how.',
    true,
  ),
  'subscription.open': operation(
    {
      name: 'subscription.open',
      effect: 'read',
      summary: 'Opens one connection of a subscription. Use subscribe(), which opens further ones when it breaks.',
      input: runInput('subscription') as unknown as Schema<SubscriptionInput, RunInput>,
      output: unchecked<OpenSubscription>(),
    },
    (client: GraphqlConnectorClient, input: SubscriptionInput, call) => client.subscriptions.open(input, call),
  ),
}

export interface GraphqlConnectorOptions {
  /** Reads costs that no path can name. Goes before `cost` of the config. */
  readonly cost?: CostReader | undefined
}

/** {@link graphql} with what configuration, being data, cannot hold. */
export function graphqlConnector({ cost }: GraphqlConnectorOptions = {}) {
  return defineAPIConnector({
    contract: 1,
    manifest,
    api: {
      style: 'graphql',
      async describe(client: GraphqlConnectorClient, options) {
        return client.describe(options)
      },
    },
    config,
    credentials: credentialSchemes,
    operations,
    check: { operation: 'query.run', input: { document: '{ __typename }' } },
    target: ({ url }) => new URL(url).host,
    open: async (settings, env) => new GraphqlConnectorClient(settings, env, cost),
    close: (client) => client.close(),
  })
}

/**
 * Any GraphQL server:
 *
 * ```ts
 * const connection = connect(graphql, { config: { url: 'https://api.example.com/graphql' }, credential: bearer({ token }) })
 * const { data } = await connection.query.run({ document: Repository, variables: { owner, name } })
 * await connection.mutation.run({ document: AddComment, variables: { subjectId, body } })
 * for await (const issue of pages(connection, Issues, { owner, name }, { at: 'repository.issues' })) …
 * for await (const { data } of subscribe(connection, Messages, { room })) …
 * ```
 */
export const graphql = graphqlConnector()
