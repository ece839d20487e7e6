import type { Manifest } from '../declarative/manifest-parts.ts'
import type { DescriptionFacts, OperationFacts } from './facts.ts'
import { satisfies } from './security-kinds.ts'
import type { Verdict } from './verdict.ts'

/** Each way to authenticate must be one that the source lists for the operation. */
export function checkSecurity(
  manifest: Manifest,
  facts: DescriptionFacts,
  theirs: OperationFacts,
  verdict: Verdict,
): void {
  const { security } = theirs
  if (security === undefined) {
    verdict.doubt('the source does not say how to authenticate')
    return
  }
  for (const credential of manifest.credentials) {
    const fits = security.some((names) =>
      names.length === 0
        ? credential.scheme === 'none' || security.length === 1
        : names.every((name) => (facts.security[name] ?? []).some((one) => satisfies(credential, manifest, one))),
    )
    if (fits) continue
    const listed = security
      .map((names) => names.map((name) => told(facts, name)).join(' with ') || 'nothing')
      .join(', or ')
    verdict.contradict(
      'security',
      credential.id,
      `the credential ${credential.id} (${credential.scheme}) is not among: ${listed}`,
    )
  }
}

const told = (facts: DescriptionFacts, name: string): string =>
  (facts.security[name] ?? [{ scheme: 'unknown' }])
    .map(({ scheme, in: place, name: key }) => (place === undefined ? scheme : `${scheme} in ${place} ${key ?? ''}`))
    .filter((text, index, all) => all.indexOf(text) === index)
    .join('/')
