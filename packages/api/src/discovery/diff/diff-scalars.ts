import type { JsonType, SchemaView } from '../schema.ts'
import { type Direction, type Severity, severityOf } from './change.ts'

type Add = (severity: Severity, code: string, message: string) => void

/** What a value is, without its parts. */
export function diffScalars(old: SchemaView, young: SchemaView, direction: Direction, add: Add): void {
  const judge = (change: 'narrower' | 'wider' | 'different', what: string, message: string): void =>
    add(severityOf(direction, change), `${what}-${change === 'different' ? 'changed' : change}`, message)
  const types = direct(covers(young.types, old.types), covers(old.types, young.types))
  if (types !== undefined) judge(types, 'type', `the type was ${list(old.types)} and is ${list(young.types)}`)
  const values = compareValues(old, young)
  if (values !== undefined) judge(values.change, 'enum', values.message)
  if (old.format !== young.format) {
    const change = old.format === undefined ? 'narrower' : young.format === undefined ? 'wider' : 'different'
    judge(change, 'format', `the format was ${old.format ?? 'free'} and is ${young.format ?? 'free'}`)
  }
  if (old.pattern !== young.pattern) {
    const change = old.pattern === undefined ? 'narrower' : young.pattern === undefined ? 'wider' : 'different'
    judge(change, 'pattern', 'the pattern is another')
  }
  for (const key of ['minLength', 'minimum', 'exclusiveMinimum', 'minItems'] as const)
    bound(key, old[key], young[key], 1, judge)
  for (const key of ['maxLength', 'maximum', 'exclusiveMaximum', 'maxItems'] as const)
    bound(key, old[key], young[key], -1, judge)
  if (direction === 'input' && JSON.stringify(old.default?.value) !== JSON.stringify(young.default?.value)) {
    add('compatible', 'default-changed', 'the default is another')
  }
}

/** `wider` when only the new covers the old, and so on; undefined when both cover each other. */
function direct(youngCovers: boolean, oldCovers: boolean): 'narrower' | 'wider' | 'different' | undefined {
  if (youngCovers) return oldCovers ? undefined : 'wider'
  return oldCovers ? 'narrower' : 'different'
}

/** No types: any. A number may be an integer. */
function covers(outer: readonly JsonType[], inner: readonly JsonType[]): boolean {
  if (outer.length === 0) return true
  if (inner.length === 0) return false
  return inner.every((type) => outer.includes(type) || (type === 'integer' && outer.includes('number')))
}

function list(types: readonly JsonType[]): string {
  return types.length === 0 ? 'any' : types.join(' or ')
}

function compareValues(
  old: SchemaView,
  young: SchemaView,
): { change: 'narrower' | 'wider' | 'different'; message: string } | undefined {
  const [was, is] = [valuesOf(old), valuesOf(young)]
  if (was === undefined && is === undefined) return undefined
  if (was === undefined) return { change: 'narrower', message: `only ${some(is ?? [])} are values now` }
  if (is === undefined) return { change: 'wider', message: 'any value is one now' }
  const gone = was.filter((value) => !is.includes(value))
  const fresh = is.filter((value) => !was.includes(value))
  const change = direct(gone.length === 0, fresh.length === 0)
  if (change === undefined) return undefined
  const parts = [gone.length === 0 ? '' : `${some(gone)} gone`, fresh.length === 0 ? '' : `${some(fresh)} new`]
  return { change, message: `values: ${parts.filter((part) => part !== '').join(', ')}` }
}

/** As text, so that values of any type can be compared. */
function valuesOf({ enum: values, const: fixed }: SchemaView): string[] | undefined {
  if (fixed !== undefined) return [JSON.stringify(fixed.value) ?? 'null']
  return values?.map((value) => JSON.stringify(value) ?? 'null')
}

function some(values: readonly string[]): string {
  const shown = values.toSorted().slice(0, 8).join(', ')
  return values.length > 8 ? `${shown} and ${values.length - 8} more` : shown
}

/** @param sign 1 for lower bounds, -1 for upper ones */
function bound(
  key: string,
  old: number | undefined,
  young: number | undefined,
  sign: 1 | -1,
  judge: (change: 'narrower' | 'wider', what: string, message: string) => void,
): void {
  if (old === young) return
  const tighter = old === undefined || (young !== undefined && (young - old) * sign > 0)
  judge(tighter ? 'narrower' : 'wider', key, `${key} was ${old ?? 'open'} and is ${young ?? 'open'}`)
}
