import { type SourceFacts, verify } from '../../packages/api/src/evidence/index.ts'
import type { IntegrationManifest } from '../../packages/api/src/manifest/index.ts'
import { seededRandom } from '../../packages/core/src/testing/time/seeded-random.ts'
import { type Mutation, mutationsOf, type Stated } from './mutations.ts'

type Manifest = IntegrationManifest

export interface Survivor {
  readonly operation: string
  readonly kind: string
  readonly what: string
}

export interface MutationReport {
  readonly tried: number
  readonly caught: number
  /** By kind: how many were tried. */
  readonly kinds: Readonly<Record<string, number>>
  readonly survivors: readonly Survivor[]
  /** Operations that were mutated at least once. */
  readonly operations: number
  /** Operations of level E4 and E3, with which nothing can be compared. */
  readonly leftOut: number
}

/** The manifest with one operation: what is wrong with another one does not count. */
const lone = (manifest: Manifest, name: string): Manifest => ({
  ...manifest,
  operations: { [name]: manifest.operations[name] as Manifest['operations'][string] },
})

interface Target {
  readonly manifest: Manifest
  readonly name: string
  readonly level: string
  readonly known: ReadonlySet<string>
  readonly kinds: ReadonlyMap<string, readonly Mutation[]>
}

/** Puts wrong facts into manifests, one at a time, and counts those that the verifier tells: as a problem, or by a lower level. */
export function runMutations(
  manifests: readonly Manifest[],
  facts: readonly SourceFacts[],
  count: number,
  seed: number,
): MutationReport {
  const random = seededRandom(seed)
  const targets: Target[] = []
  let leftOut = 0
  for (const manifest of manifests)
    for (const { operation: name, level, source, found } of verify(manifest, facts).operations) {
      const of = facts.find(({ ref }) => ref === source)
      if ((level !== 'E1' && level !== 'E2') || of === undefined || found === undefined) {
        leftOut++
        continue
      }
      const stated: Stated =
        of.kind === 'description'
          ? { facts: of, theirs: of.operations[found], methods: [found.split(' ')[0] ?? ''], document: false }
          : of.kind === 'client'
            ? {
                facts: undefined,
                theirs: undefined,
                methods: of.paths[found.split(' ')[1] ?? ''] ?? [],
                document: false,
              }
            : { facts: undefined, theirs: undefined, methods: [], document: true }
      const alone = lone(manifest, name)
      const kinds = mutationsOf(alone, name, stated)
      if (kinds.size > 0)
        targets.push({ manifest: alone, name, level, known: new Set(verify(alone, facts).problems), kinds })
    }
  const byManifest = [...Map.groupBy(targets, ({ manifest }) => manifest.id).values()]
  const kinds: Record<string, number> = {}
  const survivors: Survivor[] = []
  const seen = new Set<string>()
  const operations = new Set<string>()
  // Each one is tried once; a catalog that has fewer than were asked for ends when new ones are not found any more.
  for (let tries = 0; seen.size < count && tries < count * 40; tries++) {
    const target = random.pick(random.pick(byManifest))
    const kind = random.pick([...target.kinds.keys()])
    const mutation = random.pick(target.kinds.get(kind) ?? [])
    const id = `${target.manifest.id} ${target.name} ${kind} ${mutation.what}`
    if (seen.has(id)) continue
    seen.add(id)
    operations.add(`${target.manifest.id} ${target.name}`)
    kinds[kind] = (kinds[kind] ?? 0) + 1
    const copy = structuredClone(target.manifest)
    mutation.apply(copy)
    const { operations: after, problems } = verify(copy, facts)
    const caught = problems.some((one) => !target.known.has(one)) || after[0]?.level !== target.level
    if (!caught) survivors.push({ operation: `${target.manifest.id} ${target.name}`, kind, what: mutation.what })
  }
  return {
    tried: seen.size,
    caught: seen.size - survivors.length,
    kinds,
    survivors,
    operations: operations.size,
    leftOut,
  }
}
