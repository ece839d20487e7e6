import { isXmlText } from '../xml/serialize-xml.ts'
import type { XmlElement } from '../xml/xml-element.ts'
import { fromAnyXml } from './any-xml.ts'
import type { ContentPlan } from './content-plan.ts'
import type { PlannedParticle } from './plan-particles.ts'
import type { ElementDeclaration } from './schema-model.ts'
import { complain, join, type WriteContext } from './write-context.ts'

type WriteElement = (
  declared: ElementDeclaration,
  value: unknown,
  context: WriteContext,
  path: string,
  depth: number,
) => XmlElement

/** The values that are still to be written, by key, each in its own order. */
class Pending {
  readonly #values = new Map<string, readonly unknown[]>()
  readonly #next = new Map<string, number>()
  readonly #alone = new Set<string>()
  #any: readonly unknown[]
  #anyNext = 0

  constructor(plan: ContentPlan, value: Readonly<Record<string, unknown>>, unknownKey: (key: string) => void) {
    for (const key of Object.keys(value)) {
      if (key.startsWith('@') || key.startsWith('#')) continue
      const field = plan.byKey.get(key)
      const given = value[key]
      if (given === undefined) continue
      if (field === undefined) {
        unknownKey(key)
        continue
      }
      // Null where nothing may be nil means the same as leaving the element out.
      if (given === null && !field.element.nillable && !field.required) continue
      // Where one element may stand, a list is that element's value: its type is one of lists.
      const lists = field.array && Array.isArray(given)
      if (!lists) this.#alone.add(field.key)
      this.#values.set(field.key, lists ? given : [given])
    }
    const any = value['#any']
    this.#any = Array.isArray(any) ? any : []
  }

  left(key: string): number {
    return (this.#values.get(key)?.length ?? 0) - (this.#next.get(key) ?? 0)
  }

  /** The next value and its place in the list; no place for a value that is no list. */
  take(key: string): { readonly value: unknown; readonly index: number | undefined } {
    const index = this.#next.get(key) ?? 0
    this.#next.set(key, index + 1)
    return { value: this.#values.get(key)?.[index], index: this.#alone.has(key) ? undefined : index }
  }

  takeAny(): { readonly value: unknown; readonly index: number } | undefined {
    return this.#anyNext < this.#any.length ? { value: this.#any[this.#anyNext], index: this.#anyNext++ } : undefined
  }

  get anyLeft(): boolean {
    return this.#anyNext < this.#any.length
  }

  has(particle: PlannedParticle): boolean {
    for (const key of particle.counts.keys()) if (this.left(key) > 0) return true
    return particle.wild && this.anyLeft
  }

  *keys(): Generator<string> {
    yield* this.#values.keys()
  }
}

/** Writes the elements of a value in the order of the schema. */
export function writeContent(
  parent: XmlElement,
  plan: ContentPlan,
  value: Readonly<Record<string, unknown>>,
  context: WriteContext,
  path: string,
  depth: number,
  writeElement: WriteElement,
): void {
  const stated = value['#content']
  if (Array.isArray(stated)) {
    writeStated(parent, plan, stated, context, path, depth, writeElement)
    return
  }
  const pending = new Pending(plan, value, (key) => complain(context, join(path, key), 'is no element of this type'))
  const element = (particle: PlannedParticle): void => {
    const { value: one, index } = pending.take(particle.key)
    const at = join(path, index === undefined ? particle.key : `${particle.key}.${index}`)
    parent.append(writeElement(particle.element as ElementDeclaration, one, context, at, depth + 1))
  }
  const anything = (): void => {
    const next = pending.takeAny()
    if (next === undefined) return
    const made = fromAnyXml(next.value, context.prefixes)
    if (typeof made === 'string') complain(context, join(path, `#any.${next.index}`), made)
    else parent.append(made)
  }
  const write = (particle: PlannedParticle): void => {
    const most = particle.max
    if (particle.kind === 'element') {
      const count = Math.min(pending.left(particle.key), most)
      for (let index = 0; index < count; index++) element(particle)
      if (count < particle.min)
        complain(
          context,
          join(path, particle.key),
          particle.min > 1 ? `must be given ${particle.min} times` : 'is missing',
        )
      return
    }
    if (particle.kind === 'any') {
      for (let index = 0; index < most && pending.anyLeft; index++) anything()
      return
    }
    for (let round = 0; round < most; round++) {
      const more = pending.has(particle)
      if (!more && round >= particle.min) return
      if (!more && round > 0) return
      if (particle.kind === 'choice') choose(particle, more)
      else for (const part of particle.parts) if (isWanted(part)) write(part)
    }
  }
  const isWanted = (part: PlannedParticle): boolean => part.min > 0 || pending.has(part)
  const choose = (particle: PlannedParticle, more: boolean): void => {
    const branch = more ? branchFor(particle, pending) : undefined
    if (branch !== undefined) {
      write(particle.max > 1 && branch.kind === 'element' ? { ...branch, max: Number.POSITIVE_INFINITY } : branch)
      return
    }
    if (particle.parts.every((part) => part.min > 0))
      complain(context, path, `needs one of ${[...particle.counts.keys()].slice(0, 8).join(', ')}`)
  }
  if (plan.particle !== undefined) write(plan.particle)
  for (const key of pending.keys())
    if (pending.left(key) > 0)
      complain(context, join(path, key), 'cannot stand beside the other elements, or is given too often')
  if (pending.anyLeft) complain(context, join(path, '#any'), 'has no place in this type')
  const text = value['#text']
  if (text === undefined) return
  if (plan.mixed && typeof text === 'string' && isXmlText(text)) parent.children.push(text)
  else complain(context, join(path, '#text'), 'has no place in this type')
}

/** The branch that takes the most of what is there; among equals, in the order in which the caller wrote the keys. */
function branchFor(particle: PlannedParticle, pending: Pending): PlannedParticle | undefined {
  const present = [...pending.keys()].filter((key) => pending.left(key) > 0)
  let best: PlannedParticle | undefined
  let bestScore = 0
  for (const part of particle.parts) {
    let score = 0
    for (const key of part.counts.keys()) if (pending.left(key) > 0) score++
    if (score > 0 && [...part.counts].some(([key, { min }]) => min > 0 && pending.left(key) === 0)) score -= 0.5
    const first = present.findIndex((key) => part.counts.has(key))
    if (score > 0) score -= Math.max(0, first) / 1e6
    if (score === 0 && part.wild && pending.anyLeft) score = 0.1
    if (score > bestScore) {
      best = part
      bestScore = score
    }
  }
  return best
}

/** `#content`: the order is the caller's. */
function writeStated(
  parent: XmlElement,
  plan: ContentPlan,
  content: readonly unknown[],
  context: WriteContext,
  path: string,
  depth: number,
  writeElement: WriteElement,
): void {
  for (const [index, item] of content.entries()) {
    const at = join(path, `#content.${index}`)
    if (typeof item === 'string') {
      if (!plan.mixed || !isXmlText(item))
        complain(context, at, 'must be an element: this type holds no text of its own')
      else parent.children.push(item)
      continue
    }
    const entries = typeof item === 'object' && item !== null ? Object.entries(item) : []
    const [key = '', one] = entries[0] ?? []
    const field = plan.byKey.get(key)
    if (entries.length === 1 && field !== undefined) {
      parent.append(writeElement(field.element, one, context, join(at, key), depth + 1))
      continue
    }
    const made = plan.anyElement
      ? fromAnyXml(item, context.prefixes)
      : 'must be an object with one key: an element of this type'
    if (typeof made === 'string') complain(context, at, made)
    else parent.append(made)
  }
}
