import type { ErrorKind } from '@patchbay/core'
import { z } from 'zod'
import { failedAnswer } from './failed-answer.ts'

const text = z.string().min(1)
const path = z.string().describe('A dotted path into the answer, such as data.items or errors.0.code.')

const cursorPlace = z.union([
  z.strictObject({ query: text }),
  z.strictObject({ json: text }),
  z.strictObject({ header: text }),
])

/** How lists go from page to page: core's kinds of paging as data. */
export const paging = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('linkHeader'), relation: text.optional() }),
  z.strictObject({ kind: z.literal('nextLink'), path }),
  z.strictObject({
    kind: z.literal('cursor'),
    path: path.optional(),
    header: text.optional(),
    send: cursorPlace,
    more: path.optional(),
    alwaysHasNext: z.boolean().optional(),
  }),
  z.strictObject({
    kind: z.literal('offset'),
    size: z.number().int().positive(),
    offset: text.optional(),
    limit: text.optional(),
    first: z.number().int().min(0).optional(),
    total: path.optional(),
    more: path.optional(),
    shortIsLast: z.boolean().optional(),
  }),
  z.strictObject({
    kind: z.literal('pageNumber'),
    size: z.number().int().positive().optional(),
    page: text.optional(),
    limit: text.optional(),
    first: z.number().int().min(0).optional(),
    pages: path.optional(),
    shortIsLast: z.boolean().optional(),
  }),
])

const kinds = [
  ...['invalid-input', 'unsupported', 'credential', 'permission', 'not-found', 'conflict', 'rate-limited'],
  ...['timeout', 'network', 'unavailable', 'protocol', 'unexpected'],
] as readonly ErrorKind[]
const kind = z.enum(kinds as [ErrorKind, ...ErrorKind[]])
const meaning = z.union([kind, z.strictObject({ kind, retry: z.enum(['never', 'later']).optional() })])
const paths = z.union([path, z.array(path)])

const errors = z.strictObject({
  message: paths.optional(),
  code: paths.optional(),
  requestId: paths.optional(),
  requestIdHeader: text.optional(),
  codes: z.record(text, meaning).optional().describe('Meaning of the vendor’s error codes; goes before the status.'),
  statuses: z.record(z.string().regex(/^[1-5]\d\d$/), meaning).optional(),
  expired: z.array(text).optional().describe('Codes that say that the credential has expired.'),
  failed: z
    .union([failedAnswer, z.array(failedAnswer)])
    .optional()
    .describe('When an answer with a status of success is an error.'),
})

const limits = z.strictObject({
  maxBodyBytes: z.number().int().positive().optional(),
  bodyIdleMs: z.number().int().positive().optional(),
  connectMs: z.number().int().positive().optional(),
  maxRedirects: z.number().int().min(0).optional(),
})

const arrayStyle = z.enum(['repeat', 'comma', 'space', 'pipe', 'bracket', 'index'])

const unit = z.enum(['auto', 's', 'ms', 'epoch-s', 'epoch-ms', 'date'])
const window = z.number().positive()
const rateHeaders = z.strictObject({
  statuses: z.array(z.number().int()).optional(),
  waits: z.array(z.strictObject({ header: text, unit: unit.optional() })).optional(),
  retryAfterUnit: unit.optional(),
  resetUnit: unit.optional(),
  limits: z
    .array(
      z.strictObject({
        policy: text.optional(),
        limit: text.optional(),
        remaining: text.optional(),
        used: text.optional(),
        ratio: text.optional(),
        reset: text.optional(),
        resetUnit: unit.optional(),
        windowMs: window.optional(),
      }),
    )
    .optional(),
  longestMs: window.optional(),
  ignoreLimits: z.boolean().optional(),
})

export const restConfig = z.strictObject({
  url: z.url({ protocol: /^https?$/ }).describe('Base URL: no request leaves this origin and path.'),
  headers: z
    .record(text, z.string())
    .optional()
    .describe('Sent with each request. No secrets: those are a credential.'),
  paging: paging.optional(),
  items: path.optional().describe('Where the records of lists are. Default: the answer is the list.'),
  idempotencyHeader: text.optional().describe('Header of idempotency keys. Default idempotency-key.'),
  errors: errors.optional(),
  rateHeaders: rateHeaders.optional(),
  arrays: z.union([arrayStyle, z.record(text, arrayStyle)]).optional(),
  json: z.strictObject({ types: z.array(text).optional(), prefix: text.optional() }).optional(),
  limits: limits.optional(),
  hosts: z
    .array(z.url({ protocol: /^https?$/ }))
    .optional()
    .describe('Other origins to which a redirect may go, such as a store of files; the credential does not go along.'),
})

/** What `connect(rest, { config })` takes. */
export type RestConfig = z.infer<typeof restConfig>
