import { type Manifest, type OperationEntry, schemaNamed } from '../declarative/manifest-parts.ts'
import { own } from '../discovery/own.ts'
import { compileExpression } from '../expression/index.ts'
import type { FieldSchema } from '../json-schema/field-schema.ts'
import { paginationOf } from './sent-request.ts'

/** What an operation takes out of an answer. */
export interface GivenAnswer {
  readonly kind: 'json' | 'nothing' | 'other'
  /** Of the whole answer, where the part that callers get stands at a plain path. */
  readonly schema?: FieldSchema | undefined
  /** Where an expression takes it: what it gives must fit `result`. */
  readonly taken?: { take(answer: unknown): unknown; readonly result: FieldSchema } | undefined
}

const steps = /^(?:[A-Za-z_][\w-]*|"[^"\\]+")(?:\[\d+\])?(?:\.(?:[A-Za-z_][\w-]*|"[^"\\]+")(?:\[\d+\])?)*$/

export function givenAnswer(manifest: Manifest, operation: OperationEntry): GivenAnswer {
  const { output, list } = operation
  if (list !== undefined) {
    // The records of an export stand in its chunks, not in the answer that starts it.
    const pagination = paginationOf(manifest, operation)
    if (pagination?.kind === 'export-job') return { kind: 'other' }
    const record = schemaNamed(list.schema)
    const path = list.items ?? (pagination?.kind === 'graphql-relay' ? `${pagination.connection}.nodes` : '')
    if (list.each === undefined) return { kind: 'json', schema: at(path, { type: 'array', items: record ?? {} }) }
    const taken = { take: elementsBy(path, list.each), result: { type: 'array', items: record ?? {} } as const }
    return { kind: 'json', taken }
  }
  if (output === undefined) return { kind: 'json' }
  if (output.as === 'nothing') return { kind: 'nothing' }
  if (output.as !== undefined && output.as !== 'json') return { kind: 'other' }
  const schema = schemaNamed(output.schema) ?? {}
  if (output.from === undefined) return { kind: 'json', schema }
  if (steps.test(output.from)) return { kind: 'json', schema: at(output.from, schema, true) }
  return { kind: 'json', taken: { take: takenBy(output.from), result: schema } }
}

function takenBy(text: string): (answer: unknown) => unknown {
  const expression = compileExpression(text)
  return (answer) => expression.evaluate(answer)
}

/** Where there is no list there are no records. */
function elementsBy(path: string, each: string): (answer: unknown) => unknown {
  const expression = compileExpression(each)
  const keys = path === '' ? [] : path.split('.')
  return (answer) => {
    const list = keys.reduce((value, key) => own(value, key), answer)
    return Array.isArray(list) ? list.map((one) => expression.evaluate(one)) : []
  }
}

/**
 * A schema at a dotted path, in which `[0]` leads to an element.
 * @param always what lies around it must be there: callers get the value; a list without it is empty
 */
function at(path: string, schema: FieldSchema, always = false): FieldSchema {
  if (path === '') return schema
  const keys = [...path.matchAll(/"([^"]+)"|\[\d+\]|[^.[\]"]+/g)].map(([text, quoted]) => quoted ?? text)
  return keys.reduceRight<FieldSchema>(
    (inner, key) =>
      /^\[\d+\]$/.test(key)
        ? { type: 'array', items: inner }
        : { type: 'object', properties: { [key]: inner }, ...(always ? { required: [key] } : {}) },
    schema,
  )
}
