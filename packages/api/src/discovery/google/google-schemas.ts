import { type Fields, isFields, own, ownEntries, ownFlag, ownList, ownText, ownWords } from '../own.ts'
import { definition } from '../translated.ts'

const deepest = 200

/** A schema of a discovery document (JSON Schema draft 3 with words of Google's) in the words of 2020-12. */
export function googleSchema(value: unknown, depth = 0): Fields {
  if (!isFields(value) || depth > deepest) return {}
  const reference = ownText(value, '$ref')
  const description = ownWords(value, 'description')
  if (reference !== undefined)
    return { ...definition(reference), ...(description === undefined ? {} : { description }) }
  const schema: Record<string, unknown> = {}
  const type = ownText(value, 'type')
  if (type !== undefined && type !== 'any') schema.type = type
  if (description !== undefined) schema.description = description
  const format = ownWords(value, 'format')
  if (format !== undefined) schema.format = format
  const values = ownList(value, 'enum')
  if (values.length > 0) schema.enum = values
  const fallback = own(value, 'default')
  if (fallback !== undefined) schema.default = typed(fallback, type)
  const pattern = ownWords(value, 'pattern')
  if (pattern !== undefined) schema.pattern = pattern
  for (const bound of ['minimum', 'maximum'] as const) {
    const number = Number(ownText(value, bound) ?? Number.NaN)
    if (Number.isFinite(number)) schema[bound] = number
  }
  for (const flag of ['readOnly', 'deprecated'] as const) if (ownFlag(value, flag) === true) schema[flag] = true
  const properties = ownEntries(value, 'properties')
  if (properties.length > 0) {
    schema.properties = Object.fromEntries(properties.map(([name, one]) => [name, googleSchema(one, depth + 1)]))
    const required = properties.filter(([, one]) => own(one, 'required') === true).map(([name]) => name)
    if (required.length > 0) schema.required = required
  }
  const items = own(value, 'items')
  if (items !== undefined) schema.items = googleSchema(items, depth + 1)
  const additional = own(value, 'additionalProperties')
  if (additional !== undefined) schema.additionalProperties = googleSchema(additional, depth + 1)
  return schema
}

/** Defaults are written as text whatever their type. */
function typed(value: unknown, type: string | undefined): unknown {
  if (typeof value !== 'string') return value
  if (type === 'boolean') return value === 'true'
  return (type === 'integer' || type === 'number') && value !== '' && Number.isFinite(Number(value))
    ? Number(value)
    : value
}
