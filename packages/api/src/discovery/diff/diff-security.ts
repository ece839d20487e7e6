import type { ApiModel, SecurityMethod, SecurityRequirement } from '../model.ts'
import type { AddChange } from './change.ts'
import type { Pair } from './pair.ts'

/** One way to be let in: what is presented, with the scopes. */
type Way = ReadonlyMap<string, ReadonlySet<string>>

/** Whoever was let in before must still be. Schemes are compared by what they are, not by their names. */
export function diffSecurity({ before, after, old, young }: Pair, add: AddChange): void {
  const was = waysOf(old.security, before)
  const is = waysOf(young.security, after)
  const said = is.map(print)
  for (const way of was) {
    if (is.some((other) => lets(way, other))) continue
    const same = is.find((other) => [...way.keys()].join() === [...other.keys()].join())
    if (same === undefined)
      add('breaking', 'security-changed', 'security', `${print(way)} no longer suffices; asked is ${said.join(' or ')}`)
    else add('breaking', 'scope-added', 'security', `further scopes are asked for: ${print(same)}`)
  }
  const known = new Set(was.map(print))
  for (const way of is)
    if (!known.has(print(way)) && !was.some((one) => lets(one, way)))
      add('compatible', 'security-added', 'security', `${print(way)} suffices too`)
}

/** True when everything that is asked is presented. */
function lets(presented: Way, asked: Way): boolean {
  return [...asked].every(([scheme, scopes]) => {
    const there = presented.get(scheme)
    return there !== undefined && [...scopes].every((scope) => there.has(scope))
  })
}

/** Nothing said means: nothing is asked. */
function waysOf(requirements: readonly SecurityRequirement[], model: ApiModel): Way[] {
  if (requirements.length === 0) return [new Map()]
  return requirements.flatMap((requirement) => {
    let ways: Map<string, ReadonlySet<string>>[] = [new Map()]
    for (const [name, scopes] of requirement) {
      const methods = model.security.get(name)?.methods.map(kindOf) ?? [`unknown ${name}`]
      ways = ways.flatMap((way) => [...new Set(methods)].map((method) => new Map([...way, [method, new Set(scopes)]])))
    }
    return ways.slice(0, 50)
  })
}

function kindOf({ scheme, in: place, name, word }: SecurityMethod): string {
  if (scheme === 'api-key') return `api-key in ${place} ${place === 'header' ? name?.toLowerCase() : name}`
  return scheme === 'unknown' ? `unknown ${word ?? ''}` : scheme
}

function print(way: Way): string {
  if (way.size === 0) return 'no credential'
  const parts = [...way].map(([scheme, scopes]) =>
    scopes.size === 0 ? scheme : `${scheme} (${[...scopes].sort().join(', ')})`,
  )
  return parts.sort().join(' with ')
}
