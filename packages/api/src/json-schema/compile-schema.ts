import { type Issue, type Schema, schema as standardSchema } from '@patchbay/core'
import type { ValidationMode, ValidationOptions } from './compiler.ts'
import type { FieldSchema, NamedSchemas } from './field-schema.ts'
import { SchemaCompiler } from './schema-compiler.ts'
import { toJsonSchema } from './to-json-schema.ts'
import { type Check, refused, ValidationRun } from './validation-run.ts'

export type { Drift, Side, ValidationMode, ValidationOptions } from './compiler.ts'

export type Verdict = { readonly value: unknown } | { readonly issues: readonly Issue[] }

/**
 * Compiles a schema to closures, on first use; no code is generated. Both modes look at own enumerable fields alone, give up beyond 200
 * levels or 2 million steps through alternatives, and never throw for a value.
 *
 * `strict` is for inputs. JSON Schema 2020-12 with these rules on top:
 * - where some schema of a place names `properties` and none says `additionalProperties`, other fields are refused, as if
 *   `unevaluatedProperties: false` stood there; the issue names the nearest field. `__proto__` is refused wherever it is not declared;
 * - a field that is `undefined` counts as absent; an absent field with a `default` gets a copy of it (the caller's object stays as it is);
 * - fields of the other side are refused and never required: `readOnly` ones in inputs, `writeOnly` ones with `side: 'output'`;
 * - formats are checked (`formats.ts`); with `format: binary` bytes and streams of bytes are strings.
 *
 * `tolerant` is for answers of vendors, who add fields and values without notice. The value itself is the result.
 * - Unknown fields are kept, whatever `additionalProperties: false` and `items: false` say.
 * - A declared field may be absent or null unless it is required; a required field may be null only where its schema says so.
 *   `writeOnly` fields are never required.
 * - The shape is checked: `type`, `const` (so tell alternatives apart by it), `properties`, elements, `allOf`; `oneOf` means `anyOf`.
 * - Limits are not: an unknown `enum` value of a known type, a bound, length or pattern that does not hold is accepted and told to
 *   `onDrift`. Formats are not looked at.
 *
 * @throws Fault `config` for schemas that cannot be compiled: references that lead nowhere or in a circle, patterns that are not safe.
 *   References are followed when the first value reaches them; `schemaIssues` finds all beforehand.
 */
export function compileSchema(
  schema: FieldSchema,
  named: NamedSchemas,
  mode: ValidationMode,
  options: ValidationOptions = {},
): (value: unknown) => Verdict {
  const { onDrift } = options
  const observed = mode === 'tolerant' && onDrift !== undefined
  let check: Check | undefined
  return (value) => {
    check ??= new SchemaCompiler(named, mode, options).compile(schema, 'place')
    const run = new ValidationRun(observed)
    const result = check(value, run)
    if (run.stopped !== undefined) return { issues: [{ path: '', message: run.stopped }] }
    if (result === refused) return { issues: run.findings.filter(({ drift }) => drift === undefined) }
    for (const { path, message, drift } of run.findings)
      if (drift !== undefined) onDrift?.({ path, message, keyword: drift })
    return { value: result }
  }
}

/** {@link compileSchema} as Standard Schema and Standard JSON Schema. */
export function schemaOf<Output = unknown, Input = Output>(
  schema: FieldSchema,
  named: NamedSchemas,
  mode: ValidationMode,
  options?: ValidationOptions,
): Schema<Output, Input> {
  const check = compileSchema(schema, named, mode, options)
  let json: ReturnType<typeof toJsonSchema> | undefined
  const standard = standardSchema<Output, Input>(check as Parameters<typeof standardSchema<Output, Input>>[0])
  const jsonSchema = () => {
    json ??= toJsonSchema(schema, named)
    return { ...json }
  }
  Object.assign(standard['~standard'], { jsonSchema: { input: jsonSchema, output: jsonSchema } })
  return standard
}
