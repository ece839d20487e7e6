import { z } from 'zod'
import { dataClasses, type FieldSchema, typeNames } from '../json-schema/field-schema.ts'
import { json } from './words.ts'

const typeName = z.enum(typeNames)
const count = z.number().int().min(0)

/** Classes of data, for records of processing and for redaction. */
export const dataClass = z.enum(dataClasses)

/** The keywords of JSON Schema 2020-12 that a manifest may use. */
export const schemaKeywords = {
  $ref: z
    .string()
    .regex(/^#\/schemas\/[A-Z][A-Za-z0-9]*$/, 'must be #/schemas/<Name>')
    .optional(),
  type: z.union([typeName, z.array(typeName).min(1)]).optional(),
  enum: z.array(json).min(1).optional(),
  const: json.optional(),
  get properties() {
    return z.record(z.string(), fieldSchema).optional()
  },
  required: z.array(z.string()).optional(),
  get additionalProperties() {
    return z.union([z.boolean(), fieldSchema]).optional()
  },
  get items() {
    return z.union([z.literal(false), fieldSchema]).optional()
  },
  get prefixItems() {
    return z.array(fieldSchema).optional()
  },
  minItems: count.optional(),
  maxItems: count.optional(),
  uniqueItems: z.boolean().optional(),
  minLength: count.optional(),
  maxLength: count.optional(),
  pattern: z.string().max(500).optional(),
  format: z.string().max(50).optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  exclusiveMinimum: z.number().optional(),
  exclusiveMaximum: z.number().optional(),
  multipleOf: z.number().positive().optional(),
  get oneOf() {
    return z.array(fieldSchema).min(1).optional()
  },
  get anyOf() {
    return z.array(fieldSchema).min(1).optional()
  },
  get allOf() {
    return z.array(fieldSchema).min(1).optional()
  },
  title: z.string().max(200).optional(),
  description: z.string().max(2000).optional(),
  default: json.optional(),
  examples: z.array(json).optional(),
  deprecated: z.boolean().optional(),
  readOnly: z.boolean().optional(),
  writeOnly: z.boolean().optional().describe('A secret.'),
  'x-data': dataClass.optional(),
  'x-help': z
    .string()
    .min(1)
    .max(500)
    .optional()
    .describe('Where a person finds the value: a sentence or an https link.'),
}

/** A schema of the subset; compiled by `src/json-schema`. */
export const fieldSchema: z.ZodType<FieldSchema> = z
  .lazy(() => z.strictObject(schemaKeywords))
  .meta({ id: 'FieldSchema' }) as never
