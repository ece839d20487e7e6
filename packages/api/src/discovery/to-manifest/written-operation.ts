import type { ApiModel, OperationModel, SecurityRequirement } from '../model.ts'
import type { InputsFacts } from './inputs.ts'
import type { Guesses } from './report.ts'
import type { SchemaWriter } from './schema-writer.ts'
import type { XmlPart } from './xml-part.ts'

export interface WriteOperationNeeds {
  readonly operation: OperationModel
  readonly name: string
  readonly model: ApiModel
  readonly writer: SchemaWriter
  readonly guesses: Guesses
  /** Longest description of a field; 0: none. */
  readonly words: number
  readonly requirement: SecurityRequirement | undefined
  readonly origin: string | undefined
  /** Where the model has XML schemas. */
  readonly xml?: XmlPart | undefined
}

export interface WrittenOperation {
  readonly summary: string
  readonly source?: string
  readonly request: string
  readonly origin?: string
  readonly effect: 'read' | 'idempotent' | 'write'
  readonly risk?: 'destructive'
  readonly scopes?: readonly string[]
  readonly deprecated?: boolean
  readonly input?: InputsFacts['input']
  readonly [more: string]: unknown
}
