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
const definitions = new WeakMap<OperationEntry, DeclaredDefinition>()

/** @throws Fault `config` for what the lint would have told */
export function definitionOf(manifest: Manifest, name: string, entry: OperationEntry): DeclaredDefinition {
  let made = definitions.get(entry)
  if (made === undefined) {
    made = define(manifest, name, entry)
    definitions.set(entry, made)
  }
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
    if (!(error instanceof Fault)) throw error
    throw manifestFault(where, error.facts.issues?.[0]?.message ?? 'cannot be used')
  }
}
