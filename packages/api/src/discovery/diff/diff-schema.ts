import type { SchemaNode, Schemas, SchemaView } from '../schema.ts'
import { type AddChange, type Direction, severityOf } from './change.ts'
import { diffScalars } from './diff-scalars.ts'

const deepest = 60

interface Side {
  readonly schemas: Schemas
  readonly node: SchemaNode
}

/** Compares schemas by one principle: what was sent must still be accepted, what comes back must still fit what was promised. */
export class SchemaDiff {
  readonly #add: AddChange
  readonly #direction: Direction
  /** Pairs that are being compared or were; circular schemas end here. */
  readonly #seen = new Map<unknown, Set<unknown>>()

  constructor(add: AddChange, direction: Direction) {
    this.#add = add
    this.#direction = direction
  }

  compare(before: Side, after: Side, place: string, depth = 0): void {
    if (before.node.raw === after.node.raw || depth > deepest) return
    const old = before.schemas.view(before.node)
    const young = after.schemas.view(after.node)
    const met = this.#seen.get(old.identity) ?? new Set()
    this.#seen.set(old.identity, met)
    if (met.has(young.identity)) return
    met.add(young.identity)
    diffScalars(old, young, this.#direction, (severity, code, message) => this.#add(severity, code, place, message))
    this.#objects(before, after, place, depth)
    if (old.items !== undefined && young.items !== undefined) {
      this.compare({ ...before, node: old.items }, { ...after, node: young.items }, `${place}[]`, depth + 1)
    }
    this.#variants(before, after, old, young, place, depth)
  }

  #objects(before: Side, after: Side, place: string, depth: number): void {
    const old = before.schemas.fields(before.node)
    const young = after.schemas.fields(after.node)
    if (old === undefined || young === undefined) return
    if (old.properties.size === 0 && young.properties.size === 0) return
    const input = this.#direction === 'input'
    for (const [name, node] of old.properties) {
      const at = place === '' ? name : `${place}.${name}`
      if (this.#elsewhere(before.schemas.view(node))) continue
      const other = young.properties.get(name)
      if (other === undefined || this.#elsewhere(after.schemas.view(other))) {
        if (input) this.#add('breaking', 'property-removed', at, 'the field is no longer taken')
        else this.#add('breaking', 'property-removed', at, 'the field is no longer answered')
        continue
      }
      const [was, is] = [old.required.has(name), young.required.has(name)]
      if (is && !was)
        this.#add(input ? 'breaking' : 'compatible', 'property-became-required', at, 'the field is always there now')
      if (was && !is)
        this.#add(input ? 'compatible' : 'breaking', 'property-became-optional', at, 'the field may be missing now')
      this.compare({ ...before, node }, { ...after, node: other }, at, depth + 1)
    }
    for (const [name, node] of young.properties) {
      if (old.properties.has(name) || this.#elsewhere(after.schemas.view(node))) continue
      const at = place === '' ? name : `${place}.${name}`
      const required = input && young.required.has(name)
      if (required) this.#add('breaking', 'property-added-required', at, 'a new field must be sent')
      else this.#add('compatible', 'property-added', at, 'there is a new field')
    }
    if (input && old.additional !== false && young.additional === false)
      this.#add('breaking', 'object-closed', place, 'fields that are not named are refused now')
  }

  /** Fields that do not travel this way. */
  #elsewhere(view: SchemaView): boolean {
    return this.#direction === 'input' ? view.readOnly === true : view.writeOnly === true
  }

  #variants(before: Side, after: Side, old: SchemaView, young: SchemaView, place: string, depth: number): void {
    const [olds, youngs] = [variantsOf(old), variantsOf(young)]
    if (olds.length === 0 && youngs.length === 0) return
    if (olds.length === 0 || youngs.length === 0) {
      // One schema became one of several, or the other way round.
      const change = olds.length === 0 ? 'wider' : 'narrower'
      this.#add(severityOf(this.#direction, change), `choice-${change}`, place, `the choice of schemas is ${change}`)
      return
    }
    const keys = keysOf(olds, before.schemas)
    const youngKeys = keysOf(youngs, after.schemas)
    const named = new Map(youngs.map((node, at) => [youngKeys[at] ?? '', node]))
    for (const [at, node] of olds.entries()) {
      const key = keys[at] ?? ''
      const other = named.get(key)
      named.delete(key)
      const inside = `${place}<${key}>`
      if (other !== undefined) this.compare({ ...before, node }, { ...after, node: other }, inside, depth + 1)
      else this.#add(severityOf(this.#direction, 'narrower'), 'variant-removed', inside, 'the variant is gone')
    }
    for (const key of named.keys())
      this.#add(severityOf(this.#direction, 'wider'), 'variant-added', `${place}<${key}>`, 'there is a new variant')
  }
}

function variantsOf(view: SchemaView): readonly SchemaNode[] {
  return view.oneOf.length > 0 ? view.oneOf : view.anyOf
}

/** Variants are told apart by their names; those without one by their place, equal names by a number. */
function keysOf(nodes: readonly SchemaNode[], schemas: Schemas): string[] {
  const met = new Map<string, number>()
  return nodes.map((node, at) => {
    const { name, title } = schemas.view(node)
    const key = name ?? title ?? String(at)
    const times = met.get(key) ?? 0
    met.set(key, times + 1)
    return times === 0 ? key : `${key} ${times + 1}`
  })
}
