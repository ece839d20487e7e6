import { type Clock, Fault, type Random } from '@patchbay/core'
import type { FieldSchema, NamedSchemas } from '../../json-schema/field-schema.ts'
import { mergeSchemas } from '../../json-schema/merge-schemas.ts'
import { sample } from '../../json-schema/sampler.ts'
import type { IntegrationManifest } from '../../manifest/manifest.ts'
import { inverted, sourceOf } from '../wire/invert.ts'
import { type Draft, isObject, merged, valueAt, withValueAt } from '../wire/own-value.ts'
import { compiled } from '../wire/solve-condition.ts'
import { type OperationPlan, schemaOf } from './operation-plan.ts'
import { fieldAt, fits, resolved } from './schema-view.ts'

type Stream = NonNullable<IntegrationManifest['streams']>[string]
type TimeCursor = Extract<Stream['cursor'], { kind: 'time' }>

/** What the records of a list look like: for users, and at the vendor. */
export interface RecordForm {
  readonly noun: string
  /** Of the record that users get. */
  readonly schema: FieldSchema
  readonly named: NamedSchemas
  readonly each: string | undefined
  readonly wire: FieldSchema | undefined
  /** Dotted path of the identity, for users and at the vendor; undefined where records have none that is known. */
  readonly id: string | undefined
  readonly wireId: string | undefined
  readonly cursor: TimeCursor | undefined
  readonly wireTime: string | undefined
  /** What inputs that name a record ask of its identity. */
  readonly idInputs: readonly FieldSchema[]
  readonly where: string
}

const usualIds = [
  'id',
  'uuid',
  'guid',
  'key',
  'number',
  'sid',
  'iid',
  '_id',
  'arn',
  'name',
  'slug',
  'sys_id',
  'fingerprint',
]

/** The form of a list's records. `streams`: those that read the list. */
export function recordForm(
  plan: OperationPlan,
  streams: readonly Stream[],
  named: NamedSchemas,
  idInputs: readonly FieldSchema[],
): RecordForm {
  const { list } = plan.operation
  const schema = schemaOf(list?.schema)
  const each = list?.each
  const id = streams[0]?.id ?? usualId(schema, named, plan.noun)
  const cursor = streams.map((one) => one.cursor).find((one): one is TimeCursor => one.kind === 'time')
  return {
    noun: plan.noun,
    schema,
    named,
    each,
    wire: list?.wire === undefined ? undefined : schemaOf(list.wire),
    id,
    wireId: id === undefined ? undefined : sourceOf(each, id),
    cursor,
    wireTime: cursor === undefined ? undefined : sourceOf(each, cursor.field),
    idInputs,
    where: `operations["${plan.name}"].list`,
  }
}

export function usualId(schema: FieldSchema, named: NamedSchemas, noun: string): string | undefined {
  // A record that is nothing but a text is its own identity.
  if (resolved(schema, named).type === 'string') return ''
  return [`${noun}Id`, `${noun}_id`, ...usualIds].find((name) => {
    const field = fieldAt(schema, name, named)
    const types = [field?.type ?? []].flat()
    return types.includes('string') || types.includes('integer') || types.includes('number')
  })
}

/** One record as the vendor keeps it. `fixed`: an id that it must have. */
export function makeRecord(
  form: RecordForm,
  index: number,
  random: Random,
  now: number,
  fixed?: string | undefined,
): Draft {
  const { schema, named, each, wire, id, where } = form
  const identity = id === undefined ? undefined : newId(idSchema(form, id), form.noun, index, random, named, fixed)
  const withId = (value: unknown, path: string | undefined): unknown =>
    path === undefined || identity === undefined ? value : withValueAt(value, path, identity)
  const vendors = wire === undefined ? undefined : withId(sample(wire, named, random, { now }), form.wireId)
  if (vendors !== undefined && form.wireId !== undefined) return vendors as Draft
  const made = withId(sample(schema, named, random, { now }), id)
  if (each === undefined) return (vendors ?? made) as Draft
  const turned = inverted(each, made)
  if (turned !== undefined) return merged(vendors, turned) as Draft
  if (vendors !== undefined) return vendors as Draft
  throw cannotTurn(`${where}.each`, `${where}.wire`)
}

/** Whether the identity of records may be this text. */
export function canBeId(form: RecordForm, text: string): boolean {
  if (form.id === undefined) return false
  const schema = idSchema(form, form.id)
  const types = [schema.type ?? 'string'].flat()
  return types.includes('string') || Number.isFinite(Number(text))
}

/** An identity that the vendor may give and callers may name. */
function idSchema({ schema, named, idInputs }: RecordForm, id: string): FieldSchema {
  const own = resolved(fieldAt(schema, id, named) ?? {}, named)
  const types = [own.type ?? []].flat()
  return idInputs
    .filter(({ type }) => type === undefined || types.length === 0 || [type].flat().some((one) => types.includes(one)))
    .reduce((all, { type: _, description: __, ...more }) => mergeSchemas(all, more), own)
}

export function cannotTurn(where: string, wire: string): Fault {
  const message = `${where} cannot be turned round, so the simulator does not know what the vendor answers; give the vendor's own shape as ${wire}`
  return new Fault({ kind: 'config', code: 'simulator', sent: 'none', message })
}

/** The record as users get it. */
export const forUsers = (form: RecordForm, record: unknown): unknown =>
  form.each === undefined ? record : compiled(form.each).evaluate(record as never)

function newId(
  schema: FieldSchema,
  noun: string,
  index: number,
  random: Random,
  named: NamedSchemas,
  fixed: string | undefined,
): unknown {
  const types = [schema.type ?? 'string'].flat()
  const numeric = !types.includes('string') && (types.includes('integer') || types.includes('number'))
  if (fixed !== undefined) return numeric ? Number(fixed) : fixed
  if (numeric) return Math.max(schema.minimum ?? 0, 1000) + index
  const { pattern, format, maxLength = 200, minLength = 0 } = schema
  if (pattern === undefined && format === undefined && schema.enum === undefined) {
    const text = `${noun}-${index + 1}`.padEnd(minLength, '0')
    return text.length <= maxLength ? text : String(index + 1).padStart(Math.min(maxLength, 8), '0')
  }
  if (format === 'uuid') return random.uuid()
  return sample(schema, named, random, { name: 'id' })
}

/** A time as the vendor writes it in records. */
export function timeText(
  ms: number,
  { format = 'iso', precision = 'ms' }: Pick<TimeCursor, 'format' | 'precision'>,
  schema: FieldSchema | undefined,
): unknown {
  if (format === 'utc') return new Date(ms).toISOString().slice(0, 19).replace('T', ' ')
  if (format !== 'iso') {
    // Waits may end between two milliseconds.
    const number = Math.floor(format === 'unix-s' ? ms / 1000 : ms)
    return [schema?.type ?? 'number'].flat().includes('string') ? String(number) : number
  }
  const text = new Date(ms).toISOString()
  const isDate = schema?.format === 'date' || precision === 'day'
  if (isDate) return text.slice(0, 10)
  if (precision === 'minute') return `${text.slice(0, 16)}:00Z`
  return precision === 's' ? `${text.slice(0, 19)}Z` : text
}

/** Milliseconds of a time that a record or a request writes; undefined for what is none. */
export function timeOf(value: unknown, format: TimeCursor['format'] = 'iso'): number | undefined {
  if (value === undefined || value === null || value === '') return undefined
  if (format === 'iso' || format === 'utc') {
    const ms = Date.parse(format === 'utc' ? `${String(value).replace(' ', 'T')}Z` : String(value))
    return Number.isNaN(ms) ? undefined : ms
  }
  const number = Number(value)
  return Number.isFinite(number) ? (format === 'unix-s' ? number * 1000 : number) : undefined
}

export interface RecordSource {
  readonly random: Random
  readonly clock: Clock
}

/** Fields of a request written over a record, where the record has a field of this name that takes the value. */
export function overlaid(form: RecordForm, record: Draft, fields: Readonly<Record<string, unknown>>): Draft {
  let result: unknown = record
  for (const [path, value] of Object.entries(fields)) {
    const name = path.split('.').at(-1) ?? ''
    const wire = sourceOf(form.each, name)
    const schema = fieldAt(form.schema, name, form.named)
    // What a record is called by does not change.
    if (wire === undefined || wire === form.wireId || schema === undefined || value === undefined) continue
    const put = isObject(value) ? merged(valueAt(result, wire), value) : value
    // What a client names by an id, the vendor often shows as an object.
    if (fits(schema, put, form.named)) result = withValueAt(result, wire, put)
  }
  return result as Draft
}
