import { type ExpandedName, expandedName } from '../xml/names.ts'
import { compileParticle, type PlannedParticle, PlanSize } from './plan-particles.ts'
import { refused } from './read-schema.ts'
import type { AttributeDeclaration, AttributeSet, ComplexType, ElementDeclaration, Particle } from './schema-model.ts'
import type { SchemaSet } from './schema-set.ts'
import { type SimpleShape, simpleShape } from './simple-shape.ts'

/** One property of a complex type's values. */
export interface ElementField {
  readonly key: string
  readonly element: ElementDeclaration
  /** May stand several times, so its values are always a list. */
  readonly array: boolean
  /** Stands in every value. */
  readonly required: boolean
}

export interface AttributeField {
  /** `@name` */
  readonly key: string
  readonly attribute: AttributeDeclaration
  readonly shape: SimpleShape
}

/** A complex type with all it inherits, ready to read and write values. */
export interface ContentPlan {
  readonly particle: PlannedParticle | undefined
  readonly fields: ReadonlyMap<ExpandedName, ElementField>
  readonly byKey: ReadonlyMap<string, ElementField>
  readonly attributes: readonly AttributeField[]
  readonly anyAttribute: boolean
  readonly anyElement: boolean
  readonly mixed: boolean
  /** The text of a type with simple content. */
  readonly text: SimpleShape | undefined
}

const deepest = 50
const plans = new WeakMap<SchemaSet, Map<ComplexType, ContentPlan>>()

/** @throws Fault `config` for a type that cannot be, such as one that extends itself */
export function planOf(schemas: SchemaSet, type: ComplexType): ContentPlan {
  const known = plans.get(schemas) ?? new Map<ComplexType, ContentPlan>()
  plans.set(schemas, known)
  const found = known.get(type)
  if (found !== undefined) return found
  const made = makePlan(schemas, type)
  known.set(type, made)
  return made
}

function makePlan(schemas: SchemaSet, type: ComplexType): ContentPlan {
  const lineage = lineageOf(schemas, type)
  const model = modelOf(lineage)
  const keys = new Map<string, ExpandedName>()
  const keyOf = (element: ElementDeclaration): string => {
    // Two elements of one local name in one type: the second is told by its full name.
    const owner = keys.get(element.local)
    if (owner === undefined) keys.set(element.local, element.name)
    return owner === undefined || owner === element.name ? element.local : element.name
  }
  const size = new PlanSize()
  const particle = model === undefined ? undefined : compileParticle(schemas, model, keyOf, size)
  const fields = new Map<ExpandedName, ElementField>()
  const byKey = new Map<string, ElementField>()
  for (const [key, { element, max, min }] of particle?.counts ?? []) {
    const field = { key, element, array: max > 1, required: min > 0 }
    fields.set(element.name, field)
    byKey.set(key, field)
    if (key !== element.name) byKey.set(element.name, field)
  }
  const root = lineage.at(-1)
  const attributes = attributesOf(schemas, lineage)
  return {
    particle,
    fields,
    byKey,
    attributes: attributes.fields,
    anyAttribute: attributes.any,
    anyElement: particle?.wild ?? false,
    mixed: lineage.some(({ mixed }) => mixed),
    text:
      type.content === 'simple' && root?.base !== undefined ? simpleShape(schemas, type.base ?? root.base) : undefined,
  }
}

/** The type, its base, that one's base ... */
function lineageOf(schemas: SchemaSet, type: ComplexType): readonly ComplexType[] {
  const lineage: ComplexType[] = []
  for (let at: ComplexType | undefined = type; at !== undefined; ) {
    lineage.push(at)
    if (lineage.length > deepest) throw refused('has a type that extends itself')
    if (at.base === undefined) break
    const base = schemas.type(at.base)
    at = base.variety === 'complex' ? base : undefined
  }
  return lineage
}

/** An extension's content follows that of its base; a restriction states its own in full. */
function modelOf(lineage: readonly ComplexType[]): Particle | undefined {
  const parts: Particle[] = []
  for (const { particle, derivation } of lineage) {
    if (particle !== undefined) parts.unshift(particle)
    if (derivation !== 'extension') break
  }
  return parts.length < 2 ? parts[0] : { kind: 'sequence', particles: parts, min: 1, max: 1 }
}

function attributesOf(
  schemas: SchemaSet,
  lineage: readonly ComplexType[],
): { readonly fields: readonly AttributeField[]; readonly any: boolean } {
  const found = new Map<ExpandedName, AttributeDeclaration>()
  let any = false
  const add = (set: AttributeSet, depth: number): void => {
    if (depth > deepest) throw refused('has an attribute group that holds itself')
    any ||= set.any
    for (const one of set.own) {
      const declared = 'reference' in one ? { ...schemas.attribute(one.reference), use: one.use } : one
      const name = expandedName(declared.uri, declared.local)
      if (!found.has(name)) found.set(name, declared)
    }
    for (const group of set.groups) add(schemas.attributeGroup(group), depth + 1)
  }
  // The most derived first: it has the last word.
  for (const { attributes } of lineage) add(attributes, 0)
  const keys = new Set<string>()
  const fields = [...found.values()]
    .filter(({ use }) => use !== 'prohibited')
    .map((attribute): AttributeField => {
      const plain = `@${attribute.local}`
      const key = keys.has(plain) ? `@${expandedName(attribute.uri, attribute.local)}` : plain
      keys.add(key)
      return { key, attribute, shape: simpleShape(schemas, attribute.type) }
    })
  return { fields, any }
}
