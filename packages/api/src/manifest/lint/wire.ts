import type { Random } from '@patchbay/core'
import type { FieldSchema, NamedSchemas } from '../../json-schema/field-schema.ts'
import { sample } from '../../json-schema/sampler.ts'
import { inverted } from '../../simulator/wire/invert.ts'
import { entriesOf, type Rule } from './rule.ts'

/**
 * The simulator has to know what the vendor sends: it turns expressions round where they only pick and rename, and needs `wire` where they
 * compute.
 */
export const wireKnown: Rule = {
  code: 'wire-missing',
  level: 'warning',
  check(manifest, report) {
    const named = (manifest.schemas ?? {}) as NamedSchemas
    for (const [name, { list, output }] of entriesOf(manifest.operations)) {
      const look = (
        part: 'list' | 'output',
        key: 'each' | 'from',
        text: string | undefined,
        schema: unknown,
        wire: unknown,
      ) => {
        if (text === undefined || schema === undefined || wire !== undefined || turns(text, schema, named)) return
        report(
          ['operations', name, part, key],
          'The expression computes, so it does not tell what the vendor sends.',
          `Add ${part}.wire with the vendor's own shape; the simulator answers with it.`,
        )
      }
      look('list', 'each', list?.each, list?.schema, list?.wire)
      const { as } = output ?? {}
      if (list === undefined && (as === undefined || as === 'json' || as === 'xml'))
        look('output', 'from', output?.from, output?.schema, output?.wire)
    }
  },
}

function turns(text: string, schema: unknown, named: NamedSchemas): boolean {
  const shape = typeof schema === 'string' ? { $ref: `#/schemas/${schema}` } : (schema as FieldSchema)
  try {
    return inverted(text, sample(shape, named, middle)) !== undefined
  } catch {
    // Schemas and expressions that do not compile are told elsewhere.
    return true
  }
}

/** Any source will do: what is turned round is the expression. */
const middle: Random = {
  next: () => 0.5,
  bytes: (length) => new Uint8Array(length).fill(7),
  uuid: () => '00000000-0000-4000-8000-000000000000',
}
