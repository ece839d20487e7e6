import type { Random } from '@patchbay/core'
import { sample } from '../../json-schema/sampler.ts'
import { inverted } from '../wire/invert.ts'
import { type Draft, isObject, merged, sameJson, valueAt, withValueAt } from '../wire/own-value.ts'
import { inputValue, type OperationPlan, schemaOf } from './operation-plan.ts'
import { cannotTurn, forUsers, overlaid } from './record-forms.ts'
import { RequestRefusal } from './refusal.ts'
import type { VendorRequest } from './request.ts'
import { fieldAt, fits, resolved } from './schema-view.ts'
import type { Collection, World } from './world.ts'

export interface SingleCall {
  readonly plan: OperationPlan
  readonly request: VendorRequest
  /** Values of the braces in the path. */
  readonly path: Readonly<Record<string, string>>
  readonly world: World
  readonly random: Random
  readonly now: number
  /** Samples of operations that have no records, so that the same question gets the same answer. */
  readonly memory: Map<string, unknown>
}

export interface SingleOutcome {
  /** The vendor's whole answer; undefined for none. */
  readonly body: unknown
  readonly changed: boolean
}

const creates = /^(create|add|open|insert|register|start|launch|upload|post|new|put|submit|send)/
const deletes = /^(delete|remove|destroy|purge|terminate)/

/** Does what an operation that is no list asks for, and says what the vendor answers. */
export function answerSingle(call: SingleCall): SingleOutcome {
  const { plan, world, request } = call
  const collection = world.collectionOf(plan)
  const identity = identityOf(call)
  if (plan.operation.effect === 'read') {
    const record = collection === undefined || identity === undefined ? undefined : lookUp(collection, identity, plan)
    return { body: body(call, collection, record, identity?.value), changed: false }
  }
  const isDelete = plan.method === 'DELETE' || deletes.test(plan.verb)
  const isCreate = !isDelete && creates.test(plan.verb) && plan.method !== 'PATCH'
  if (collection === undefined) return { body: body(call, undefined, undefined, identity?.value), changed: true }
  if (isCreate) {
    const fixed = plan.template.endsWith('}') ? identity?.value : undefined
    const at = collection.records.length
    world.add(collection, fixed)
    const record = overlaid(collection.form, collection.records[at] as Draft, fieldsOf(call))
    collection.records[at] = record
    return { body: body(call, collection, record, undefined), changed: true }
  }
  if (identity === undefined) return { body: body(call, undefined, undefined, undefined), changed: true }
  const record = lookUp(collection, identity, plan)
  if (isDelete) {
    // A DELETE below a record, such as of its label, takes nothing but that away.
    const whole = plan.template.endsWith('}') || deletes.test(plan.verb)
    if (whole && record !== undefined) collection.records.splice(collection.records.indexOf(record), 1)
    return { body: body(call, collection, record, identity.value), changed: true }
  }
  if (record === undefined) return { body: body(call, undefined, undefined, identity.value), changed: true }
  const changed = world.touch(collection, overlaid(collection.form, record, fieldsOf(call)))
  collection.records[collection.records.indexOf(record)] = changed
  void request
  return { body: body(call, collection, changed, identity.value), changed: true }
}

interface Identity {
  readonly value: string
  /** Fields of a record that it may be. */
  readonly fields: readonly string[]
  /** It stands in the path, so that there is nothing without it. */
  readonly inPath: boolean
}

/** What a request says about which record it means. */
function identityOf({ plan, path, request }: SingleCall): Identity | undefined {
  const last = plan.placeholders.at(-1)
  if (last !== undefined && last !== 'apiVersion' && belongsTo(plan)) {
    const value = path[last]
    const input = plan.inputs.find(({ as, name }) => as === last || name === last)
    if (value !== undefined) return { value, fields: [last, input?.name ?? last], inPath: true }
  }
  const named = plan.inputs.find(
    ({ name, input }) => ['id', `${plan.noun}Id`, `${plan.noun}Ids`].includes(name) && input.in !== 'path',
  )
  if (named === undefined) return undefined
  const value = inputValue(request, named, path)
  const one = Array.isArray(value) ? value[0] : value
  return one === undefined || one === null
    ? undefined
    : { value: String(one), fields: [named.as, named.name], inPath: false }
}

/** Whether the last name in the path is of the operation's own noun: /incidents/{id}/notes with POST belongs to another. */
export function belongsTo(plan: OperationPlan): boolean {
  if (plan.template.endsWith('}')) return true
  return !creates.test(plan.verb) && plan.verb !== 'list'
}

function lookUp(
  { form, records, aliases }: Collection,
  { value, fields, inPath }: Identity,
  plan: OperationPlan,
): Draft | undefined {
  const paths = [
    ...new Set([
      ...(form.wireId === undefined ? [] : [form.wireId]),
      ...fields,
      'id',
      'name',
      'key',
      'uuid',
      'number',
      'iid',
    ]),
  ]
  const wanted = new Set([value, ...value.split(',')])
  for (const path of paths) {
    const record = records.find((one) => wanted.has(String(valueAt(one, path))))
    if (record !== undefined) return record
  }
  if (aliases.has(value)) return records[0]
  // An id in the body may be one of something else.
  if (!inPath || form.wireId === undefined) return undefined
  throw new RequestRefusal('not-found', `there is no ${plan.noun} ${value}`)
}

/** Inputs that go into the body, by their paths. */
function fieldsOf({ plan, request, path }: SingleCall): Record<string, unknown> {
  return Object.fromEntries(
    plan.inputs
      .filter(({ input }) => ['body', 'form', 'variable', 'rpc', 'query'].includes(input.in))
      .map((placed) => [placed.as === '@' ? placed.name : placed.as, inputValue(request, placed, path)]),
  )
}

/** The vendor's whole answer, in which the operation's expression finds what its schema says. */
function body(
  call: SingleCall,
  collection: Collection | undefined,
  record: Draft | undefined,
  identity: string | undefined,
): unknown {
  const { plan, world, random, now, memory } = call
  const { output } = plan.operation
  const { from, as } = output ?? {}
  if (as === 'nothing') return undefined
  const named = world.named
  const schema = output?.schema === undefined ? undefined : schemaOf(output.schema)
  const where = `operations["${plan.name}"].output`
  const key = `${plan.name} ${identity ?? ''}`
  const remembered = (make: () => unknown): unknown => {
    if (!memory.has(key)) memory.set(key, make())
    return memory.get(key)
  }
  const own = collection === undefined || record === undefined ? undefined : forUsers(collection.form, record)
  if (output?.wire !== undefined) {
    const whole = remembered(() => sample(schemaOf(output.wire), named, random, { now }))
    return whole
  }
  if (schema === undefined || as === 'text' || as === 'bytes' || as === 'stream') {
    const plain = as === 'text' || as === 'bytes' || as === 'stream'
    const value =
      own ?? (plain ? (schema === undefined ? 'text' : remembered(() => sample(schema, named, random, { now }))) : {})
    return from === undefined || plain ? value : (inverted(from, value) ?? {})
  }
  const alike = collection !== undefined && sameJson(resolved(collection.form.schema, named), resolved(schema, named))
  const view =
    alike && own !== undefined
      ? own
      : withOwn(
          remembered(() => sample(schema, named, random, { now })),
          own,
          schema,
          named,
        )
  if (from === undefined) return view
  const turned = inverted(from, view)
  if (turned !== undefined) return turned
  throw cannotTurn(`${where}.from`, `${where}.wire`)
}

/** A sample with what is known of the record, where its fields take that. */
function withOwn(
  value: unknown,
  record: unknown,
  schema: Parameters<typeof fits>[0],
  named: Parameters<typeof fits>[2],
): unknown {
  if (!isObject(value) || !isObject(record)) return value
  let result: unknown = value
  for (const [name, field] of Object.entries(record)) {
    const declared = fieldAt(schema, name, named)
    if (declared !== undefined && fits(declared, field, named)) result = withValueAt(result, name, field)
  }
  return fits(schema, result, named) ? result : merged(value, {})
}
