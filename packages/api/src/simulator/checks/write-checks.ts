import type { IntegrationManifest } from '../../manifest/manifest.ts'
import { demand, inspectError, outcomeOf } from './compare.ts'
import { approval, bench, type IntegrationCheck, type IntegrationSubject } from './subject.ts'

/** Writes take effect once however the answer is lost, and destructive ones need somebody who agrees. */
export function writeChecks(manifest: IntegrationManifest): readonly IntegrationCheck[] {
  const writes = Object.entries(manifest.operations).filter(
    ([, { effect, soap, list }]) => effect === 'write' && soap === undefined && list === undefined,
  )
  const destructive = Object.entries(manifest.operations).filter(
    ([, { risk, soap }]) => risk === 'destructive' && soap === undefined,
  )
  return [
    ...writes.map(([name]) => ({
      name: `${name} takes effect once when the answer is lost`,
      effect: 'write' as const,
      needs: [],
      about: name,
      run: (subject: IntegrationSubject) => once(subject, name),
    })),
    ...destructive.map(([name]) => ({
      name: `${name} is refused without an approval`,
      effect: 'write' as const,
      needs: [],
      about: name,
      run: (subject: IntegrationSubject) => refused(subject, name),
    })),
  ]
}

async function once(subject: IntegrationSubject, name: string): Promise<void> {
  const one = bench(subject)
  const input = one.simulator.input(name)
  let lost = false
  one.simulator.disturb({
    after({ routed, errors, refusals }, answer) {
      if (lost || routed?.plan.name !== name || answer.status >= 400) return answer
      lost = true
      return errors.answer('unavailable', 'the answer was lost', {}, refusals)
    },
  })
  const outcome = await one.run(outcomeOf(one.call(name, input, approval)))
  const changes = one.simulator.requests.filter(({ operation, changed }) => operation === name && changed).length
  const keyed = one.simulator.manifest.operations[name]?.idempotencyHeader !== undefined
  demand(
    changes <= 1,
    `operations["${name}"].effect: the vendor did it ${changes} times; a write must not be sent again`,
  )
  demand(
    changes === 1,
    `operations["${name}"]: the vendor did it ${changes} times${'error' in outcome ? `: ${inspectError(outcome.error)}` : ''}`,
  )
  if (keyed)
    demand(
      'value' in outcome,
      `operations["${name}"].idempotencyHeader: with its key the call can be sent again, and failed: ${'error' in outcome ? inspectError(outcome.error) : ''}`,
    )
  else demand('error' in outcome, `operations["${name}"]: nobody knows whether it took effect, and the call succeeded`)
  await one.close()
}

async function refused(subject: IntegrationSubject, name: string): Promise<void> {
  const one = bench(subject)
  const outcome = await one.run(outcomeOf(one.call(name, one.simulator.input(name))))
  demand('error' in outcome, `operations["${name}"].risk: a destructive operation ran without an approval`)
  const sent = one.simulator.requests.filter(({ operation }) => operation === name).length
  demand(sent === 0, `operations["${name}"].risk: ${sent} requests were sent without an approval`)
  await one.close()
}
