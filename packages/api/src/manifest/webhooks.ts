import { z } from 'zod'
import { fieldSchema } from './field-schema.ts'
import { camel, headerName, json, link, milliseconds, operationName, ownPath, pascal, text } from './words.ts'

/** Signature vector: a message that must be accepted, and is refused when one byte changes. */
const vector = z.strictObject({
  secret: text.describe('Published or made-up.'),
  method: text.optional(),
  url: text.optional(),
  headers: z.record(z.string(), text),
  body: z.string(),
  at: z.iso.datetime(),
  from: text,
})

const field = z.union([z.strictObject({ header: headerName }), z.strictObject({ body: ownPath })])

/** Events that the vendor pushes. */
export const webhook = z.strictObject({
  summary: text.max(300).optional(),
  preset: camel.optional().describe('Of `webhookPresets` in @patchbay/api/webhooks.'),
  scheme: z
    .json()
    .optional()
    .describe('How messages are signed, in the language of core: WebhookScheme. Instead of a preset.'),
  handshakes: z.array(json).optional(),
  unsigned: text
    .optional()
    .describe(
      'Why nothing can be verified. Messages are then only accepted with a shared secret in a header or the path.',
    ),
  keep: z.array(headerName).optional(),
  maxBodyBytes: z.number().int().min(1).optional(),
  acknowledgeMs: milliseconds.optional().describe("The vendor's patience."),
  type: field.optional().describe('What kind of event it is.'),
  id: field.optional().describe('Id of the delivery, where the scheme names none.'),
  entity: field.optional().describe('Messages with the same value are handled in order.'),
  events: z.record(
    text,
    z.strictObject({ summary: text.optional(), schema: z.union([pascal, fieldSchema]).optional() }),
  ),
  register: z
    .strictObject({ create: operationName, delete: operationName.optional(), secret: ownPath.optional() })
    .optional(),
  vectors: z.array(vector).optional(),
  documentation: link,
})
