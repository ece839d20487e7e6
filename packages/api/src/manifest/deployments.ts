import { z } from 'zod'
import { fieldSchema } from './field-schema.ts'
import { camel, kebab, text } from './words.ts'

const template = z
  .string()
  .regex(
    /^(https?:\/\/[^\s?#]+|\{[a-z][A-Za-z0-9]*\}[^\s?#]*)$/,
    'must be an http(s) URL, in which {name} stands for a variable',
  )

/**
 * Where the product runs. Calls reach the hosts named here and no others; for self-hosted products that is the host that the operator
 * configures.
 */
export const deployment = z.strictObject({
  id: kebab,
  kind: z.enum(['saas', 'government', 'self-hosted', 'appliance']),
  title: text.optional(),
  url: template.optional().describe('Base URL. {name} stands for a field of `config`. Either this or `regions`.'),
  regions: z.record(kebab, template).optional(),
  origins: z
    .record(camel, template)
    .optional()
    .describe('Further base URLs that operations name, such as an upload host. No other host is ever called.'),
  hosts: z
    .array(z.string().regex(/^(\*\.)?[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+$/))
    .optional()
    .describe('Every host that may be called, `*.` for one or more labels. Needed unless self-hosted or an appliance.'),
  redirectTo: z.array(template).optional().describe('Origins to which a redirect may go, without the credential.'),
})

/** Fields of a connection's configuration. Required ones have no default. */
export const config = z.record(camel, fieldSchema)
