import type { FieldSchema, NamedSchemas } from '../../json-schema/field-schema.ts'

/** Formats whose texts XML Schema takes more of than JSON Schema does: times without a zone, dates with one. */
const wider = new Set(['date', 'date-time', 'time', 'duration'])

/** A schema that leaves times to the XML schemas, which check every text before it is sent. */
export function withoutTimes(schema: FieldSchema): FieldSchema {
  return walk(schema) as FieldSchema
}

export function allWithoutTimes(schemas: NamedSchemas): NamedSchemas {
  return Object.fromEntries(Object.entries(schemas).map(([name, schema]) => [name, withoutTimes(schema)]))
}

/** Keywords that hold values and no schemas. */
const values = new Set(['enum', 'const', 'default', 'examples'])

function walk(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(walk)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      // A property may be called "format": its schema is an object.
      .filter(([key, one]) => !(key === 'format' && typeof one === 'string' && wider.has(one)))
      .map(([key, one]) => [key, values.has(key) ? one : walk(one)]),
  )
}
