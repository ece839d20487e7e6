import { nearestName } from '../../json-schema/nearest-name.ts'
import type { ManifestPath } from '../issue.ts'
import { declared, referencesOf, type Target } from './references.ts'
import type { Rule } from './rule.ts'

/** What is declared is used: a name that nobody refers to is a mistake in the name, or dead. */
export const unused: Rule = {
  code: 'unused',
  check(manifest, report) {
    const used = new Map<Target, Set<string>>()
    const there = declared(manifest)
    for (const { to, name, path } of referencesOf(manifest)) {
      // A schema that refers to itself is not used by that.
      if (to === 'schemas' && path[0] === 'schemas' && path[1] === name) continue
      // A misspelt name is told where it stands, and not once more at what it means.
      const meant = there[to].includes(name) ? name : nearestName(name, there[to])
      used.set(to, (used.get(to) ?? new Set()).add(meant ?? name))
    }
    const look = (to: Target, what: string, names: Iterable<string>, at: (name: string) => ManifestPath): void => {
      for (const name of names)
        if (used.get(to)?.has(name) !== true)
          report(at(name), `The ${what} "${name}" is used nowhere.`, 'Use it, or remove it.')
    }
    look('config fields', 'config field', Object.keys(manifest.config ?? {}), (name) => ['config', name])
    look('schemas', 'schema', Object.keys(manifest.schemas ?? {}), (name) => ['schemas', name])
    look('XML schemas', 'set of XML schemas', Object.keys(manifest.xml ?? {}), (name) => ['xml', name])
    look('pagination', 'pagination', Object.keys(manifest.pagination ?? {}), (name) => ['pagination', name])
    look('signers', 'signer', Object.keys(manifest.signers ?? {}), (name) => ['signers', name])
    for (const [index, { origins }] of manifest.deployments.entries())
      look('origins', 'origin', Object.keys(origins ?? {}), (name) => ['deployments', index, 'origins', name])
    if (Object.values(manifest.operations).some(({ scopes }) => scopes !== undefined))
      for (const [index, { scopes }] of manifest.credentials.entries())
        look('scopes', 'scope', Object.keys(scopes ?? {}), (name) => ['credentials', index, 'scopes', name])
  },
}
