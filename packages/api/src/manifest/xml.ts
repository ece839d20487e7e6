import { z } from 'zod'
import type { ParticleData, TypeData } from '../connectors/soap/schema/schema-data.ts'

/** Of XML, with a prefix of the set: `crm:Customer`. Without a prefix it belongs to no namespace. */
export const xmlName = z
  .string()
  .max(300)
  .regex(
    /^([A-Za-z_][A-Za-z0-9_.-]*:)?[\p{L}_][\p{L}\p{N}\p{M}_.\u00b7-]*$/u,
    'must be a name of XML, with a prefix of the set or without one',
  )
  .meta({ examples: ['crm:Customer'] })
const prefix = z.string().regex(/^(?!xml|xs$)[A-Za-z_][A-Za-z0-9_.-]*$/, 'must be a prefix other than xs and xml')
const namespace = z.string().min(1).max(1000)

const type: z.ZodType<TypeData> = z.lazy(() => z.union([simple, complex])).meta({ id: 'XmlType' }) as never
const typeOrName = z.union([xmlName, type])
const particle: z.ZodType<ParticleData> = z
  .lazy(() => z.union([local, reference, group, sequence, choice, all, any]))
  .meta({ id: 'XmlContent' }) as never

const declaration = {
  type: typeOrName.optional().describe('Default: anything.'),
  nillable: z.boolean().optional(),
  fixed: z.string().max(2000).optional(),
}
const element = z.strictObject({
  ...declaration,
  abstract: z.boolean().optional(),
  substitutes: xmlName.optional().describe('The element in whose place it may stand.'),
})
const attribute = z.strictObject({
  type: typeOrName.optional().describe('Default xs:string.'),
  use: z.enum(['required', 'prohibited']).optional(),
  fixed: z.string().max(2000).optional(),
  default: z.string().max(2000).optional(),
})
const simple = z.strictObject({
  simple: z.enum(['atomic', 'list', 'union']),
  base: typeOrName.optional().describe('What it restricts; the item of a list. Default xs:string.'),
  members: z.array(typeOrName).optional().describe('Of a union.'),
  values: z.array(z.string()).optional(),
  space: z.enum(['preserve', 'replace', 'collapse']).optional(),
})
const complex = z.strictObject({
  base: typeOrName.optional(),
  by: z.enum(['extension', 'restriction']).optional().describe('How it comes from its base. Default extension.'),
  text: z.boolean().optional().describe("True: text of the base's type, with attributes."),
  abstract: z.boolean().optional(),
  mixed: z.boolean().optional(),
  content: particle.optional(),
  attributes: z.record(xmlName, attribute).optional(),
  anyAttribute: z.boolean().optional(),
})

const count = z.number().int().min(0).max(1_000_000_000)
const occurs = {
  min: count.optional().describe('Default 1.'),
  max: z
    .union([count, z.literal('unbounded')])
    .optional()
    .describe('Default 1.'),
}
const local = z.strictObject({ element: xmlName, ...declaration, abstract: z.boolean().optional(), ...occurs })
const reference = z.strictObject({ ref: xmlName.describe('Of `elements`.'), ...occurs })
const group = z.strictObject({ group: xmlName.describe('Of `groups`.'), ...occurs })
const sequence = z.strictObject({ sequence: z.array(particle), ...occurs })
const choice = z.strictObject({ choice: z.array(particle), ...occurs })
const all = z.strictObject({ all: z.array(particle), ...occurs })
const any = z.strictObject({ any: z.literal(true), ...occurs })

/** XML schemas that belong together, as far as messages need them; XML Schema 1.0 part 1, in data. */
export const xmlSchemas = z
  .strictObject({
    prefixes: z.record(prefix, namespace).describe('Namespaces by prefix. xs and xml are there.'),
    elements: z
      .record(xmlName, element)
      .describe('The elements that messages begin with, and those that are referred to.'),
    types: z.record(xmlName, type).optional(),
    groups: z.record(xmlName, particle).optional(),
  })
  .describe('XML schemas of SOAP messages: patchbay from-wsdl writes them.')
