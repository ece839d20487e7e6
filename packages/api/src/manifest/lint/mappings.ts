import type { JsonSchema } from '@patchbay/core'
import type { FieldSchema } from '../../json-schema/field-schema.ts'
import { toJsonSchema } from '../../json-schema/to-json-schema.ts'
import type { Model } from '../../mapping/index.ts'
import type { IntegrationManifest } from '../manifest.ts'
import { meant } from '../reading/nearest.ts'
import { entriesOf, type Rule } from './rule.ts'
import { keysOf, sentence } from './schemas.ts'

/** The schema of the records that a mapping reads; undefined when it is open or broken, which is told elsewhere. */
function sourceOf(manifest: IntegrationManifest, from: string): JsonSchema | undefined {
  const target = Object.hasOwn(manifest.operations, from) ? manifest.operations[from] : undefined
  const schema = target?.list?.each === undefined ? (target?.list?.schema ?? target?.output?.schema) : undefined
  if (schema === undefined) return undefined
  try {
    return toJsonSchema(
      (typeof schema === 'string' ? { $ref: `#/schemas/${schema}` } : schema) as FieldSchema,
      manifest.schemas ?? {},
    )
  } catch {
    return undefined
  }
}

/** Mappings compile against their model and the schema of their records. */
export const mappingCompiles: Rule = {
  code: 'mapping',
  async check(manifest, report) {
    if (manifest.mappings === undefined) return
    const { checkMapping, models } = await import('../../mapping/index.ts')
    for (const [name, { from, ...spec }] of entriesOf(manifest.mappings)) {
      const at = ['mappings', name] as const
      const target: Model | undefined = Object.hasOwn(models, spec.model)
        ? models[spec.model as keyof typeof models]
        : undefined
      if (target === undefined) {
        report(
          [...at, 'model'],
          `"${spec.model}" is no model that there is.`,
          meant(spec.model, Object.keys(models), 'models'),
        )
        continue
      }
      for (const { path, message } of checkMapping(spec, { target, source: sourceOf(manifest, from) })) {
        const [what = '', ...remedy] = message.split('; ')
        report(
          [...at, ...keysOf(spec, path)],
          `${path === '' ? 'The mapping' : path}: ${what.replace(/\.$/, '')}.`,
          `${sentence(remedy.join('; ').replace(/\.$/, '') || 'correct the mapping')}.`,
        )
      }
    }
  },
}
