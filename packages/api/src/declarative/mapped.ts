import { patchbayError } from '@patchbay/core'
import { compileMapping, type Mapping } from '../mapping/compile-mapping.ts'
import type { Model } from '../mapping/model.ts'
import { models } from '../mapping/models/index.ts'
import type { MappingSpec } from '../mapping/spec.ts'
import { entryOf, type Manifest } from './manifest-parts.ts'

/**
 * A mapping of an integration to a common model, ready to use: `mapped(acmeDesk, 'tickets').map(ticket)`.
 * @throws PatchbayError `config` when the manifest has no mapping of this name, or one that is not valid
 */
export function mapped(integration: { readonly declared: Manifest }, name: string): Mapping {
  const { declared } = integration
  const entry = entryOf(declared.mappings, name)
  if (entry === undefined) {
    const names = Object.keys(declared.mappings ?? {}).join(', ')
    throw problem(declared, 'name', names === '' ? 'the integration has no mappings' : `must be one of ${names}`)
  }
  const { from: _, ...spec } = entry
  const target = entryOf(models as Readonly<Record<string, Model>>, entry.model)
  if (target === undefined) throw problem(declared, `mappings.${name}.model`, `${entry.model} is no model`)
  return compileMapping(spec as MappingSpec, { target })
}

function problem({ id }: Manifest, path: string, message: string): Error {
  return patchbayError({ kind: 'config', code: 'mapping', issues: [{ path, message }] }, { connector: `catalog/${id}` })
}
