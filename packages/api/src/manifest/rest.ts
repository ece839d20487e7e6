import { z } from 'zod'
import { camel, date, json, kebab, operationName, text } from './words.ts'

/** How forms show the fields; the form itself is the schema. */
export const ui = z.strictObject({
  groups: z
    .array(z.strictObject({ title: text, fields: z.array(text).min(1), advanced: z.boolean().optional() }))
    .optional(),
  visible: z.record(text, z.strictObject({ field: text, equals: json })).optional(),
})

export const tests = z.strictObject({
  inputs: z
    .record(operationName, z.array(z.record(camel, json)).min(1))
    .optional()
    .describe('Inputs that make sense; else they are made from the schemas.'),
  faults: z.record(kebab, text).optional().describe('Faults that cannot happen with this vendor, and why.'),
  records: z.record(operationName, z.number().int().min(0)).optional(),
})

export const governance = z.strictObject({
  subprocessor: text.optional(),
  residency: z.record(kebab, text).optional().describe('By region: where the data is.'),
  retention: text.optional(),
  reviewed: date.optional(),
})

/** Texts in other languages, by language and by the path of the text in the manifest. */
export const texts = z.record(z.string().regex(/^[a-z]{2}(-[A-Z]{2})?$/), z.record(text, text))
