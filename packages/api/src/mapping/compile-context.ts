import type { Issue, JsonSchema } from '@patchbay/core'
import { compileParts, isPlain } from '../expression/expression.ts'
import { ExpressionError, locate } from '../expression/expression-error.ts'
import { atRoot, type Origin, printPath, type ReadPath, readsOf } from '../expression/reads.ts'
import type { Step } from '../expression/step.ts'
import { frozen, measure } from '../expression/values.ts'
import type { Read } from './compiled-field.ts'
import { SchemaView, typeOfJson } from './schema-view.ts'
import { reportInvalid, type State } from './state.ts'

/** A field for which there is no way back to the source, and why. */
export interface Irreversible {
  readonly field: string
  readonly reason: string
}

/** A compiled `from`. */
export interface Source {
  readonly read: Read
  /** Where the value comes from, when it is a part of the record. */
  readonly origin: Origin | undefined
  /** The path from the current value, when it is one of names only: then it can be written. */
  readonly names: readonly string[] | undefined
}

/** What the parts of one compilation share: the two schemas, and what was found. */
export class CompileContext {
  readonly issues: Issue[] = []
  readonly irreversible: Irreversible[] = []
  /** Paths of the source that are read. */
  readonly reads: ReadPath[] = []
  readonly source: SchemaView | undefined
  readonly target: SchemaView

  constructor(source: JsonSchema | undefined, target: JsonSchema) {
    this.source = source === undefined ? undefined : new SchemaView(source)
    this.target = new SchemaView(target)
  }

  issue(path: string, message: string): void {
    this.issues.push({ path, message })
  }

  noWayBack(field: string, reason: string): undefined {
    this.irreversible.push({ field, reason })
    return undefined
  }

  /** `whole`: the value itself is taken, not only what other expressions read of it. */
  from(text: unknown, current: Origin | undefined, path: string, field: string, whole: boolean): Source {
    if (typeof text !== 'string') {
      this.issue(path, 'must be a path or expression, such as "fields.status.name"')
      return nothing
    }
    try {
      const { node, step, measured, warnings } = compileParts(text)
      for (const { message } of warnings) this.issue(path, message)
      const { paths, result } = readsOf(node, current, atRoot)
      const all = whole && result !== undefined ? [...paths, result.path] : paths
      for (const one of all) this.#checkRead(one, path)
      if (result !== undefined && !whole) this.#checkRead(result.path, path, false)
      const steps =
        node.kind === 'path' && node.base === undefined ? node.steps : node.kind === 'current' ? [] : undefined
      const names = steps?.every((one) => typeof one === 'string') ? (steps as readonly string[]) : undefined
      return { read: isPlain(node) ? step : guarded(step, measured, text, field), origin: result, names }
    } catch (error) {
      if (!(error instanceof ExpressionError)) throw error
      this.issue(path, error.message)
      return nothing
    }
  }

  /** What the source's schema says about the type of a value; undefined when it does not tell. */
  sourceTypes(origin: Origin | undefined): ReadonlySet<string> | undefined {
    if (origin === undefined || this.source === undefined) return undefined
    if (origin.list) return new Set(['array'])
    const schemas = this.source.at(origin.path)
    return schemas === undefined ? undefined : this.source.types(schemas)
  }

  /** Refuses types that the model's field surely does not take. */
  checkTypes(given: ReadonlySet<string> | undefined, target: readonly JsonSchema[] | undefined, path: string): void {
    const wanted = target === undefined ? undefined : this.target.types(target)
    if (given === undefined || wanted === undefined) return
    const fitting = [...given].filter(
      (type) => type === 'null' || wanted.has(type) || (wanted.has('number') && type === 'integer'),
    )
    // A number of the source may well be whole.
    if (fitting.length > 0 || (given.has('number') && wanted.has('integer'))) return
    const remedy = 'convert it: text, number, boolean, date, table, list'
    this.issue(path, `gives ${[...given].join(' or ')} where the model has ${[...wanted].join(' or ')}; ${remedy}`)
  }

  /** A value that stands in the spec: refuses what the model's field does not take, and gives a copy that results may share. */
  literal<T>(value: T, target: readonly JsonSchema[] | undefined, path: string): T {
    this.#checkLiteral(value, target, path)
    if (typeof value !== 'object' || value === null) return value
    try {
      return frozen(structuredClone(value))
    } catch {
      this.issue(path, 'is not JSON, or nests too deeply')
      return value
    }
  }

  #checkLiteral(value: unknown, target: readonly JsonSchema[] | undefined, path: string): void {
    if (value === undefined || target === undefined || target.length === 0) return
    const values = this.target.values(target)
    if (values !== undefined && !values.includes(value)) {
      this.issue(
        path,
        `is not in the vocabulary of the model; it has ${values.map((one) => JSON.stringify(one)).join(', ')}`,
      )
    } else this.checkTypes(new Set([typeOfJson(value)]), target, path)
  }

  #checkRead(read: ReadPath, path: string, counts = true): void {
    if (counts) this.reads.push(read)
    const view = this.source
    if (view === undefined) return
    for (let length = 1; length <= read.length; length++) {
      const schemas = view.at(read.slice(0, length))
      if (schemas === undefined) return
      if (schemas.length > 0) continue
      const parent = view.at(read.slice(0, length - 1)) ?? []
      const known = view.fields(parent) ?? []
      const name = printPath(read.slice(0, length))
      this.issue(path, `the source has no ${name}; it has ${list(known)}`)
      return
    }
  }
}

export function list(names: readonly string[]): string {
  return names.length <= 30 ? names.join(', ') : `${names.slice(0, 30).join(', ')} and ${names.length - 30} more`
}

const nothing: Source = { read: () => undefined, origin: undefined, names: undefined }

/** A value of another type than the expression expects costs this field, not the record. Spent budgets cost the record. */
function guarded(step: Step, measured: boolean, text: string, field: string): Read {
  return (value, state: State) => {
    try {
      const result = step(value, state)
      if (measured) measure(result, state)
      return result
    } catch (error) {
      const located = locate(text, error)
      if (!(located instanceof ExpressionError) || located.code.endsWith('budget')) throw located
      reportInvalid(state, field, located.message)
      return undefined
    }
  }
}
