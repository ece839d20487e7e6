import type { JsonSchema } from '@patchbay/core'
import { code, link, words } from './escape.ts'

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [])
const isSchema = (value: unknown): value is JsonSchema =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The type of a schema in a few words of Markdown: `text`, `one of "new", "open"`, `list of Ticket`. */
export function typeWords(schema: unknown, depth = 0): string {
  if (!isSchema(schema) || depth > 4) return 'anything'
  const { $ref, enum: values, const: only, type, items, format } = schema
  if (typeof $ref === 'string') return code($ref.split('/').at(-1) ?? $ref)
  if (only !== undefined) return code(JSON.stringify(only))
  if (Array.isArray(values)) {
    const shown = values.slice(0, 12).map((one) => code(JSON.stringify(one)))
    return `one of ${shown.join(', ')}${values.length > shown.length ? ', ...' : ''}`
  }
  for (const keyword of ['oneOf', 'anyOf'] as const)
    if (listOf(schema[keyword]).length > 0)
      return listOf(schema[keyword])
        .slice(0, 5)
        .map((one) => typeWords(one, depth + 1))
        .join(' or ')
  const types = typeof type === 'string' ? [type] : listOf(type).filter((one): one is string => typeof one === 'string')
  if (types.length === 0) return Object.hasOwn(schema, 'properties') ? 'object' : 'anything'
  return types
    .map((one) => {
      if (one === 'array') return `list of ${typeWords(items, depth + 1)}`
      if (one === 'string') return typeof format === 'string' ? `text (${words(format)})` : 'text'
      return one === 'integer' ? 'whole number' : words(one)
    })
    .join(' or ')
}

/** A sentence, or a link where it is nothing but an address. */
export function helpWords(text: string): string {
  return /^https:\/\/\S+$/.test(text) ? link('Help', text) : words(text)
}

/** Name, type and meaning of each property. */
export function propertyRows(schema: JsonSchema | undefined): string[][] {
  const properties = isSchema(schema?.properties) ? schema.properties : {}
  const required = listOf(schema?.required)
  return Object.entries(properties).map(([name, one]) => {
    const { description, title, default: fallback, 'x-help': help } = isSchema(one) ? one : {}
    const text = [description ?? title, help].filter((part): part is string => typeof part === 'string').map(helpWords)
    if (fallback !== undefined) text.push(`Default ${code(JSON.stringify(fallback))}.`)
    return [code(name), typeWords(one), required.includes(name) ? 'yes' : '', text.join(' ')]
  })
}
