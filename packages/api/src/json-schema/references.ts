import { Fault } from '@patchbay/core'
import { type FieldSchema, type NamedSchemas, refName } from './field-schema.ts'
import { nearestName } from './nearest-name.ts'

/** @throws Fault `config` for a reference that leads nowhere. */
export function resolveRef(ref: string, named: NamedSchemas): FieldSchema {
  const name = refName(ref)
  if (name === undefined) throw wrongRef(ref, 'has to be #/schemas/<Name>, with a name of letters, digits and _')
  if (Object.hasOwn(named, name)) return named[name] as FieldSchema
  const near = nearestName(name, Object.keys(named))
  throw wrongRef(ref, `names no schema${near === undefined ? '' : `; did you mean #/schemas/${near}?`}`)
}

/**
 * A schema that applies to a value only by way of itself says nothing and would never end.
 * @throws Fault `config` for such a one.
 */
export function refuseCircle(start: string, named: NamedSchemas): void {
  const seen = new Set<string>()
  const visit = (schema: FieldSchema): void => {
    for (const part of [...(schema.allOf ?? []), ...(schema.anyOf ?? []), ...(schema.oneOf ?? [])]) visit(part)
    const { $ref } = schema
    if ($ref === undefined) return
    if ($ref === start)
      throw wrongRef(start, 'applies to a value by way of itself; recursion has to go through a field or an element')
    if (seen.has($ref)) return
    seen.add($ref)
    visit(resolveRef($ref, named))
  }
  visit(resolveRef(start, named))
}

function wrongRef(ref: string, message: string): Fault {
  return new Fault({ kind: 'config', issues: [{ path: '$ref', message: `${JSON.stringify(ref)} ${message}` }] })
}
