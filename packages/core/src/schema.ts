import type { StandardJSONSchemaV1, StandardSchemaV1 } from '@standard-schema/spec'
import { type ErrorKind, Fault, type Issue } from './errors.ts'

/**
 * Any validator that implements Standard Schema (zod, valibot, arktype, ...). Core imports none of them.
 * @see https://standardschema.dev
 */
export type Schema<Output = unknown, Input = unknown> = StandardSchemaV1<Input, Output>
/** What callers may pass to a schema. */
export type InputOf<S> = S extends StandardSchemaV1<infer Input, unknown> ? Input : never
/** What a schema gives back. */
export type OutputOf<S> = S extends StandardSchemaV1<unknown, infer Output> ? Output : never

/** JSON Schema 2020-12 as data. */
export type JsonSchema = Readonly<Record<string, unknown>>

/** A schema of one function: return the value to accept it, or issues to refuse it. For connectors that want no validator library. */
export function schema<Output, Input = Output>(
  check: (value: unknown) => { readonly value: Output } | { readonly issues: readonly Issue[] },
  jsonSchema?: JsonSchema,
): Schema<Output, Input> & Partial<StandardJSONSchemaV1<Input, Output>> {
  const json =
    jsonSchema === undefined
      ? {}
      : { jsonSchema: { input: () => ({ ...jsonSchema }), output: () => ({ ...jsonSchema }) } }
  return {
    '~standard': {
      version: 1,
      vendor: 'patchbay',
      validate(value: unknown) {
        const result = check(value)
        if ('value' in result) return { value: result.value }
        return {
          issues: result.issues.map((issue) => ({
            message: issue.message,
            path: issue.path === '' ? [] : issue.path.split('.'),
          })),
        }
      },
      ...json,
    },
  } as Schema<Output, Input> & Partial<StandardJSONSchemaV1<Input, Output>>
}

/** Accepts anything as `T` without looking: for values that Patchbay itself produced, and for outputs that nobody reads. */
export function unchecked<T>(jsonSchema?: JsonSchema): Schema<T, T> {
  return jsonSchema === undefined
    ? (passes as Schema<T, T>)
    : (schema((value) => ({ value: value as T }), jsonSchema) as Schema<T, T>)
}

const passes: Schema = { '~standard': { version: 1, vendor: 'patchbay-unchecked', validate: (value) => ({ value }) } }

/** True when validation would be the identity, so that the call path may skip it. */
export function isUnchecked(candidate: Schema): boolean {
  return candidate === passes
}

/**
 * Validates; the result is a promise only when the schema is asynchronous.
 * @throws Fault of the given kind whose issues name each field; the offending values are not repeated, they may be secrets.
 */
export function validate<Output>(
  target: Schema<Output>,
  value: unknown,
  kind: ErrorKind,
  what: string,
): Output | Promise<Output> {
  const result = target['~standard'].validate(value)
  return result instanceof Promise ? result.then((late) => accept(late, kind, what)) : accept(result, kind, what)
}

function accept<Output>(result: StandardSchemaV1.Result<Output>, kind: ErrorKind, what: string): Output {
  if (result.issues === undefined) return result.value
  const issues = result.issues.map((issue) => ({
    path: (issue.path ?? []).map(segment).join('.'),
    message: issue.message,
  }))
  throw new Fault({ kind, message: `${what} is not valid`, issues })
}

function segment(part: PropertyKey | { readonly key: PropertyKey }): string {
  return String(typeof part === 'object' ? part.key : part)
}

/** The JSON Schema (2020-12) of a schema that can tell it, for forms and documentation. */
export function jsonSchemaOf(target: Schema, side: 'input' | 'output' = 'input'): JsonSchema | undefined {
  const standard = target['~standard'] as Partial<StandardJSONSchemaV1['~standard']> | undefined
  return standard?.jsonSchema?.[side]({ target: 'draft-2020-12' })
}
