import { type ComparisonContext, doubtful, hasType, typesText } from './accepts.ts'
import { type Comparison, Findings, nearest, Pairs } from './comparison.ts'
import { belongsToOther } from './compile-object.ts'
import { compileSchema } from './compile-schema.ts'
import type { FieldSchema, NamedSchemas, TypeName } from './field-schema.ts'
import { sameJson } from './json-value.ts'
import { fieldOf } from './merge-schemas.ts'
import { resolveRef } from './references.ts'
import {
  alternativesOf,
  describedTypes,
  type ForeignSchema,
  listedValues,
  type ResolveRef,
} from './schema-alternatives.ts'

/**
 * Whether the values that our input schema allows are accepted by theirs: types, listed values, required and unknown fields, limits
 * that ours states wider than theirs. Where ours is silent about a limit of theirs, and where theirs does not describe a field, that is a
 * doubt: samples decide there.
 */
export function produces(ours: FieldSchema, theirs: ForeignSchema, context: ComparisonContext): Comparison {
  return new Production(context).compare(ours, theirs)
}

class Production {
  readonly #named: NamedSchemas
  readonly #resolve: ResolveRef
  readonly #pairs = new Pairs()

  constructor({ named, resolve }: ComparisonContext) {
    this.#named = named
    this.#resolve = resolve
  }

  compare(ours: FieldSchema, theirs: ForeignSchema): Comparison {
    return this.#pairs.compare(ours as ForeignSchema, theirs, () => this.#evaluate(ours, theirs))
  }

  #evaluate(ours: FieldSchema, theirs: ForeignSchema): Comparison {
    const findings = new Findings()
    const foreign = alternativesOf(theirs, this.#resolve)
    if (foreign.doubt === undefined && foreign.flat.some((one) => Object.keys(one).length === 0)) return findings
    const mine = alternativesOf(ours as ForeignSchema, (ref) => resolveRef(ref, this.#named) as ForeignSchema)
    for (const flat of mine.flat) {
      const types = describedTypes(flat)
      const listed = listedValues(flat)
      if (listed !== undefined) this.#listed(flat, listed, foreign.flat, findings)
      else if (types === undefined) findings.doubt('our schema does not say what the value is')
      else for (const type of types) this.#typed(flat, foreign.flat, type, findings)
    }
    if (mine.doubt !== undefined) findings.doubt(`our schema: ${mine.doubt}`)
    if (foreign.exclusive) findings.doubt('a value could fit more than one of their alternatives')
    return foreign.doubt === undefined ? findings : doubtful(findings, foreign.doubt)
  }

  /** The values that we list are tried one by one. */
  #listed(ours: FieldSchema, values: readonly unknown[], theirs: readonly FieldSchema[], findings: Findings): void {
    const own = compileSchema({ ...ours, enum: undefined }, this.#named, 'strict')
    const checks = theirs.map((one) => compileSchema(one, {}, 'strict', { unknownFields: 'kept' }))
    const refused = values.filter((value) => {
      if (typeof value === 'object' && value !== null) return false
      return fits(own, value) !== false && checks.every((check) => fits(check, value) === false)
    })
    if (values.some((value) => typeof value === 'object' && value !== null))
      findings.doubt('objects that our schema lists are not compared')
    if (checks.some((check) => values.some((value) => fits(check, value) === undefined)))
      findings.doubt('their schema has a pattern that is not run')
    if (refused.length === 0) return
    const shown = refused.slice(0, 8).map((value) => JSON.stringify(value)?.slice(0, 60))
    findings.contradict('ours lists values that theirs refuses', shown.join(', '), listText(theirs))
  }

  #typed(ours: FieldSchema, theirs: readonly FieldSchema[], type: TypeName, findings: Findings): void {
    const able = theirs.filter((one) => hasType(one, type))
    const best = nearest(able.map((one) => this.#pair(ours, one, type)))
    if (best === undefined) findings.contradict('ours allows a type that theirs refuses', type, typesText(theirs))
    else findings.add(best)
  }

  #pair(ours: FieldSchema, theirs: FieldSchema, type: TypeName): Comparison {
    const findings = new Findings()
    const listed = listedValues(theirs)
    if (listed !== undefined && !(type === 'boolean' && [true, false].every((value) => listed.includes(value)))) {
      if (type !== 'null' || !listed.includes(null))
        findings.contradict('theirs takes listed values alone', type, listText([theirs]))
      return findings
    }
    const limits = limitsOf[type]
    for (const [keyword, wider] of limits) compareLimit(keyword, wider, ours, theirs, findings)
    for (const keyword of type === 'string' ? (['pattern', 'format'] as const) : [])
      if (theirs[keyword] !== undefined && theirs[keyword] !== ours[keyword])
        findings.doubt(`theirs has the ${keyword} ${String(theirs[keyword]).slice(0, 80)}`)
    if (theirs.multipleOf !== undefined && !isMultiple(ours, theirs.multipleOf, type))
      findings.doubt('theirs has multipleOf')
    if (type === 'object') this.#object(ours, theirs, findings)
    if (type === 'array') this.#array(ours, theirs, findings)
    return findings
  }

  #object(ours: FieldSchema, theirs: FieldSchema, findings: Findings): void {
    const { properties = {}, required = [], additionalProperties: extra } = ours
    const sent = Object.entries(properties).filter(([, property]) => !belongsToOther(property, 'input'))
    const given = new Set([...required, ...sent.flatMap(([name, one]) => (one.default === undefined ? [] : [name]))])
    for (const name of theirs.required ?? []) {
      const property = Object.hasOwn(theirs.properties ?? {}, name) ? theirs.properties?.[name] : undefined
      const vendors = property !== undefined && belongsToOther(property, 'input')
      if (vendors || (given.has(name) && !(Object.hasOwn(properties, name) && properties[name]?.readOnly === true)))
        continue
      findings.contradict('theirs requires a field that ours may leave out', 'not required', 'required', name)
    }
    for (const [name, property] of sent) this.#field(name, property, theirs, findings)
    const declared = Object.hasOwn(ours, 'properties') && ours.properties !== undefined
    for (const name of required)
      if (!Object.hasOwn(properties, name)) findings.doubt('our schema does not describe the field', name)
    const further = extra ?? !declared
    if (further === false || theirs.additionalProperties === undefined || theirs.additionalProperties === true) {
      if (further !== false && theirs.properties !== undefined)
        findings.doubt('our schema is open to fields of theirs', '*')
      return
    }
    if (theirs.additionalProperties === false)
      findings.contradict('ours allows further fields and theirs does not', 'open', 'additionalProperties: false', '*')
    else if (further === true) findings.doubt('our schema does not describe further fields', '*')
    else {
      findings.add(this.compare(further, theirs.additionalProperties as ForeignSchema), '*')
      if (theirs.properties !== undefined) findings.doubt('further fields of ours may have names of theirs', '*')
    }
  }

  #field(name: string, property: FieldSchema, theirs: FieldSchema, findings: Findings): void {
    const foreign = fieldOf(theirs, name)
    if (foreign === false) {
      findings.contradict('theirs refuses the field', 'a field', 'additionalProperties: false', name)
      return
    }
    if (foreign === true) {
      findings.doubt('their schema does not describe the field', name)
      return
    }
    if (belongsToOther(foreign, 'input')) findings.doubt('theirs is readOnly: the vendor may ignore or refuse it', name)
    findings.add(this.compare(property, foreign as ForeignSchema), name)
  }

  #array(ours: FieldSchema, theirs: FieldSchema, findings: Findings): void {
    if (theirs.uniqueItems === true && ours.uniqueItems !== true) findings.doubt('theirs wants elements that differ')
    const count = Math.max(ours.prefixItems?.length ?? 0, theirs.prefixItems?.length ?? 0)
    for (let index = 0; index <= count; index++) {
      const mine = index < count ? (ours.prefixItems?.[index] ?? ours.items) : ours.items
      const foreign = index < count ? (theirs.prefixItems?.[index] ?? theirs.items) : theirs.items
      const key = index < count ? String(index) : '*'
      if (foreign === undefined || mine === false) continue
      if (foreign === false)
        findings.contradict('ours allows an element and theirs does not', 'an element', 'items: false', key)
      else if (mine === undefined) findings.doubt('our schema does not describe the elements', key)
      else findings.add(this.compare(mine, foreign as ForeignSchema), key)
    }
  }
}

type Limit =
  | 'minLength'
  | 'maxLength'
  | 'minItems'
  | 'maxItems'
  | 'minimum'
  | 'maximum'
  | 'exclusiveMinimum'
  | 'exclusiveMaximum'

const isLess = (ours: number, theirs: number): boolean => ours < theirs
const isMore = (ours: number, theirs: number): boolean => ours > theirs
const numeric = [
  ['minimum', isLess],
  ['maximum', isMore],
  ['exclusiveMinimum', isLess],
  ['exclusiveMaximum', isMore],
] as const

/** The limits of a type, and when ours is wider than theirs. */
const limitsOf: Readonly<Record<TypeName, readonly (readonly [Limit, (ours: number, theirs: number) => boolean])[]>> = {
  string: [
    ['minLength', isLess],
    ['maxLength', isMore],
  ],
  array: [
    ['minItems', isLess],
    ['maxItems', isMore],
  ],
  number: numeric,
  integer: numeric,
  boolean: [],
  object: [],
  null: [],
}

function compareLimit(
  keyword: Limit,
  wider: (ours: number, theirs: number) => boolean,
  ours: FieldSchema,
  theirs: FieldSchema,
  findings: Findings,
): void {
  const limit = theirs[keyword]
  const own = ours[keyword]
  if (limit === undefined || ((keyword === 'minLength' || keyword === 'minItems') && limit <= 0)) return
  if (own === undefined) findings.doubt(`theirs has ${keyword} ${limit}, ours does not say`)
  else if (wider(own, limit))
    findings.contradict(`our ${keyword} is wider than theirs`, `${keyword} ${own}`, `${keyword} ${limit}`)
}

function isMultiple(ours: FieldSchema, divisor: number, type: TypeName): boolean {
  return (type === 'integer' && divisor === 1) || (ours.multipleOf !== undefined && sameJson(ours.multipleOf, divisor))
}

/** Undefined when it cannot be told: a pattern that is not run. */
function fits(check: ReturnType<typeof compileSchema>, value: unknown): boolean | undefined {
  try {
    return 'value' in check(value)
  } catch {
    return undefined
  }
}

function listText(schemas: readonly FieldSchema[]): string {
  const values = schemas.flatMap((one) => listedValues(one) ?? [])
  return values.length === 0
    ? typesText(schemas)
    : values
        .slice(0, 12)
        .map((value) => JSON.stringify(value)?.slice(0, 60))
        .join(', ')
}
