import type { Findings } from './finding.ts'
import { Documents } from './reference/documents.ts'
import type { SchemaNode } from './schema.ts'
import { SchemaReader } from './schema-reader.ts'
import type { DataDocument } from './source-document.ts'

export interface Translated {
  readonly schemas: SchemaReader
  node(raw: unknown): SchemaNode
}

/** Schemas of a format of its own, translated into JSON Schema 2020-12; they refer to each other as `#/$defs/<name>`. */
export function translated(
  $defs: Readonly<Record<string, unknown>>,
  location: string | undefined,
  findings: Findings,
): Translated {
  const document: DataDocument = { syntax: 'json', value: { $defs }, location }
  const documents = new Documents([document])
  const schemas = new SchemaReader({ documents, root: document, declared: $defs, findings, siblings: true })
  return { schemas, node: (raw) => ({ raw, document }) }
}

/** A reference to a translated schema. */
export function definition(name: string): { readonly $ref: string } {
  return { $ref: `#/$defs/${name.replaceAll('~', '~0').replaceAll('/', '~1').replaceAll('%', '%25')}` }
}
