import { z } from 'zod'

const kind = z.enum([
  'config',
  'invalid-input',
  'unsupported',
  'credential',
  'permission',
  'not-found',
  'conflict',
  'rate-limited',
  'timeout',
  'network',
  'unavailable',
  'protocol',
  'unexpected',
])
const headers = z.record(z.string(), z.string())
const path = z.string().min(1)
const ms = z.number().int().min(1)

const endpoint = z
  .url({ protocol: /^https?$/ })
  .refine((text) => !/[#@]/.test(text.replace(/\?.*$/, '')), 'must hold no user information and no fragment')

/** Where the server tells costs, see {@link import('./cost.ts').CostPaths}. */
const cost = z.strictObject({
  policy: z.string().optional(),
  requested: path.optional(),
  remaining: path,
  limit: path.optional(),
  restorePerSecond: path.optional(),
  resetAt: path.optional(),
  resetAfterSeconds: path.optional(),
  windowMs: ms.optional(),
})

const subscriptions = z.strictObject({
  /** `sse`: graphql-sse, distinct connections mode. `websocket`: graphql-transport-ws. Default `sse`. */
  protocol: z.enum(['sse', 'websocket']).default('sse'),
  /** Default: the endpoint; of WebSocket `ws://` and `wss://` stand for `http://` and `https://`. */
  url: z.url({ protocol: /^(?:https?|wss?)$/ }).optional(),
  /** WebSocket: values of `connection_init` beside the credential's. Not for secrets. */
  parameters: z.record(z.string(), z.unknown()).optional(),
  /** WebSocket: where in `connection_init` the credential's Authorization goes, as a dotted path. Default `Authorization`. */
  tokenAt: path.default('Authorization'),
  /** WebSocket: `header` sends the whole value (`Bearer abc`), `token` the part after the scheme (`abc`), `none` nothing. Default `header`. */
  tokenAs: z.enum(['header', 'token', 'none']).default('header'),
  /** Longest silence before the connection counts as dead. WebSocket asks (ping) at half that time. Default 60 000. */
  idleMs: ms.default(60_000),
  /** Time for the server to acknowledge a WebSocket connection. Default 10 000. */
  acknowledgeMs: ms.default(10_000),
  /** Largest event, in bytes. Default 8 MiB. */
  maxEventBytes: z
    .number()
    .int()
    .min(1)
    .default(8 * 1024 * 1024),
})

/** How to reach a GraphQL server. Pure data, so that it can be stored. */
export const config = z.strictObject({
  /** The endpoint, such as `https://api.example.com/graphql`. */
  url: endpoint,
  /** Sent with each request. Not for secrets: those belong into the credential. */
  headers: headers.optional(),
  /** What `errors` beside data are: an error (`none`, default), or part of the result (`partial`). */
  errorPolicy: z.enum(['none', 'partial']).default('none'),
  persisted: z
    .strictObject({
      mode: z.enum(['off', 'automatic', 'trusted']).default('off'),
      /** Sends hashed and trusted queries by GET, so that caches on the way can answer; their variables then stand in logs. Default false. */
      get: z.boolean().default(false),
      /** Where the id of a trusted document goes. Default `documentId`, as GraphQL over HTTP has it. */
      field: z.enum(['documentId', 'id', 'doc_id', 'extensions']).default('documentId'),
    })
    .optional(),
  errors: z
    .strictObject({
      /** Meaning of `extensions.code` beyond the usual, by its upper case. */
      codes: z
        .record(z.string(), z.union([kind, z.strictObject({ kind, retry: z.enum(['never', 'later']).optional() })]))
        .optional(),
      /** Codes that say that the credential has ended and should be renewed. Default UNAUTHENTICATED, AUTHENTICATION_ERROR. */
      expired: z.array(z.string()).optional(),
    })
    .optional(),
  cost: cost.optional(),
  /** How the server takes the key of `mutation.runOnce`: a header, or a variable by its dotted path (`input.clientMutationId`). */
  idempotency: z.union([z.strictObject({ header: z.string().min(1) }), z.strictObject({ variable: path })]).optional(),
  subscriptions: subscriptions.optional(),
})

export type GraphqlConfig = z.infer<typeof config>
export type GraphqlConfigInput = z.input<typeof config>
export type SubscriptionConfig = z.infer<typeof subscriptions>

export function subscriptionConfig(given: GraphqlConfig['subscriptions']): SubscriptionConfig {
  return given ?? subscriptions.parse({})
}
