import { z } from 'zod'
import { camel, date, expression, headerName, milliseconds, operationName, ownPath, text } from './words.ts'

/** A fixed text, or a field of the connection's configuration. */
export const slot = z.union([text, z.strictObject({ config: camel })])

export const transport = z.strictObject({
  headers: z.record(headerName, slot).optional().describe('Sent with each request. Not for secrets.'),
  query: z.record(text, slot).optional().describe('Sent with each request. Not for secrets.'),
  attemptMs: milliseconds.optional().describe('Most milliseconds for one attempt.'),
  maxBodyBytes: z.number().int().min(1024).optional(),
  arrays: z
    .enum(['repeat', 'comma', 'space', 'pipe', 'bracket', 'index'])
    .optional()
    .describe('How several values of one name are written in queries and forms. Default repeat.'),
  jsonPrefix: text.optional().describe("Text before the JSON of answers, such as )]}'."),
  jsonTypes: z.array(text).optional().describe('Content types besides the JSON ones that hold JSON.'),
  booleans: z
    .enum(['true-false', '1-0', 'yes-no'])
    .optional()
    .describe('How booleans are written in queries and forms.'),
})

/** One supported version of the vendor's API. */
export const apiVersions = z.strictObject({
  default: text,
  supported: z.array(z.strictObject({ version: text, sunset: date.optional() })).min(1),
  send: z
    .union([
      z.strictObject({ header: headerName }),
      z.strictObject({ query: text }),
      z.strictObject({ path: z.literal(true) }),
    ])
    .describe('path: the version is written into `path` of requests, as {apiVersion}.'),
})

const unit = z.enum(['s', 'ms', 'epoch-s', 'epoch-ms', 'date', 'auto'])
const cited = { source: text.describe('The page that tells the number.'), date }

export const limits = z.strictObject({
  budgets: z
    .array(
      z.strictObject({
        id: camel,
        scope: z.enum(['account', 'credential', 'user', 'address', 'operation']),
        algorithm: z.enum(['fixed-window', 'sliding-window', 'token-bucket', 'daily-quota', 'cost-points']),
        units: z.number().positive(),
        perMs: milliseconds.min(1),
        burst: z.number().positive().optional(),
        operations: z.array(operationName).optional().describe('Only these count. Default: all.'),
        ...cited,
      }),
    )
    .optional(),
  concurrency: z.strictObject({ calls: z.number().int().min(1), ...cited }).optional(),
  undocumented: text.optional().describe('Why there is no budget: the vendor publishes none.'),
  statuses: z.array(z.number().int()).optional().describe('Statuses besides 429 that refuse by a limit.'),
  waits: z.array(z.strictObject({ header: headerName, unit })).optional(),
  retryAfterUnit: unit.optional(),
  headers: z
    .array(
      z.strictObject({
        budget: text.optional(),
        limit: headerName.optional(),
        remaining: headerName.optional(),
        used: headerName.optional(),
        ratio: headerName.optional(),
        reset: headerName.optional(),
        unit: unit.optional(),
        windowMs: milliseconds.optional(),
      }),
    )
    .optional(),
  body: z
    .strictObject({
      limit: expression.optional(),
      remaining: expression.optional(),
      reset: expression.optional(),
      unit: unit.optional(),
      restorePerSecond: expression.optional(),
    })
    .optional()
    .describe('Where answers tell what is left, such as the cost of GraphQL queries.'),
  ignoreHeaders: z.boolean().optional().describe('The limit headers of this vendor are wrong.'),
})

export const errorKind = z.enum([
  'invalid-input',
  'unsupported',
  'credential',
  'permission',
  'not-found',
  'conflict',
  'rate-limited',
  'timeout',
  'unavailable',
  'protocol',
  'unexpected',
])

const statusRange = z.union([z.number().int().min(100).max(599), z.enum(['2xx', '4xx', '5xx'])])

/** Ordered; the first that holds decides. Also looked at for answers with a good status: some vendors put errors there. */
export const errorRule = z.strictObject({
  when: z.strictObject({
    status: z.union([statusRange, z.array(statusRange).min(1)]).optional(),
    header: z.strictObject({ name: headerName, equals: text.optional() }).optional(),
    body: expression.optional().describe('Holds when its value is true (as JMESPath tells truth).'),
  }),
  kind: errorKind,
  retry: z.enum(['never', 'later']).optional(),
  expired: z.boolean().optional().describe('The credential has ended: it is renewed and the call sent again.'),
  waitMs: expression.optional().describe('Milliseconds to wait, out of the body.'),
})

export const errors = z.strictObject({
  message: z.array(ownPath).optional().describe('Where bodies hold the message. The usual places need no entry.'),
  code: z.array(ownPath).optional(),
  requestId: z.array(ownPath).optional(),
  requestIdHeader: headerName.optional(),
  rules: z.array(errorRule).optional(),
})
