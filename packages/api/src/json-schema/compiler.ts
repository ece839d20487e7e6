import type { Issue } from '@patchbay/core'
import type { FieldSchema } from './field-schema.ts'
import type { Check } from './validation-run.ts'

/** What `compileSchema` says about each. */
export type ValidationMode = 'strict' | 'tolerant'

/** Who writes the value: callers their inputs, the vendor its outputs. */
export type Side = 'input' | 'output'

/** A value that tolerant validation accepted although our schema does not know it, such as a new `enum` value. Holds no value. */
export interface Drift extends Issue {
  readonly keyword: string
}

export interface ValidationOptions {
  /** Called for each departure that a tolerant validation accepts. */
  readonly onDrift?: ((drift: Drift) => void) | undefined
  /** Who writes the value. Default: callers in strict mode, the vendor in tolerant mode. */
  readonly side?: Side | undefined
  /** What strict mode does with fields that no schema of a place names. Default `refused`. */
  readonly unknownFields?: 'refused' | 'kept' | undefined
}

/** Where a schema stands: `place` is the outermost schema of a value, `part` one of several that apply to it. */
export type Standing = 'place' | 'part'

/** What the keywords' compilers need of the whole. */
export interface Compiler {
  readonly mode: ValidationMode
  readonly side: Side
  /** Whether strict mode refuses fields that no schema names. */
  readonly closed: boolean
  compile(schema: FieldSchema, standing: Standing): Check
  /** The check of a named schema, compiled when the first value reaches it. */
  reference(ref: string, standing: Standing): Check
  /** What a schema that is a reference refers to. */
  resolve(schema: FieldSchema): FieldSchema
}
