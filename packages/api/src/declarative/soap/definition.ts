import { Fault } from '@patchbay/core'
import { type SoapDefinition, soapDefinition } from '../../connectors/soap/declared.ts'
import { nameInData, schemasOfData } from '../../connectors/soap/schema/read-schema-data.ts'
import type { SchemaData } from '../../connectors/soap/schema/schema-data.ts'
import type { SchemaSet } from '../../connectors/soap/schema/schema-set.ts'
import { manifestFault } from '../manifest-fault.ts'
import { entryOf, type Manifest, type OperationEntry } from '../manifest-parts.ts'

/** A message of a manifest, ready to write and read. */
export interface DeclaredDefinition extends SoapDefinition {
  /** The full name of a header's element. */
  headerOf(as: string): string
}

/** Sets are large, and shared by the operations of a manifest. */
const sets = new WeakMap<SchemaData, SchemaSet>()
const definitions = new WeakMap<Manifest, Map<string, DeclaredDefinition>>()

/** @throws Fault `config` for what the lint would have told */
export function definitionOf(manifest: Manifest, name: string, entry: OperationEntry): DeclaredDefinition {
  const all = definitions.get(manifest) ?? new Map<string, DeclaredDefinition>()
  definitions.set(manifest, all)
  const made = all.get(name) ?? define(manifest, name, entry)
  all.set(name, made)
  return made
}

function define(manifest: Manifest, name: string, entry: OperationEntry): DeclaredDefinition {
  const { soap, input = {} } = entry
  const data = soap === undefined ? undefined : entryOf(manifest.xml, soap.schemas)
  const where = `operations.${name}.soap`
  if (soap === undefined || data === undefined) throw manifestFault(where, 'names no set of `xml`')
  try {
    const schemas = sets.get(data) ?? schemasOfData(data)
    sets.set(data, schemas)
    const full = (text: string): string => nameInData(data.prefixes, text)
    const { version, action, input: sent, output, faults = [], addressing } = soap
    const headers = Object.entries(input).flatMap(([key, one]) => (one.in === 'soap-header' ? [one.as ?? key] : []))
    const declared = {
      version,
      action,
      input: sent === undefined ? undefined : full(sent),
      output: output === undefined ? undefined : full(output),
      headers: headers.map(full),
      faults: faults.map(full),
      addressing,
    }
    return { ...soapDefinition(declared, schemas, name), headerOf: full }
  } catch (error) {
    // Manifests that nobody has validated hold anything.
    const reason = error instanceof Fault ? error.facts.issues?.[0]?.message : 'names what is no set of XML schemas'
    throw manifestFault(where, reason ?? 'cannot be used')
  }
}
