import type { JsonSchema } from '@patchbay/core'
import type { Model } from '../../model.ts'
import { objects } from './objects.ts'

/** Released version of the schema that the facts are from. */
export const ocsfVersion = '1.8.0'

/**
 * Attributes separated by white space, as `name`, `name:type`; behind the type `[]` for a list and `!` for a required attribute.
 * Types: text (the default), integer, number, flag (boolean), epoch (milliseconds since 1970), time (RFC 3339), any, `0|1|99` (codes), `@object`.
 */
export function attributesOf(notation: string): {
  readonly properties: Record<string, JsonSchema>
  readonly required: readonly string[]
} {
  const properties: Record<string, JsonSchema> = {}
  const required: string[] = []
  for (const word of notation.trim().split(/\s+/)) {
    const isRequired = word.endsWith('!')
    const [name = '', type = 'text'] = word.replace('!', '').split(':')
    const isList = type.endsWith('[]')
    const one = typeOf(isList ? type.slice(0, -2) : type)
    properties[name] = isList ? { type: 'array', items: one } : one
    if (isRequired) required.push(name)
  }
  return { properties, required }
}

const types: Readonly<Record<string, JsonSchema>> = {
  text: { type: 'string' },
  integer: { type: 'integer' },
  number: { type: 'number' },
  flag: { type: 'boolean' },
  epoch: { type: 'integer', description: 'Milliseconds since 1970.' },
  time: { type: 'string', format: 'date-time' },
  any: {},
}

function typeOf(type: string): JsonSchema {
  if (type.startsWith('@')) return { $ref: `#/$defs/${type.slice(1)}` }
  return types[type] ?? { type: 'integer', enum: type.split('|').map(Number) }
}

interface EventClass {
  readonly uid: number
  readonly title: string
  /** Codes of `activity_id`; `type_uid` is `uid * 100` plus one of them. */
  readonly activities: readonly number[]
  /** At least one of these attributes must be there. */
  readonly anyOf?: readonly string[]
  readonly attributes: string
}

/** A class of events as a model. Its schema is made when it is first read: few programs need more than one of them. */
export function eventClass(given: EventClass): Model {
  let schema: JsonSchema | undefined
  return {
    id: `ocsf-${given.uid}`,
    version: ocsfVersion,
    title: given.title,
    source: `https://schema.ocsf.io/${ocsfVersion}`,
    get schema() {
      schema ??= schemaOf(given)
      return schema
    },
  }
}

/** What the source has and the class has not goes into `unmapped`. */
function schemaOf({ uid, title, activities, anyOf, attributes }: EventClass): JsonSchema {
  const { properties, required } = attributesOf(attributes)
  const named = { category_uid: [Math.floor(uid / 1000)], class_uid: [uid] }
  const codes = { ...named, activity_id: activities, type_uid: activities.map((code) => uid * 100 + code) }
  for (const [name, list] of Object.entries(codes)) properties[name] = { type: 'integer', enum: list }
  properties.unmapped = { type: 'object' }
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: `urn:patchbay:model:ocsf-${uid}:${ocsfVersion}`,
    title,
    type: 'object',
    properties,
    required: [...required, ...Object.keys(codes)].sort(),
    additionalProperties: false,
    ...(anyOf === undefined ? {} : { anyOf: anyOf.map((name) => ({ required: [name] })) }),
    $defs: definitions(attributes),
  }
}

/** The objects that the attributes lead to, directly and through one another. */
function definitions(attributes: string): Readonly<Record<string, JsonSchema>> {
  const found: Record<string, JsonSchema> = {}
  const waiting = [attributes]
  for (const notation of waiting) {
    for (const [, name = ''] of notation.matchAll(/@([a-z0-9_]+)/g)) {
      const inner = objects[name]
      if (found[name] !== undefined || inner === undefined) continue
      found[name] = { type: 'object', ...attributesOf(inner), additionalProperties: false }
      waiting.push(inner)
    }
  }
  return found
}
