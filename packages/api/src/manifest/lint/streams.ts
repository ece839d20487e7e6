import { type FieldSchema, typesOf } from '../../json-schema/field-schema.ts'
import type { IntegrationManifest } from '../manifest.ts'
import { meant } from '../reading/nearest.ts'
import { entriesOf, type Rule } from './rule.ts'
import { namedOr } from './schema-places.ts'

/** The properties that values of a schema may have; undefined when the schema leaves them open. */
function propertiesOf(
  schema: FieldSchema | undefined,
  manifest: IntegrationManifest,
  depth = 0,
): Record<string, FieldSchema> | undefined {
  if (schema === undefined || depth > 8) return undefined
  const { $ref, properties, allOf = [], anyOf = [], oneOf = [] } = schema
  const parts = [
    ...($ref === undefined ? [] : [namedOr($ref.replace('#/schemas/', ''), manifest)]),
    ...allOf,
    ...anyOf,
    ...oneOf,
  ]
  const all = parts.map((part) => propertiesOf(part, manifest, depth + 1))
  const known = [properties, ...all].filter((one) => one !== undefined)
  return known.length === 0 ? undefined : Object.assign({}, ...known)
}

/** The name on a path that the schema does not know, with those it does; undefined when the path may lead somewhere. */
export function lostOn(
  path: string,
  schema: FieldSchema | undefined,
  manifest: IntegrationManifest,
): { readonly name: string; readonly known: readonly string[] } | undefined {
  let at = schema
  for (const name of path.split('.')) {
    const properties = propertiesOf(at, manifest)
    if (properties === undefined) return undefined
    if (!Object.hasOwn(properties, name)) return { name, known: Object.keys(properties) }
    at = properties[name]
  }
  return undefined
}

/** Streams read lists, and know their records by fields that the records have. */
export const streamFits: Rule = {
  code: 'stream-fits',
  check(manifest, report) {
    for (const [name, { operation, cursor, id, input }] of entriesOf(manifest.streams)) {
      const at = ['streams', name] as const
      const target = Object.hasOwn(manifest.operations, operation) ? manifest.operations[operation] : undefined
      if (target === undefined) continue
      if (target.list === undefined) {
        report([...at, 'operation'], `"${operation}" is no list.`, 'Name an operation with `list`.')
        continue
      }
      const record = target.list.each === undefined ? namedOr(target.list.schema, manifest) : undefined
      const look = (path: (string | number)[], field: string): void => {
        const lost = lostOn(field, record, manifest)
        if (lost !== undefined) report(path, `Records have no "${lost.name}".`, meant(lost.name, lost.known, 'fields'))
      }
      look([...at, 'id'], id)
      if (cursor.kind === 'opaque') continue
      look([...at, 'cursor', 'field'], cursor.field)
      const types = typesOf((target.input?.[cursor.input] ?? {}) as FieldSchema)
      if (cursor.template !== undefined && types !== undefined && !types.includes('string'))
        report(
          [...at, 'cursor', 'template'],
          `A filter is text, and ${cursor.input} takes ${types.join(' or ')}.`,
          'Remove it.',
        )
      if (Object.hasOwn(input ?? {}, cursor.input))
        report([...at, 'input', cursor.input], 'The cursor writes this input.', 'Remove it here.')
    }
  },
}

/** Keysets go on from a field that the records have. */
export const keysetFits: Rule = {
  code: 'keyset-fits',
  check(manifest, report) {
    for (const [name, { list }] of entriesOf(manifest.operations)) {
      if (list === undefined || list.each !== undefined) continue
      const pagination = typeof list.pagination === 'string' ? manifest.pagination?.[list.pagination] : list.pagination
      if (pagination?.kind !== 'keyset') continue
      const lost = lostOn(pagination.field, namedOr(list.schema, manifest), manifest)
      if (lost !== undefined)
        report(
          ['operations', name, 'list', 'pagination'],
          `The next page begins after "${pagination.field}", which records do not have.`,
          meant(lost.name, lost.known, 'fields'),
        )
    }
  },
}
