import type { FieldSchema, NamedSchemas } from '../../json-schema/field-schema.ts'
import { schemaOf } from '../vendor/operation-plan.ts'
import { resolved } from '../vendor/schema-view.ts'
import type { FaultContext, SimulatedFault } from './fault.ts'

/** The vendor has a new value where the manifest knows them all. */
export const unknownEnum: SimulatedFault = {
  id: 'unknown-enum',
  title: 'an unknown value of an enumeration',
  impossible: (context) =>
    context.plan.operation.list === undefined
      ? 'it is no list'
      : enumField(context) === undefined
        ? 'its records have no enumeration'
        : undefined,
  expectation: () => ({ data: 'complete' }),
  runs(context) {
    const path = enumField(context)
    if (path !== undefined) context.simulator.edit(context.plan.name, 0, path, 'value-of-tomorrow')
    return [{ interference: {} }]
  },
}

/** A field of the records whose values are texts out of a list. */
function enumField({ plan, manifest }: FaultContext): string | undefined {
  const named = (manifest.schemas ?? {}) as NamedSchemas
  return search(schemaOf(plan.operation.list?.schema), named, 0)
}

function search(schema: FieldSchema, named: NamedSchemas, depth: number): string | undefined {
  const { properties = {} } = resolved(schema, named)
  const entries = Object.entries(properties)
  const found = entries.find(
    ([, field]) =>
      field.enum !== undefined && field.enum.length > 1 && field.enum.every((value) => typeof value === 'string'),
  )
  if (found !== undefined) return found[0]
  if (depth > 2) return undefined
  for (const [name, field] of entries) {
    if (field.properties === undefined && field.$ref === undefined) continue
    const inner = search(field, named, depth + 1)
    if (inner !== undefined) return `${name}.${inner}`
  }
  return undefined
}
