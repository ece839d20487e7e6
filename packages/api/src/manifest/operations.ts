import { z } from 'zod'
import { dataClass, fieldSchema, schemaKeywords } from './field-schema.ts'
import { pagination } from './pagination.ts'
import { camel, expression, headerName, json, kebab, operationName, ownPath, pascal, text } from './words.ts'
import { xmlName } from './xml.ts'

/** `GET /incidents/{id}`: values of inputs with `in: path` stand in braces, each encoded as one segment. */
const request = z
  .string()
  .regex(
    /^(GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS) \/[^\s#]*$/,
    'must be a method and a path, such as GET /incidents/{id}',
  )
  .meta({ examples: ['GET /incidents/{id}'] })

/** One input: a schema and where it goes. */
export const input = z.strictObject({
  ...schemaKeywords,
  in: z
    .enum(['path', 'query', 'header', 'body', 'form', 'part', 'variable', 'rpc', 'soap-header'])
    .describe(
      'part: of a multipart body. variable: of a GraphQL document. rpc: of JSON-RPC parameters. soap-header: of the Header of an envelope.',
    ),
  as: text
    .optional()
    .describe(
      "The vendor's name; in bodies a dotted path, `@` for the whole body; of a soap-header its element. Default: the input's name.",
    ),
  required: z.boolean().optional().describe('Path inputs always are.'),
  requiredProperties: z.array(z.string()).optional().describe('`required` of an object input.'),
  style: z.enum(['repeat', 'comma', 'space', 'pipe', 'bracket', 'index', 'deep']).optional(),
})

/** A schema in place, or the name of one of `schemas`. */
const schemaOrName = z.union([pascal, fieldSchema])

const output = z.strictObject({
  from: expression.optional().describe('What of the answer users get. Default: all.'),
  schema: schemaOrName.optional(),
  wire: schemaOrName
    .optional()
    .describe("The vendor's whole answer, where `from` computes: the simulator answers with it."),
  as: z
    .enum(['json', 'text', 'bytes', 'stream', 'nothing', 'xml', 'csv', 'ndjson'])
    .optional()
    .describe('Default json.'),
  accept: z.array(z.number().int()).optional().describe('Statuses besides 2xx that are answers.'),
  headers: z.record(camel, headerName).optional().describe('Headers that users get beside the value, under `headers`.'),
})

const list = z.strictObject({
  items: ownPath.optional().describe('Where the records are. Default: the answer is the list.'),
  each: expression.optional().describe('What of each record users get. Default: all.'),
  schema: schemaOrName,
  wire: schemaOrName
    .optional()
    .describe('A record as the vendor sends it, where `each` computes: the simulator answers with it.'),
  pagination: z.union([camel.describe('Of `pagination`.'), pagination]),
})

export const operation = z
  .strictObject({
    summary: text.max(300),
    source: text
      .optional()
      .describe(
        'Operation id in a source, `source#id` when it is not in the first. Default: found by method and path.',
      ),
    request,
    origin: camel.optional().describe("Of the deployment's `origins`."),
    effect: z.enum(['read', 'idempotent', 'write']).describe('What sending it twice does.'),
    note: text
      .max(500)
      .optional()
      .describe('Why something is unusual: a GET that writes, a DELETE that destroys nothing.'),
    risk: z.enum(['normal', 'disruptive', 'destructive']).optional(),
    reversedBy: operationName.optional(),
    idempotencyHeader: headerName.optional(),
    scopes: z.array(text).optional(),
    cost: z.number().positive().optional().describe('Units of the budgets. Default 1.'),
    deprecated: z.boolean().optional(),
    input: z.record(camel, input).optional(),
    body: z
      .enum(['json', 'form', 'multipart', 'ndjson', 'text', 'bytes'])
      .optional()
      .describe('Default json where inputs go into the body.'),
    constants: z
      .strictObject({
        query: z.record(text, json).optional(),
        headers: z.record(headerName, text).optional(),
        body: z.record(text, json).optional().describe('By dotted path.'),
      })
      .optional()
      .describe('Sent with each request of this operation.'),
    contentType: text.optional(),
    accept: text.optional().describe('The Accept header.'),
    graphql: z.string().max(50_000).optional().describe('A document with one operation.'),
    rpc: text.optional().describe('Method of JSON-RPC 2.0.'),
    soap: z
      .strictObject({
        version: z.enum(['1.1', '1.2']),
        action: z
          .string()
          .max(2000)
          .regex(/^[\x20-\x21\x23-\x5b\x5d-\x7e]*$/, 'must be text that can stand in a header')
          .describe('The SOAPAction; may be empty.'),
        schemas: camel.describe('Of `xml`: where the elements are.'),
        input: xmlName
          .optional()
          .describe('The element of the Body; inputs with `in: body` are its values. Absent: an empty Body.'),
        output: xmlName.optional().describe('The same of the answer. Absent: one-way.'),
        faults: z.array(xmlName).optional().describe("Details of faults that are the service's own answers."),
        addressing: text.optional().describe('Action of WS-Addressing. Absent: its headers are not sent.'),
      })
      .describe('A SOAP message, document or rpc, literal.')
      .optional(),
    output: output.optional(),
    list: list.optional(),
    data: z.array(dataClass).optional().describe('Classes of data that the answer holds, beside those of its fields.'),
    audit: kebab.optional().describe('Category in audit logs. Default: the noun.'),
    batch: z.number().int().min(1).optional().describe('Most records of one call.'),
    dryRun: camel.optional().describe('Input that makes the vendor only pretend.'),
  })
  .describe('One operation is one request.')

/** An incremental read over a list. Its commit rule follows from what is declared here. */
export const stream = z.strictObject({
  operation: operationName,
  summary: text.max(300).optional(),
  input: z.record(camel, json).optional().describe('Fixed inputs, such as the order.'),
  cursor: z.discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('time'),
      field: ownPath.describe('Of a record.'),
      input: camel.describe('Input of the operation that takes where to begin.'),
      format: z
        .enum(['iso', 'utc', 'unix-s', 'unix-ms'])
        .optional()
        .describe('Of field and input. utc: 2026-01-31 08:00:00, without a zone and meant in UTC. Default iso.'),
      template: text
        .regex(/\{time\}|\{minutesAgo\}/, 'must hold {time} or {minutesAgo}')
        .optional()
        .describe(
          "Where the input is a filter: its text, with {time} for the beginning, such as updated:>='{time}'. {minutesAgo}: how many minutes ago that was, with five to spare, for vendors that read times in a zone of the user.",
        ),
      order: z.enum(['ascending', 'descending', 'none']),
      boundary: z.enum(['inclusive', 'exclusive']),
      precision: z.enum(['s', 'ms', 'us', 'ns', 'minute', 'day']).optional(),
      lagMs: z.number().int().min(0).optional(),
      earliest: z.iso
        .datetime()
        .optional()
        .describe('Where the first read begins when the operation needs a beginning.'),
      backfillMs: z.number().int().min(0).optional().describe('How far back the vendor keeps records.'),
    }),
    z.strictObject({ kind: z.literal('opaque'), order: z.enum(['ascending', 'descending', 'none']) }),
  ]),
  id: ownPath.describe('Identity of a record.'),
  deletes: z
    .enum(['none', 'flag', 'records'])
    .optional()
    .describe('How the vendor tells of deleted records. Default none.'),
})
