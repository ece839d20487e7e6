import { z } from 'zod'
import { camel, date, json, kebab, link, semver, text } from './words.ts'

export const category = z.enum([
  'security',
  'cloud',
  'it-operations',
  'identity',
  'business',
  'data',
  'communication',
  'development',
])

/** Who and what the product is. The id is for ever; vendors are bought and renamed, so they are only described. */
export const identity = {
  format: z.literal(1).describe('Version of this format.'),
  id: kebab,
  product: text.describe("The product's name as its vendor writes it."),
  vendor: z.strictObject({ name: text, homepage: link.optional() }),
  aliases: z.array(kebab).optional().describe('Ids and names under which people look for it.'),
  category,
  subcategory: kebab,
  tags: z.array(kebab).optional(),
  summary: text.max(200).describe('One sentence, without marketing.'),
  lifecycle: z
    .strictObject({
      stage: z.enum(['preview', 'stable', 'deprecated']),
      sunset: date.optional(),
      successor: kebab.optional(),
    })
    .optional()
    .describe('Default stable.'),
  links: z.strictObject({
    documentation: link,
    status: link.optional(),
    site: link.optional(),
    support: link.optional(),
  }),
}

/** Where facts come from. What they prove is computed from them, never stated here. */
export const source = z.strictObject({
  id: camel,
  kind: z
    .enum(['openapi', 'discovery', 'aws', 'graphql', 'wsdl', 'odata', 'client', 'protocol', 'documentation'])
    .describe(
      "`client`: a package that the vendor generates. `protocol`: an open standard. `documentation`: the vendor's pages.",
    ),
  ref: text.describe(
    'npm:<package>@<version>#<path>, github:<owner>/<name>@<commit>:<path>, an RFC as rfc:<number>, or an https link.',
  ),
  version: text.optional(),
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .optional()
    .describe('Of the document. Needed for machine-readable kinds.'),
  retrieved: date.optional(),
  licence: text.optional(),
})

/** A fact in which the manifest departs from its sources on purpose. Counted in print. */
export const correction = z.strictObject({
  operation: z.string().optional().describe('Default: all.'),
  fact: z.enum(['path', 'method', 'parameter', 'body', 'response', 'security', 'server', 'missing']),
  name: text.optional().describe('Of the parameter or field.'),
  reason: text,
  link,
})

const path = text.describe('Dotted path in the configuration.')
const step = z.union([
  z.strictObject({ rename: z.strictObject({ from: path, to: path }) }),
  z.strictObject({ default: z.strictObject({ path, value: json }) }),
  z.strictObject({ table: z.strictObject({ path, values: z.record(z.string(), json) }) }),
  z.strictObject({
    drop: z.strictObject({ path, acknowledge: text.describe('What is lost; a person must agree to it.') }),
  }),
  z.strictObject({
    split: z.strictObject({ path, at: text.max(20), into: z.array(path).min(2).max(10) }),
  }),
])

export const version = {
  version: semver.describe('Of this manifest.'),
  connection: z
    .number()
    .int()
    .min(1)
    .optional()
    .describe('Version of the configuration and credentials. A higher one needs a migration. Default 1.'),
  migrations: z
    .array(z.strictObject({ from: z.number().int().min(1), to: z.number().int().min(2), steps: z.array(step) }))
    .optional(),
  breaking: z
    .array(
      z.strictObject({
        version: semver,
        operations: z.array(z.string()).optional().describe('Default: all connections.'),
        deadline: date.optional(),
        note: text,
      }),
    )
    .optional(),
}
