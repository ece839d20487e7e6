import { Findings, quoted } from '../finding.ts'
import { isFields, own } from '../own.ts'
import type { Documents } from '../reference/documents.ts'
import type { SchemaNode } from '../schema.ts'
import type { SchemaReader } from '../schema-reader.ts'
import type { DataDocument } from '../source-document.ts'

export type OpenApiVersion = '2.0' | '3.0' | '3.1'

/** A part of a document: its value and the document that it stands in, from which its references start. */
export interface Part {
  readonly value: unknown
  readonly document: DataDocument
}

/** What reading a part of an OpenAPI document needs. */
export class OpenApiPlace {
  readonly version: OpenApiVersion
  readonly documents: Documents
  readonly document: DataDocument
  readonly schemas: SchemaReader
  readonly findings: Findings
  readonly anything: SchemaNode
  #quiet: OpenApiPlace | undefined

  constructor(parts: {
    readonly version: OpenApiVersion
    readonly documents: Documents
    readonly document: DataDocument
    readonly schemas: SchemaReader
    readonly findings: Findings
  }) {
    this.version = parts.version
    this.documents = parts.documents
    this.document = parts.document
    this.schemas = parts.schemas
    this.findings = parts.findings
    this.anything = { raw: {}, document: parts.document }
  }

  /** The same place for reading again: what there is to report has been reported. */
  get quiet(): OpenApiPlace {
    this.#quiet ??= new OpenApiPlace({ ...this, findings: new Findings(0) })
    return this.#quiet
  }

  /** The part itself, or what its reference leads to; undefined, with a finding, when that is no object. */
  follow({ value, document }: Part, where: string): Part | undefined {
    const reference = own(value, '$ref')
    let found: Part | undefined = { value, document }
    let reason = 'it is no object'
    if (typeof reference === 'string') {
      const target = this.documents.resolve(reference, document)
      found = target.document === undefined ? undefined : target
      if (target.document === undefined) reason = `${quoted(reference)} leads nowhere: ${target.reason}`
    }
    if (found !== undefined && isFields(found.value)) return found
    this.findings.add('part-left-out', where, `This part is left out: ${reason}.`)
    return undefined
  }

  schema(value: unknown, document: DataDocument): SchemaNode {
    return isFields(value) || typeof value === 'boolean' ? { raw: value, document } : this.anything
  }
}
