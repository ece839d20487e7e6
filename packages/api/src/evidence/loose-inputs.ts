import { type FieldSchema, type TypeName, typesOf } from '../json-schema/field-schema.ts'
import { kindOf } from '../json-schema/json-value.ts'

/**
 * Inputs may be looser than the source: where it lists values (regions, sizes) that grow in time, a text is taken, and the vendor refuses
 * what it does not know. So is a value beyond a limit. What is proven is the shape.
 */
export const isLooser = (message: string): boolean => message === 'theirs takes listed values alone'

const limits = new Set([
  'format',
  'pattern',
  'minLength',
  'maxLength',
  'minItems',
  'maxItems',
  'minimum',
  'maximum',
  'exclusiveMinimum',
  'exclusiveMaximum',
  'multipleOf',
  'uniqueItems',
  'readOnly',
  'writeOnly',
])
const lists = new Set(['allOf', 'anyOf', 'oneOf', 'prefixItems'])

/** A schema without its limits; listed values become their types. */
export function shapeOnly(schema: FieldSchema): FieldSchema {
  const entries = Object.entries(schema).filter(([key]) => !limits.has(key) && key !== 'enum')
  const shape = Object.fromEntries(
    entries.map(([key, value]) => {
      if (key === 'properties')
        return [
          key,
          Object.fromEntries(Object.entries(value).map(([name, one]) => [name, shapeOnly(one as FieldSchema)])),
        ]
      if (lists.has(key)) return [key, (value as FieldSchema[]).map(shapeOnly)]
      const isOne = (key === 'items' || key === 'additionalProperties') && typeof value === 'object'
      return [key, isOne ? shapeOnly(value) : value]
    }),
  ) as FieldSchema
  const types =
    schema.enum === undefined ? undefined : [...new Set(schema.enum.map((value) => kindOf(value) as TypeName))]
  return types === undefined || typesOf(schema) !== undefined ? shape : { ...shape, type: types }
}
