import { refused } from './read-schema.ts'
import type { ElementDeclaration, GroupParticle, Particle } from './schema-model.ts'
import type { SchemaSet } from './schema-set.ts'

/** How often an element may stand in a content. */
interface Count {
  readonly element: ElementDeclaration
  readonly min: number
  readonly max: number
}

/** A particle without references, with the keys of all elements below it. */
export interface PlannedParticle {
  readonly kind: 'element' | 'sequence' | 'choice' | 'all' | 'any'
  readonly min: number
  readonly max: number
  /** Of an element. */
  readonly key: string
  readonly element: ElementDeclaration | undefined
  readonly parts: readonly PlannedParticle[]
  readonly counts: ReadonlyMap<string, Count>
  /** Holds a wildcard. */
  readonly wild: boolean
  /** Holds a choice that repeats: only there is the order of different elements the sender's. */
  readonly free: boolean
}

const mostParticles = 20_000
const deepest = 60

/** Groups that name groups that name groups can grow without measure: a content has a size that it must not exceed. */
export class PlanSize {
  #left = mostParticles

  take(): void {
    if (--this.#left < 0) throw refused(`has a type with more than ${mostParticles} particles`)
  }
}

type KeyOf = (element: ElementDeclaration) => string

export function compileParticle(
  schemas: SchemaSet,
  particle: Particle,
  keyOf: KeyOf,
  size: PlanSize,
  depth = 0,
): PlannedParticle {
  size.take()
  if (depth > deepest) throw refused('has a group that holds itself')
  const { min, max } = particle
  switch (particle.kind) {
    case 'any':
      return {
        kind: 'any',
        min,
        max,
        key: '',
        element: undefined,
        parts: [],
        counts: new Map(),
        wild: true,
        free: false,
      }
    case 'element':
      return compileElement(schemas, particle.element, min, max, keyOf, size)
    case 'group': {
      const inner = schemas.group(particle.reference).particle
      const particles = inner === undefined ? [] : [inner]
      return compileGroup(schemas, { kind: 'sequence', particles, min, max }, keyOf, size, depth)
    }
    default:
      return compileGroup(schemas, particle, keyOf, size, depth)
  }
}

function compileElement(
  schemas: SchemaSet,
  stated: ElementDeclaration | { readonly reference: string },
  min: number,
  max: number,
  keyOf: KeyOf,
  size: PlanSize,
): PlannedParticle {
  const head = 'reference' in stated ? schemas.element(stated.reference) : stated
  const members = 'reference' in stated ? schemas.substitutesOf(head.name) : []
  const candidates = [head, ...members].filter(({ abstract }) => !abstract)
  const one = (element: ElementDeclaration, least: number, most: number): PlannedParticle => {
    size.take()
    const key = keyOf(element)
    const counts = new Map([[key, { element, min: least, max: most }]])
    return { kind: 'element', min: least, max: most, key, element, parts: [], counts, wild: false, free: false }
  }
  const [only] = candidates
  if (candidates.length === 1 && only !== undefined) return one(only, min, max)
  return group(
    'choice',
    candidates.map((element) => one(element, 1, 1)),
    min,
    max,
  )
}

function compileGroup(
  schemas: SchemaSet,
  { kind, particles, min, max }: GroupParticle,
  keyOf: KeyOf,
  size: PlanSize,
  depth: number,
): PlannedParticle {
  const parts = particles
    .filter((part) => part.max > 0)
    .map((part) => compileParticle(schemas, part, keyOf, size, depth + 1))
  return group(kind, parts, min, max)
}

function group(
  kind: GroupParticle['kind'],
  parts: readonly PlannedParticle[],
  min: number,
  max: number,
): PlannedParticle {
  const counts = new Map<string, Count>()
  for (const part of parts) {
    for (const [key, count] of part.counts) {
      const before = counts.get(key)
      const sum = kind === 'choice' ? Math.max(before?.max ?? 0, count.max) : (before?.max ?? 0) + count.max
      const least = kind === 'choice' ? 0 : (before?.min ?? 0) + count.min
      counts.set(key, { element: before?.element ?? count.element, min: least, max: sum })
    }
  }
  // An element that stands in every branch of a choice is as sure as its least branch.
  if (kind === 'choice' && parts.length > 0)
    for (const [key, count] of counts)
      counts.set(key, { ...count, min: Math.min(...parts.map((part) => part.counts.get(key)?.min ?? 0)) })
  for (const [key, count] of counts)
    counts.set(key, { ...count, min: count.min * min, max: max === 0 ? 0 : count.max * max })
  const free = (kind === 'choice' && max > 1 && counts.size > 1) || parts.some((part) => part.free)
  const wild = parts.some((part) => part.wild)
  return { kind, min, max, key: '', element: undefined, parts, counts, wild, free }
}
