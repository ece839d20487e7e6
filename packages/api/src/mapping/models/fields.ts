import type { JsonSchema } from '@patchbay/core'
import type { Model } from '../model.ts'

/** One field: its schema and what it means. */
export type Field = JsonSchema & { readonly description: string }
export type Fields = Readonly<Record<string, Field>>

export function text(description: string): Field {
  return { type: 'string', description }
}

/** Text that is not empty. */
export function identifier(description: string): Field {
  return { type: 'string', minLength: 1, description }
}

export function link(description: string): Field {
  return { type: 'string', format: 'uri', description }
}

/** ISO 8601 in UTC, as the `date` rule writes it. */
export function time(description: string): Field {
  return { type: 'string', format: 'date-time', description }
}

export function count(description: string): Field {
  return { type: 'integer', minimum: 0, description }
}

export function flag(description: string): Field {
  return { type: 'boolean', description }
}

/** A closed vocabulary. */
export function oneOf(values: readonly string[], description: string): Field {
  return { type: 'string', enum: values, description }
}

export function listOf(items: JsonSchema, description: string): Field {
  return { type: 'array', items, description }
}

export function object(fields: Fields, required: readonly string[], description: string): Field {
  return { type: 'object', properties: fields, required, additionalProperties: false, description }
}

export function person(description: string): Field {
  return { $ref: '#/$defs/person', description }
}

export function reference(description: string): Field {
  return { $ref: '#/$defs/reference', description }
}

export const people = (description: string): Field => listOf({ $ref: '#/$defs/person' }, description)
export const references = (description: string): Field => listOf({ $ref: '#/$defs/reference' }, description)
export const labels = listOf({ type: 'string' }, 'Free words that the vendor calls labels, tags or keywords.')

/** First fields of every model of our own. */
export function identity(thing: string): Fields {
  return {
    id: identifier(`The vendor's id of the ${thing}; unique within one connection.`),
    key: identifier('The id that people use, such as OPS-17, when it is another one.'),
    url: link(`Page of the ${thing} in the vendor's user interface.`),
  }
}

/** Last fields of every model of our own. */
export const rest: Fields = {
  labels,
  related: references('Things that it is linked to, of any kind.'),
  createdAt: time('When the vendor created the record.'),
  updatedAt: time('When the vendor last changed the record.'),
  raw: { description: "The vendor's record as it came, when the mapping keeps it." },
}

const definitions = {
  person: object(
    {
      id: identifier("The vendor's id of the account."),
      name: text('Name for people.'),
      email: text('Address of electronic mail.'),
      username: text('Name at login.'),
    },
    [],
    'Somebody with an account at the vendor; at least one field is there.',
  ),
  reference: object(
    {
      id: identifier("The vendor's id of the thing."),
      kind: text('What it is, in one word: ticket, change, service, repository.'),
      title: text('Its name for people.'),
      url: link('Its page.'),
    },
    ['id'],
    'Another thing at the same vendor.',
  ),
}

/** A model of our own. */
export function ownModel(
  id: string,
  version: string,
  title: string,
  fields: Fields,
  required: readonly string[],
): Model {
  return {
    id,
    version,
    title,
    schema: {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      $id: `urn:patchbay:model:${id}:${version}`,
      title,
      type: 'object',
      properties: fields,
      required,
      additionalProperties: false,
      $defs: definitions,
    },
  }
}
