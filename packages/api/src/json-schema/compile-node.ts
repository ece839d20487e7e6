import { arrayCheck } from './compile-array.ts'
import { objectCheck } from './compile-object.ts'
import { numberCheck, stringCheck, valueCheck } from './compile-scalar.ts'
import { unionCheck } from './compile-union.ts'
import type { Compiler, Standing } from './compiler.ts'
import { type FieldSchema, type TypeName, typesOf } from './field-schema.ts'
import { kindOf } from './json-value.ts'
import { refuseUnknown } from './unknown-field.ts'
import { accept, type Check, type NamedFields, refused, type ValidationRun } from './validation-run.ts'

/** One schema with all its keywords: its own, then those of the schemas that apply beside it. */
export function nodeCheck(schema: FieldSchema, compiler: Compiler, standing: Standing): Check {
  const parts = [
    ...(schema.$ref === undefined ? [] : [compiler.reference(schema.$ref, 'part')]),
    ...(schema.allOf ?? []).map((part) => compiler.compile(part, 'part')),
    ...(schema.anyOf === undefined ? [] : [unionCheck(schema.anyOf, compiler, 'any')]),
    ...(schema.oneOf === undefined ? [] : [unionCheck(schema.oneOf, compiler, 'one')]),
  ]
  const own = ownCheck(schema, compiler, parts.length === 0 ? standing : 'part')
  if (parts.length === 0) return own
  const all = own === accept ? parts : [own, ...parts]
  if (!compiler.closed || standing === 'part') return inTurn(all)
  // A reference alone is as closed as what it refers to; its own compilation sees to that without gathering names.
  if (schema.$ref !== undefined && all.length === 1) return compiler.reference(schema.$ref, 'place')
  return closed(inTurn(all))
}

function inTurn(checks: readonly Check[]): Check {
  const [only] = checks
  if (checks.length === 1 && only !== undefined) return only
  return (value, run, named) => {
    let result = value
    for (const check of checks) {
      result = check(result, run, named)
      if (result === refused) return refused
    }
    return result
  }
}

/** Refuses the fields that none of the schemas which applied to the value names. */
function closed(check: Check): Check {
  return (value, run) => {
    const named: NamedFields = { sets: [], open: false }
    const result = check(value, run, named)
    if (result === refused || named.open || named.sets.length === 0 || kindOf(result) !== 'object') return result
    let verdict = result
    for (const key of Object.keys(result as object)) {
      if (named.sets.some((set) => set.has(key)) || (result as Record<string, unknown>)[key] === undefined) continue
      refuseUnknown(key, named.sets, run)
      verdict = refused
    }
    return verdict
  }
}

function ownCheck(schema: FieldSchema, compiler: Compiler, standing: Standing): Check {
  const tolerant = compiler.mode === 'tolerant'
  const listed = valueCheck(schema, tolerant)
  const typed = typeCheck(schema, compiler, standing)
  return listed === accept ? typed : typed === accept ? listed : inTurn([typed, listed])
}

function typeCheck(schema: FieldSchema, compiler: Compiler, standing: Standing): Check {
  const tolerant = compiler.mode === 'tolerant'
  const types = typesOf(schema)
  const text = stringCheck(schema, tolerant)
  const number = numberCheck(schema, tolerant)
  const array = arrayCheck(schema, compiler)
  const object = objectCheck(schema, compiler, standing)
  const message = wrongType(types, schema)
  if (types?.length === 1) {
    if (types[0] === 'string') return schema.format === 'binary' ? bytes(text, message) : ofText(text, message)
    if (types[0] === 'object')
      return (value, run, named) => (kindOf(value) === 'object' ? object(value, run, named) : run.refuse(message))
  }
  const checks = { string: text, number, array, object, boolean: accept, null: accept, other: accept }
  if (types === undefined && [text, number, array, object].every((check) => check === accept)) return accept
  const allowed = new Set<TypeName>(types)
  const binary = schema.format === 'binary' && (types === undefined || allowed.has('string'))
  return (value, run, named) => {
    const kind = kindOf(value)
    if (types !== undefined && !(kind === 'number' ? fitsNumber(value, allowed) : allowed.has(kind as TypeName)))
      return binary && isBytes(value) ? value : run.refuse(message)
    return checks[kind](value, run, named)
  }
}

function fitsNumber(value: unknown, allowed: ReadonlySet<TypeName>): boolean {
  return allowed.has('number') || (allowed.has('integer') && Number.isInteger(value))
}

function ofText(text: Check, message: string): Check {
  return text === accept
    ? (value, run) => (typeof value === 'string' ? value : run.refuse(message))
    : (value, run) => (typeof value === 'string' ? text(value, run) : run.refuse(message))
}

function bytes(text: Check, message: string): Check {
  return (value, run: ValidationRun) =>
    typeof value === 'string' ? text(value, run) : isBytes(value) ? value : run.refuse(message)
}

/** A body of `format: binary` need not be text: bytes and streams of bytes are bodies as well. */
function isBytes(value: unknown): boolean {
  return value instanceof Uint8Array || (typeof value === 'object' && value !== null && Symbol.asyncIterator in value)
}

const words: Readonly<Record<TypeName, string>> = {
  string: 'a string',
  number: 'a number',
  integer: 'a whole number',
  boolean: 'true or false',
  object: 'an object',
  array: 'a list',
  null: 'null',
}

function wrongType(types: readonly TypeName[] | undefined, schema: FieldSchema): string {
  const names = types?.map((type) => words[type]) ?? []
  const bytesToo = schema.format === 'binary' ? ', bytes or a stream of bytes' : ''
  return `must be ${names.join(' or ')}${bytesToo}`
}
