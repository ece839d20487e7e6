import type { IntegrationManifest } from '../../manifest/manifest.ts'
import { demand, inspectError, outcomeOf } from './compare.ts'
import { approval, bench, type IntegrationCheck, type IntegrationSubject } from './subject.ts'

/** Each operation is called, arrives where the manifest says, and its answer is what the manifest says. */
export function shapeChecks(manifest: IntegrationManifest): readonly IntegrationCheck[] {
  return Object.entries(manifest.operations)
    .filter(([, operation]) => operation.soap === undefined)
    .map(([name, operation]) => ({
      name: `${name} arrives at its route and is understood`,
      effect: operation.effect,
      needs: [],
      about: name,
      run: (subject: IntegrationSubject) => arrives(subject, name),
    }))
}

async function arrives(subject: IntegrationSubject, name: string): Promise<void> {
  const given = subject.manifest.tests?.inputs?.[name]
  // Where nobody says what makes sense, once with what is needed, and once with everything.
  const ways = given ?? [false, true]
  for (const way of ways) {
    const one = bench(subject, {}, { policies: { retry: false, breaker: false } } as never)
    const input = typeof way === 'boolean' ? one.simulator.input(name, { everything: way }) : { ...way }
    const from = one.simulator.requests.length
    const isList = one.simulator.manifest.operations[name]?.list !== undefined
    const outcome = await one.run(outcomeOf(isList ? one.list(name, input) : one.call(name, input, approval)))
    const seen = one.simulator.requests.slice(from)
    const refused = seen.find(({ verdict, status }) => status >= 400 && verdict !== 'ok')
    const told = refused === undefined ? '' : `; the vendor saw ${refused.method} ${refused.url}: ${refused.verdict}`
    demand('value' in outcome, `operations["${name}"]: ${'error' in outcome ? inspectError(outcome.error) : ''}${told}`)
    const own = seen.filter(({ operation }) => operation === name)
    demand(
      own.length > 0,
      `operations["${name}"].request: the request arrived at ${seen.map(({ operation, url }) => operation ?? url).join(', ') || 'no route'}`,
    )
    const [first] = own
    const missing = Object.keys(input).filter(
      (key) =>
        carriesValue(input[key]) && first?.inputs[key] === undefined && isSent(one.simulator.manifest, name, key),
    )
    demand(
      missing.length === 0,
      `operations["${name}"].input: the vendor does not find ${missing.join(', ')} where the manifest says; look at \`in\` and \`as\``,
    )
    const strange = own.flatMap(({ unexpected }) => unexpected)
    demand(
      strange.length === 0,
      `operations["${name}"]: the request holds ${[...new Set(strange)].join(', ')}, which the manifest does not name`,
    )
    await one.close()
  }
}

const carriesValue = (value: unknown): boolean =>
  value !== undefined && value !== null && !(Array.isArray(value) && value.length === 0)

/** Whole bodies, parts and styled values are told apart by the vendor in ways that a plain look does not see. */
function isSent(manifest: IntegrationManifest, operation: string, key: string): boolean {
  const input = manifest.operations[operation]?.input?.[key]
  if (input === undefined || input.as === '@' || input.in === 'rpc' || input.in === 'part') return false
  return input.style === undefined && ![input.type ?? ''].flat().some((type) => type === 'object' || type === 'array')
}
