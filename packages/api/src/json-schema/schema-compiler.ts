import { Fault } from '@patchbay/core'
import { nodeCheck } from './compile-node.ts'
import type { Compiler, Side, Standing, ValidationMode, ValidationOptions } from './compiler.ts'
import type { FieldSchema, NamedSchemas } from './field-schema.ts'
import { refuseCircle, resolveRef } from './references.ts'
import type { Check } from './validation-run.ts'

/** Values are not deeper either. */
export const deepestSchema = 200

/** Makes checks and remembers those of named schemas, so that recursion ends. */
export class SchemaCompiler implements Compiler {
  readonly mode: ValidationMode
  readonly side: Side
  readonly closed: boolean
  readonly #named: NamedSchemas
  readonly #made: Readonly<Record<Standing, Map<string, Check>>> = { place: new Map(), part: new Map() }

  #depth = 0

  constructor(
    named: NamedSchemas,
    mode: ValidationMode,
    options: Pick<ValidationOptions, 'side' | 'unknownFields'> = {},
  ) {
    this.#named = named
    this.mode = mode
    this.side = options.side ?? (mode === 'strict' ? 'input' : 'output')
    this.closed = mode === 'strict' && options.unknownFields !== 'kept'
  }

  compile(schema: FieldSchema, standing: Standing): Check {
    if (this.#depth >= deepestSchema)
      throw new Fault({
        kind: 'config',
        issues: [{ path: '', message: `is nested more than ${deepestSchema} levels deep` }],
      })
    this.#depth++
    try {
      return nodeCheck(schema, this, standing)
    } finally {
      this.#depth--
    }
  }

  reference(ref: string, standing: Standing): Check {
    const made = this.#made[standing]
    const known = made.get(ref)
    if (known !== undefined) return known
    const schema = resolveRef(ref, this.#named)
    refuseCircle(ref, this.#named)
    let compiled: Check | undefined
    const check: Check = (value, run, named) => {
      compiled ??= this.compile(schema, standing)
      return compiled(value, run, named)
    }
    made.set(ref, check)
    return check
  }

  resolve(schema: FieldSchema): FieldSchema {
    return schema.$ref === undefined ? schema : resolveRef(schema.$ref, this.#named)
  }
}
