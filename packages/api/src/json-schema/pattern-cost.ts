import type { Atom, CharacterSet, Sequence, Term } from './pattern-syntax.ts'

/**
 * How often a backtracking engine can come back to the same part of a text: `ways` times (length of the text) to the power of `degree`.
 * One way and degree 0 means that every choice is decided by the next character.
 */
export interface Cost {
  readonly ways: number
  readonly degree: number
}

const nothing: CharacterSet = { ascii: 0n, beyond: false }
const once: Cost = { ways: 1, degree: 0 }

/** The cost of matching at one position of the text. `after` is what may follow. */
export function costOf(alternatives: readonly Sequence[], after: CharacterSet = nothing): Cost {
  const costs = alternatives.map((sequence) => sequenceCost(sequence, after))
  const degree = Math.max(...costs.map((cost) => cost.degree))
  const ways = costs.map((cost) => cost.ways)
  return { ways: decided(alternatives, after) ? Math.max(...ways) : ways.reduce((sum, one) => sum + one, 0), degree }
}

/** True when every match begins where the text begins. */
export function anchored(alternatives: readonly Sequence[]): boolean {
  return alternatives.every(([first]) => {
    if (first === undefined || first.min === 0) return false
    if (first.atom.kind === 'edge') return first.atom.edge === 'start'
    return first.atom.kind === 'group' && anchored(first.atom.alternatives)
  })
}

/** How many steps the pattern has when its counted repetitions are written out, as engines do. */
export function sizeOf(alternatives: readonly Sequence[]): number {
  let size = 0
  for (const sequence of alternatives)
    for (const { atom, min, max } of sequence) {
      const count = max === Number.POSITIVE_INFINITY ? min + 1 : max
      size += count * (atom.kind === 'group' ? sizeOf(atom.alternatives) + 1 : 1)
    }
  return size
}

export function repeatsWithoutEnd(alternatives: readonly Sequence[]): boolean {
  return alternatives.some((sequence) =>
    sequence.some(
      ({ atom, max }) =>
        (max === Number.POSITIVE_INFINITY && atom.kind !== 'edge') ||
        (atom.kind === 'group' && repeatsWithoutEnd(atom.alternatives)),
    ),
  )
}

function sequenceCost(sequence: Sequence, after: CharacterSet): Cost {
  let cost = once
  let follow = after
  for (let index = sequence.length - 1; index >= 0; index--) {
    const term = sequence[index] as Term
    cost = times(cost, termCost(term, follow))
    follow = firstOf(term, follow)
  }
  return cost
}

function termCost({ atom, min, max }: Term, follow: CharacterSet): Cost {
  if (atom.kind === 'edge') return once
  const first = atomFirst(atom, nothing)
  // Where the repetition could go on or end at the same character, every count is one more way.
  const clear = min === max || !overlaps(first, follow)
  if (atom.kind === 'set')
    return clear ? once : max === Number.POSITIVE_INFINITY ? { ways: 1, degree: 1 } : { ways: max - min + 1, degree: 0 }
  const inner = costOf(atom.alternatives, max > 1 ? union(first, follow) : follow)
  if (max === Number.POSITIVE_INFINITY) {
    const deterministic = inner.ways === 1 && inner.degree === 0 && !nullable(atom)
    if (!deterministic) return { ways: Number.POSITIVE_INFINITY, degree: 0 }
    return clear ? once : { ways: 1, degree: 1 }
  }
  const counts = clear ? 1 : max - min + 1
  return { ways: inner.ways ** max * counts, degree: inner.degree * max }
}

/** True when the next character alone decides which alternative can match. */
function decided(alternatives: readonly Sequence[], after: CharacterSet): boolean {
  let seen = nothing
  return alternatives.every((sequence) => {
    const first = firstOfSequence(sequence, after)
    const clear = !overlaps(seen, first)
    seen = union(seen, first)
    return clear
  })
}

function firstOfSequence(sequence: Sequence, after: CharacterSet): CharacterSet {
  return sequence.reduceRight((follow, term) => firstOf(term, follow), after)
}

function firstOf({ atom, min }: Term, follow: CharacterSet): CharacterSet {
  // Nothing comes after the end; other edges take no character.
  if (atom.kind === 'edge') return atom.edge === 'end' && min > 0 ? nothing : follow
  const first = atomFirst(atom, follow)
  return min === 0 ? union(first, follow) : first
}

function atomFirst(atom: Atom, follow: CharacterSet): CharacterSet {
  if (atom.kind === 'set') return atom.set
  if (atom.kind === 'edge') return follow
  return atom.alternatives.map((sequence) => firstOfSequence(sequence, follow)).reduce(union, nothing)
}

function nullable(atom: Atom): boolean {
  if (atom.kind !== 'group') return atom.kind === 'edge'
  return atom.alternatives.some((sequence) => sequence.every((term) => term.min === 0 || nullable(term.atom)))
}

function times(one: Cost, other: Cost): Cost {
  return { ways: one.ways * other.ways, degree: one.degree + other.degree }
}

function union(one: CharacterSet, other: CharacterSet): CharacterSet {
  return { ascii: one.ascii | other.ascii, beyond: one.beyond || other.beyond }
}

function overlaps(one: CharacterSet, other: CharacterSet): boolean {
  return (one.ascii & other.ascii) !== 0n || (one.beyond && other.beyond)
}
