import type { Clock, Random } from '@patchbay/core'
import type { FieldSchema, NamedSchemas } from '../../json-schema/field-schema.ts'
import type { IntegrationManifest } from '../../manifest/manifest.ts'
import { type Draft, sameJson, valueAt, withValueAt } from '../wire/own-value.ts'
import type { Input, OperationPlan } from './operation-plan.ts'
import { schemaOf } from './operation-plan.ts'
import { canBeId, forUsers, makeRecord, type RecordForm, recordForm, timeText, usualId } from './record-forms.ts'
import { fieldAt } from './schema-view.ts'

export interface WorldOptions {
  readonly random: Random
  readonly clock: Clock
  /** By list operation: how many records, or the records themselves, as the vendor sends them. */
  readonly records: Readonly<Record<string, number | readonly unknown[]>>
  /** Records of lists that nothing else tells of. */
  readonly usual: number
}

/** Records of one noun, in the order in which they came to be. */
export interface Collection {
  readonly form: RecordForm
  readonly records: Draft[]
  /** Records ever made, so that no id comes twice. */
  made: number
  /** Names besides ids that tests use for a record. */
  readonly aliases: ReadonlySet<string>
}

/** What the vendor holds: a collection for each noun, made when it is first asked for. */
export class World {
  readonly #manifest: IntegrationManifest
  readonly #plans: readonly OperationPlan[]
  readonly #options: WorldOptions
  readonly #collections = new Map<string, Collection>()
  readonly named: NamedSchemas

  constructor(manifest: IntegrationManifest, plans: readonly OperationPlan[], options: WorldOptions) {
    this.#manifest = manifest
    this.#plans = plans
    this.#options = options
    this.named = (manifest.schemas ?? {}) as NamedSchemas
  }

  /** The collection that an operation reads or changes; undefined where the noun has no records. */
  collectionOf(plan: OperationPlan): Collection | undefined {
    const owner = this.#ownerOf(plan)
    if (owner === undefined) return undefined
    let found = this.#collections.get(owner.name)
    if (found === undefined) {
      found = this.#filled(owner)
      this.#collections.set(owner.name, found)
    }
    return found
  }

  /** A record more, as if somebody had made it at the vendor. `front`: with the oldest time, or before all others. */
  add(collection: Collection, fixed?: string, front = false): Draft {
    const { form, records } = collection
    const { random, clock } = this.#options
    let record = makeRecord(form, collection.made++, random, clock.now(), fixed)
    if (form.cursor !== undefined) record = this.#timed(form, record, clock.now())
    // By time it is the newest all the same.
    if (front) records.unshift(record)
    else records.push(record)
    return record
  }

  touch(collection: Collection, record: Draft): Draft {
    const { form } = collection
    return form.cursor === undefined || /creat|start|occur|open/i.test(form.cursor.field)
      ? record
      : this.#timed(form, record, this.#options.clock.now())
  }

  /** The list that holds the records of an operation: its own, or the first of its noun with the same kind of record. */
  #ownerOf(plan: OperationPlan): OperationPlan | undefined {
    const lists = this.#plans.filter(({ noun, operation }) => noun === plan.noun && operation.list !== undefined)
    if (plan.operation.list !== undefined) {
      const alike = lists.find((one) => sameForm(one, plan) && this.#streamsOf(one).length > 0)
      return alike ?? lists.find((one) => sameForm(one, plan)) ?? plan
    }
    if (lists.length > 0) return lists.find((one) => this.#streamsOf(one).length > 0) ?? lists[0]
    // Without a list, what is read by an id was made before.
    return this.#plans.find(
      ({ noun, operation, placeholders }) =>
        noun === plan.noun &&
        operation.effect === 'read' &&
        operation.output?.schema !== undefined &&
        placeholders.length > 0,
    )
  }

  #streamsOf({ name }: OperationPlan) {
    return Object.values(this.#manifest.streams ?? {}).filter(({ operation }) => operation === name)
  }

  #filled(owner: OperationPlan): Collection {
    const form =
      owner.operation.list === undefined
        ? this.#singleForm(owner)
        : recordForm(owner, this.#streamsOf(owner), this.named, this.#idInputs(owner.noun))
    const asked =
      this.#options.records[owner.name] ?? this.#manifest.tests?.records?.[owner.name] ?? this.#options.usual
    if (typeof asked === 'object')
      return {
        form,
        records: asked.map((record) => structuredClone(record) as Draft),
        made: asked.length,
        aliases: new Set(),
      }
    const given = this.#fixedIds(owner)
    const fixed = given.filter((id) => canBeId(form, id))
    const collection: Collection = {
      form,
      records: [],
      made: 0,
      aliases: new Set(given.filter((id) => !fixed.includes(id))),
    }
    const count =
      owner.operation.list === undefined
        ? Math.max(3, fixed.length)
        : Math.max(asked, Math.min(fixed.length, asked === 0 ? 0 : fixed.length))
    const now = this.#options.clock.now()
    const taken = new Set<string>()
    for (let index = 0; collection.records.length < count && index < count * 20; index++) {
      let record = makeRecord(form, collection.made++, this.#options.random, now, fixed[collection.records.length])
      const identity = form.id === undefined ? undefined : String(valueAt(forUsers(form, record), form.id))
      if (identity !== undefined && taken.has(identity)) continue
      if (identity !== undefined) taken.add(identity)
      if (form.cursor !== undefined)
        record = this.#timed(form, record, this.#bornAt(form, collection.records.length, count, now))
      collection.records.push(record)
    }
    return collection
  }

  /** One a minute until a while ago; now and then two at the same moment, where asking again from there gives both. */
  #bornAt(form: RecordForm, index: number, count: number, now: number): number {
    // Where the time is the identity, no two are the same.
    const ties = form.cursor?.boundary === 'inclusive' && form.id !== form.cursor.field
    const tied = ties && index % 7 === 3 ? index - 1 : index
    const step = form.cursor?.precision === 'day' ? 86_400_000 : 60_000
    const last = now - (form.cursor?.lagMs ?? 0) - 10 * 60_000
    const { backfillMs } = form.cursor ?? {}
    const width = backfillMs === undefined ? step : Math.min(step, Math.floor(backfillMs / (count + 20)))
    return last - (count - tied) * width
  }

  #timed(form: RecordForm, record: Draft, at: number): Draft {
    const { cursor, wireTime, schema, named } = form
    if (cursor === undefined || wireTime === undefined) return record
    return withValueAt(record, wireTime, timeText(at, cursor, fieldAt(schema, cursor.field, named))) as Draft
  }

  /** Ids that the inputs of the tests name must be there. */
  #fixedIds(owner: OperationPlan): readonly string[] {
    const ids = this.#plans
      .filter(({ noun, operation }) => noun === owner.noun && operation.list === undefined)
      .flatMap((plan) => {
        const last = plan.placeholders.at(-1)
        const input = plan.inputs.find(({ as, name }) => as === last || name === last)
        const created = /^(create|add|insert)/.test(plan.verb)
        if (input === undefined || created) return []
        return (this.#manifest.tests?.inputs?.[plan.name] ?? []).map((given) => given[input.name])
      })
    return [...new Set(ids.filter((id) => typeof id === 'string' || typeof id === 'number').map(String))]
  }

  /** Schemas of the inputs that name a record of a noun in the path. */
  #idInputs(noun: string): readonly FieldSchema[] {
    return this.#plans
      .filter((plan) => plan.noun === noun && plan.template.endsWith('}'))
      .flatMap(({ placeholders, inputs }) => {
        const last = placeholders.at(-1)
        const found = inputs.find(({ as, name, input }) => input.in === 'path' && (as === last || name === last))
        return found === undefined ? [] : [inputField(found.input)]
      })
  }

  #singleForm(plan: OperationPlan): RecordForm {
    const schema: FieldSchema = schemaOf(plan.operation.output?.schema)
    const id = usualId(schema, this.named, plan.noun)
    return {
      noun: plan.noun,
      schema,
      named: this.named,
      each: undefined,
      wire: undefined,
      id,
      wireId: id,
      cursor: undefined,
      wireTime: undefined,
      idInputs: this.#idInputs(plan.noun),
      where: `operations["${plan.name}"].output`,
    }
  }
}

/** An input without what says where it goes. */
function inputField({
  in: _in,
  as: _as,
  required: _required,
  style: _style,
  requiredProperties: _properties,
  ...schema
}: Input): FieldSchema {
  return schema as FieldSchema
}

function sameForm(one: OperationPlan, other: OperationPlan): boolean {
  const [a, b] = [one.operation.list, other.operation.list]
  return sameJson(a?.schema, b?.schema) && a?.each === b?.each && sameJson(a?.wire, b?.wire)
}
