import { z } from 'zod'
import { expression, headerName, milliseconds, operationName, ownPath, text } from './words.ts'

const size = z.number().int().min(1).max(100_000)
/** Where the next request carries the position. */
const send = z.union([
  z.strictObject({ query: text }),
  z.strictObject({ body: text.describe('Dotted path in the JSON body.') }),
  z.strictObject({ header: headerName }),
  z.strictObject({ variable: text.describe('Of a GraphQL document.') }),
])
const common = {
  size: size.optional().describe('Records asked for per page. Users may ask for fewer, or more up to `max`.'),
  max: size.optional().describe("The vendor's largest page."),
  sizeKey: text.optional().describe('Query key (or JSON path where the position goes into the body) of the page size.'),
  more: ownPath.optional().describe('A boolean in the answer: is there more?'),
  alwaysHasNext: z
    .boolean()
    .optional()
    .describe('A next position comes with every page: an empty page is then the last.'),
  view: z
    .enum(['live', 'snapshot'])
    .optional()
    .describe('Whether records move between pages while they are read. Default live.'),
}
const links = {
  ...common,
  paths: z
    .array(text.startsWith('/'))
    .optional()
    .describe(
      "Other paths below the base URL to which links to the next page may lead, {} for one segment. Default: the list's own path.",
    ),
}
const kind = <Kind extends string, Shape extends z.ZodRawShape>(name: Kind, shape: Shape) =>
  z.strictObject({ kind: z.literal(name), ...common, ...shape })

/** The 14 ways in which vendors give lists in pages. */
export const pagination = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('none'), reason: text.describe('Why the whole list comes at once.') }),
  kind('link-header', {
    ...links,
    rel: text.optional().describe('Default next.'),
    only: z
      .strictObject({ name: text, equals: z.string() })
      .optional()
      .describe('A parameter that the link must have, where there is one behind the last page too: results="true".'),
  }),
  kind('next-url', { ...links, path: ownPath }),
  kind('cursor-body', { path: ownPath.describe('Where the answer holds the next cursor.'), send }),
  kind('cursor-header', { header: headerName, send }),
  kind('page', {
    page: text,
    first: z.number().int().min(0).optional(),
    pages: ownPath.optional(),
    total: ownPath.optional(),
    shortIsLast: z.boolean().optional(),
  }),
  kind('offset', {
    offset: text,
    in: z.enum(['query', 'body']).optional(),
    first: z.number().int().min(0).optional(),
    total: ownPath.optional(),
    shortIsLast: z.boolean().optional(),
  }),
  kind('range-header', {
    unit: text.describe('Such as items, or id for ranges over a key.'),
    nextHeader: headerName
      .optional()
      .describe('A header with the next range (Heroku); else Content-Range is counted on.'),
  }),
  kind('keyset', {
    field: ownPath.describe('Of the last record; its value is the next position.'),
    send,
  }),
  kind('time-window', {
    from: text,
    to: text,
    format: z.enum(['iso', 'unix-s', 'unix-ms']),
    windowMs: milliseconds.min(1000),
    start: text.optional().describe('Name of the input with the beginning. Default from the stream.'),
  }),
  kind('odata', { ...links, top: text.optional().describe('Default $top.') }),
  kind('graphql-relay', {
    connection: ownPath.describe('Path of the connection in the data.'),
    after: text.describe('Variable of the cursor.'),
    first: text.optional().describe('Variable of the page size.'),
  }),
  kind('scroll', {
    id: ownPath.describe('Where answers hold the id of the scroll.'),
    continue: z.strictObject({
      request: text.describe('Method and path, such as POST /_search/scroll?scroll=1m.'),
      send,
    }),
    clear: operationName
      .optional()
      .describe('Operation that frees a scroll before the vendor does, for users; reading a list does not call it.'),
  }),
  kind('export-job', {
    job: ownPath.describe('Where the answer of the start holds the id of the job.'),
    poll: z.strictObject({
      request: text.describe('Method and path; {job} stands for the id.'),
      everyMs: milliseconds.min(100),
      done: expression,
      failed: expression.optional(),
    }),
    chunks: expression.optional().describe('Ids of the chunks, in the answer of the poll. Default: one chunk.'),
    download: z.strictObject({
      request: text.describe('{job} and {chunk} stand for the ids.'),
      format: z.enum(['json', 'ndjson', 'csv']).optional(),
    }),
  }),
])
