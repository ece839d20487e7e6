import type { SourceFacts } from './facts.ts'

/** What a newer document says otherwise about the operations that manifests use. */
export interface DriftChange {
  /** Method and path. */
  readonly operation: string
  readonly change: 'removed' | 'changed' | 'added'
  /** What changed: `parameters`, `security`, `body`, `answers`; of an operation that is gone, where one like it is now. */
  readonly what: string
}

/**
 * Compares the facts of two documents of one API, made for the same manifests: used operations that are gone or changed, and any that are
 * new. Whether a change contradicts a manifest is told by {@link import('./verify.ts').verify} with the newer facts.
 */
export function driftOf(before: SourceFacts, after: SourceFacts): DriftChange[] {
  const [old, young] = [used(before), used(after)]
  const known = new Set([...old.keys(), ...before.others])
  const changes: DriftChange[] = []
  for (const [operation, facts] of old) {
    const now = young.get(operation)
    if (now === undefined) {
      const still = after.others.includes(operation)
      if (!still) changes.push({ operation, change: 'removed', what: movedTo(facts, young) })
      continue
    }
    const keys = new Set([...Object.keys(facts), ...Object.keys(now)])
    const what = [...keys].filter((key) => JSON.stringify(facts[key]) !== JSON.stringify(now[key])).sort()
    if (what.length > 0) changes.push({ operation, change: 'changed', what: what.join(', ') })
  }
  for (const operation of [...young.keys(), ...after.others])
    if (!known.has(operation)) changes.push({ operation, change: 'added', what: '' })
  return changes.sort((one, other) => (one.operation < other.operation ? -1 : 1))
}

type Facts = Readonly<Record<string, unknown>>

function used(facts: SourceFacts): Map<string, Facts> {
  const entries: [string, Facts][] =
    facts.kind === 'graphql'
      ? []
      : facts.kind === 'description'
        ? Object.entries(facts.operations).map(([key, one]) => [key, one as unknown as Facts])
        : Object.entries(facts.paths).map(([key, methods]) => [key, { methods }])
  return new Map(entries)
}

function movedTo({ id }: Facts, young: ReadonlyMap<string, Facts>): string {
  const moved = id === undefined ? undefined : [...young].find(([, one]) => one.id === id)
  return moved === undefined ? '' : `now ${moved[0]}`
}
