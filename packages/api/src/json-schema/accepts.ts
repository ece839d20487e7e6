import { type Comparison, Findings, nearest, Pairs } from './comparison.ts'
import { belongsToOther } from './compile-object.ts'
import { compileSchema } from './compile-schema.ts'
import type { FieldSchema, NamedSchemas, TypeName } from './field-schema.ts'
import { kindOf } from './json-value.ts'
import { fieldOf } from './merge-schemas.ts'
import { resolveRef } from './references.ts'
import {
  alternativesOf,
  describedTypes,
  type ForeignSchema,
  listedValues,
  type ResolveRef,
} from './schema-alternatives.ts'

/** What both directions need to read the two sides. */
export interface ComparisonContext {
  /** Our named schemas. */
  readonly named: NamedSchemas
  /** What their references refer to. */
  readonly resolve: ResolveRef
}

/**
 * Whether every value that `theirs` allows is accepted by `ours` in tolerant mode, so that no documented answer of the vendor can fail.
 * A contradiction is a documented value that would be refused; where their schema says nothing, that is a doubt and no contradiction.
 * `theirs` may be of OpenAPI 2.0, 3.0 or 3.1, with circular references.
 */
export function accepts(ours: FieldSchema, theirs: ForeignSchema, context: ComparisonContext): Comparison {
  return new Acceptance(context).compare(ours, theirs, false)
}

class Acceptance {
  readonly #named: NamedSchemas
  readonly #resolve: ResolveRef
  readonly #pairs: Readonly<Record<'null' | 'notNull', Pairs>> = { null: new Pairs(), notNull: new Pairs() }

  constructor({ named, resolve }: ComparisonContext) {
    this.#named = named
    this.#resolve = resolve
  }

  /** `nullFits`: the field is not required, so null counts as absent. */
  compare(ours: FieldSchema, theirs: ForeignSchema, nullFits: boolean): Comparison {
    return this.#pairs[nullFits ? 'null' : 'notNull'].compare(ours as ForeignSchema, theirs, () =>
      this.#evaluate(ours, theirs, nullFits),
    )
  }

  #evaluate(ours: FieldSchema, theirs: ForeignSchema, nullFits: boolean): Comparison {
    const findings = new Findings()
    const mine = alternativesOf(
      ours as ForeignSchema,
      (ref) => resolveRef(ref, this.#named) as ForeignSchema,
      'tolerant',
    )
    if (mine.flat.length > 0 && mine.flat.every((one) => isFree(one))) return findings
    const foreign = alternativesOf(theirs, this.#resolve)
    for (const flat of foreign.flat) {
      const listed = listedValues(flat)
      const types = describedTypes(flat)
      if (listed !== undefined) this.#listed(ours, flat, listed, nullFits, findings)
      else if (types === undefined) findings.doubt('their schema does not say what the value is')
      else for (const type of types) if (!(nullFits && type === 'null')) this.#typed(mine.flat, flat, type, findings)
    }
    if (mine.doubt !== undefined) findings.doubt(`our schema: ${mine.doubt}`)
    return foreign.doubt === undefined ? findings : doubtful(findings, foreign.doubt)
  }

  /** Values that they list are tried one by one; those that their own type excludes never come. */
  #listed(
    ours: FieldSchema,
    flat: FieldSchema,
    values: readonly unknown[],
    nullFits: boolean,
    findings: Findings,
  ): void {
    const check = compileSchema(ours, this.#named, 'tolerant')
    const types = describedTypes(flat)
    const refused = values.filter((value) => {
      const kind = kindOf(value)
      const comes =
        types === undefined || types.some((type) => type === kind || (type === 'integer' && kind === 'number'))
      return comes && !(nullFits && value === null) && 'issues' in check(value)
    })
    if (refused.length === 0) return
    const shown = refused.slice(0, 8).map((value) => JSON.stringify(value)?.slice(0, 60))
    findings.contradict('their schema lists values that ours refuses', describe(ours), shown.join(', '))
  }

  #typed(mine: readonly FieldSchema[], theirs: FieldSchema, type: TypeName, findings: Findings): void {
    const comparisons = mine.map((one) => this.#pair(one, theirs, type))
    const best = nearest(comparisons)
    if (best === undefined) findings.contradict('our schema accepts nothing here', 'nothing', type)
    else if (best.contradictions.length === 0) findings.add(best)
    else if (mine.every((one) => !hasType(one, type)))
      findings.contradict('their values may be of a type that ours refuses', typesText(mine), type)
    else findings.add(nearest(comparisons.filter((_, index) => hasType(mine[index] as FieldSchema, type))) ?? best)
  }

  #pair(ours: FieldSchema, theirs: FieldSchema, type: TypeName): Comparison {
    const findings = new Findings()
    const listed = listedValues(ours)
    if (!hasType(ours, type))
      findings.contradict('their values may be of a type that ours refuses', typesText([ours]), type)
    else if (ours.const !== undefined)
      findings.contradict('our schema takes one value, theirs more', JSON.stringify(ours.const), type)
    else if (listed !== undefined && !listed.some((value) => kindOf(value) === (type === 'integer' ? 'number' : type)))
      findings.contradict('none of the values that ours lists has the type of theirs', describe(ours), type)
    else if (type === 'object') this.#object(ours, theirs, findings)
    else if (type === 'array') this.#array(ours, theirs, findings)
    return findings
  }

  #object(ours: FieldSchema, theirs: FieldSchema, findings: Findings): void {
    const { properties = {}, required = [], additionalProperties: extra } = ours
    const always = new Set(theirs.required?.filter((name) => !isWriteOnly(theirs.properties?.[name])))
    for (const name of required)
      if (!always.has(name) && !isWriteOnly(properties[name]))
        findings.contradict('ours requires a field that theirs may leave out', 'required', 'not required', name)
    for (const [name, property] of Object.entries(properties)) {
      const foreign = fieldOf(theirs, name)
      if (foreign === true) {
        if (!isFree(property)) findings.doubt('their schema does not describe the field', name)
      } else if (foreign !== false && !(isWriteOnly(foreign) && !always.has(name)))
        findings.add(this.compare(property, foreign as ForeignSchema, !required.includes(name)), name)
    }
    if (typeof extra !== 'object' || isFree(extra)) return
    for (const [name, foreign] of Object.entries(theirs.properties ?? {}))
      if (!Object.hasOwn(properties, name)) findings.add(this.compare(extra, foreign as ForeignSchema, false), name)
    const { additionalProperties: rest = true } = theirs
    if (rest === true) findings.doubt('their schema does not describe further fields', '*')
    else if (rest !== false) findings.add(this.compare(extra, rest as ForeignSchema, false), '*')
  }

  #array(ours: FieldSchema, theirs: FieldSchema, findings: Findings): void {
    const count = Math.max(ours.prefixItems?.length ?? 0, theirs.prefixItems?.length ?? 0)
    for (let index = 0; index <= count; index++) {
      const mine = index < count ? (ours.prefixItems?.[index] ?? ours.items) : ours.items
      const foreign = index < count ? (theirs.prefixItems?.[index] ?? theirs.items) : theirs.items
      const key = index < count ? String(index) : '*'
      if (mine === undefined || mine === false || isFree(mine) || foreign === false) continue
      if (foreign === undefined) findings.doubt('their schema does not describe the elements', key)
      else findings.add(this.compare(mine, foreign as ForeignSchema, false), key)
    }
  }
}

/** Their schema was read larger than it is, so nothing is proven against it. */
export function doubtful(findings: Findings, reason: string): Findings {
  const result = new Findings()
  for (const { path, message } of findings.contradictions) result.doubt(`${message}, unless ${reason}`, path)
  result.doubts.push(...findings.doubts)
  result.doubt(`their schema: ${reason}`)
  return result
}

/** True for a schema that refuses nothing in tolerant mode. */
function isFree(schema: FieldSchema): boolean {
  const { type, enum: listed, const: constant, properties, required, additionalProperties, items, prefixItems } = schema
  const composed = [schema.$ref, schema.allOf, schema.anyOf, schema.oneOf]
  return (
    [type, listed, constant, properties, required, prefixItems, ...composed].every((part) => part === undefined) &&
    typeof additionalProperties !== 'object' &&
    typeof items !== 'object'
  )
}

function isWriteOnly(property: unknown): boolean {
  return typeof property === 'object' && property !== null && belongsToOther(property as FieldSchema, 'output')
}

export function hasType(schema: FieldSchema, type: TypeName): boolean {
  if (schema.type === undefined) return true
  const types = typeof schema.type === 'string' ? [schema.type] : schema.type
  return types.includes(type) || (type === 'integer' && types.includes('number'))
}

export function typesText(schemas: readonly FieldSchema[]): string {
  const types = new Set<string>(
    schemas.flatMap((one): readonly string[] => (typeof one.type === 'string' ? [one.type] : (one.type ?? ['any']))),
  )
  return [...types].join(' | ') || 'nothing'
}

function describe(schema: FieldSchema): string {
  const listed = listedValues(schema)
  return listed === undefined
    ? typesText([schema])
    : listed
        .slice(0, 8)
        .map((value) => JSON.stringify(value)?.slice(0, 60))
        .join(', ')
}
