import { type Issue, type JsonSchema, patchbayError } from '@patchbay/core'
import type { ExpressionBudget } from '../expression/budget.ts'
import { compileParts } from '../expression/expression.ts'
import { ExpressionError } from '../expression/expression-error.ts'
import { atRoot, printPath, type ReadPath, readsOf } from '../expression/reads.ts'
import { isObject, toJsonText } from '../expression/values.ts'
import { CompileContext } from './compile-context.ts'
import { compileFields } from './compile-rules.ts'
import { type CompiledField, type Holder, objectBack, objectReader, type Read } from './compiled-field.ts'
import { type Coverage, type RecordLoss, readTree, sortValues, unreadOf } from './loss.ts'
import type { Model } from './model.ts'
import { checkKeys } from './rule-shape.ts'
import type { MappingSpec } from './spec.ts'
import { newState, type Report, type State } from './state.ts'

export interface MappingOptions {
  /** Schema of the source's records. With it, paths and types are checked when the mapping is compiled. */
  readonly source?: JsonSchema | undefined
  readonly target: Model
  /** Bounds of mapping one record, all its fields together. */
  readonly budget?: ExpressionBudget | undefined
}

/** A compiled mapping. It keeps no state and may be shared. Results may share parts with the records that they come from. */
export interface Mapping {
  readonly model: { readonly id: string; readonly version: string }
  readonly coverage: Coverage
  /**
   * The record in the shape of the model. Fields without a value are left out.
   * @throws ExpressionError when a budget is spent; PatchbayError of kind `protocol` for a value that a table with `unknown: 'error'` lacks.
   */
  map(record: unknown): Record<string, unknown>
  /** The same, and what became of the record. About ten times dearer. */
  apply(record: unknown): { readonly value: Record<string, unknown>; readonly loss: RecordLoss }
  /** The source's record for a (partial) value of the model, for writes; `lost` names the fields that it does not hold. */
  reverse(value: unknown): { readonly record: Record<string, unknown>; readonly lost: readonly string[] }
}

/**
 * Compiles a mapping to closures. No code is generated.
 * @throws PatchbayError of kind `config` whose issues name each wrong place of the spec and what to do.
 */
export function compileMapping(spec: MappingSpec, options: MappingOptions): Mapping {
  const { context, build, back } = compileSpec(spec, options)
  if (context.issues.length > 0) {
    const message = `the mapping to ${options.target.id} is not valid`
    throw patchbayError({ kind: 'config', code: 'mapping', message, issues: context.issues })
  }
  const { budget, target } = options
  const unmapped = readTree((spec.unmapped ?? []).map(pathOfText))
  const reads = readTree(context.reads)
  const kept = spec.raw !== undefined
  let coverage: Coverage | undefined
  return {
    model: { id: target.id, version: target.version },
    get coverage() {
      coverage ??= coverageOf(spec, context, unmapped, reads)
      return coverage
    },
    map: (record) => build(record, newState(record, budget, undefined), {}) as Record<string, unknown>,
    apply(record) {
      const report: Report = { unknown: [], invalid: [] }
      const value = build(record, newState(record, budget, report), {}) as Record<string, unknown>
      const { mapped, left } = sortValues(record, reads, unmapped, newState(record, budget, undefined))
      return { value, loss: { mapped, raw: kept ? left : [], dropped: kept ? [] : left, ...report } }
    },
    reverse(value) {
      const holder: Holder = { value: {} }
      const lost: string[] = []
      back(value, holder, lost, '')
      return { record: holder.value as Record<string, unknown>, lost: lost.filter((field) => field !== spec.raw) }
    },
  }
}

/** What is wrong with a spec, without compiling it for use: for editors and linters. */
export function checkMapping(spec: unknown, options: MappingOptions): readonly Issue[] {
  return compileSpec(spec, options).context.issues
}

function compileSpec(spec: unknown, { source, target }: MappingOptions) {
  const context = new CompileContext(source, target.schema)
  const given = isObject(spec) ? spec : {}
  if (!isObject(spec)) context.issue('', 'must be an object with fields')
  checkKeys(context, given, ['version', 'model', 'fields', 'raw', 'unmapped'], '')
  if (given.version !== undefined && given.version !== 1) context.issue('version', 'must be 1')
  if (given.model !== undefined && given.model !== target.id) {
    context.issue('model', `is not ${target.id}, the model that the mapping is compiled for`)
  }
  checkUnmapped(context, given.unmapped)
  const schemas = context.target.at([])
  const place = { path: 'fields', field: '', origin: atRoot, target: schemas, depth: 0 }
  const fields = [...compileFields(context, given.fields, place)]
  if (given.raw !== undefined) fields.push(rawField(context, given, schemas))
  const back = objectBack(fields)
  return { context, build: objectReader(fields), back }
}

function checkUnmapped(context: CompileContext, unmapped: unknown): void {
  if (unmapped === undefined) return
  if (!Array.isArray(unmapped)) context.issue('unmapped', 'must be a list of paths')
  else {
    for (const [index, path] of unmapped.entries()) {
      try {
        if (typeof path === 'string' && readsOf(compileParts(path).node, atRoot, atRoot).result !== undefined) continue
        context.issue(`unmapped.${index}`, 'must be a path such as links.self or items[].id')
      } catch (error) {
        if (!(error instanceof ExpressionError)) throw error
        context.issue(`unmapped.${index}`, error.message)
      }
    }
  }
}

function rawField(
  context: CompileContext,
  { raw, fields }: Readonly<Record<string, unknown>>,
  schemas: readonly JsonSchema[] | undefined,
): readonly [string, CompiledField] {
  const name = typeof raw === 'string' ? raw : ''
  const target = typeof raw === 'string' && schemas !== undefined ? context.target.at([raw], schemas) : undefined
  if (typeof raw !== 'string' || target?.length === 0) context.issue('raw', 'must be a field of the model')
  else if (isObject(fields) && Object.hasOwn(fields, raw)) context.issue('raw', `${raw} is mapped already`)
  const types = target === undefined ? undefined : context.target.types(target)
  const asText = types?.has('string') === true && !types.has('object')
  const read: Read = asText ? (record, state: State) => toJsonText(record, state) : (record) => record
  return [name, { read, back: () => undefined }]
}

function pathOfText(text: string): ReadPath {
  return readsOf(compileParts(text).node, atRoot, atRoot).result?.path ?? []
}

function coverageOf(
  spec: MappingSpec,
  context: CompileContext,
  unmapped: ReturnType<typeof readTree>,
  reads: ReturnType<typeof readTree>,
): Coverage {
  const filled = [...Object.keys(spec.fields), ...(spec.raw === undefined ? [] : [spec.raw])]
  const all = context.target.fields(context.target.at([]) ?? []) ?? []
  return {
    filled,
    empty: all.filter((field) => !filled.includes(field)),
    reads: [...new Set(context.reads.map(printPath))].sort(),
    unread: context.source === undefined ? [] : unreadOf(context.source, reads, unmapped),
    irreversible: context.irreversible,
  }
}
