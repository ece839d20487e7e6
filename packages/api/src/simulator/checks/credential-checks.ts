import { inspect } from 'node:util'
import type { IntegrationManifest } from '../../manifest/manifest.ts'
import { planOf } from '../vendor/operation-plan.ts'
import { demand, inspectError, outcomeOf } from './compare.ts'
import { approval, type Bench, bench, type IntegrationCheck, type IntegrationSubject } from './subject.ts'

/** Every way to authenticate works, shows nothing, and is renewed once for all who wait. */
export function credentialChecks(manifest: IntegrationManifest): readonly IntegrationCheck[] {
  const read = cheapRead(manifest)
  if (read === undefined) return []
  const common = { effect: 'read' as const, needs: [] }
  return manifest.credentials.flatMap(({ id, scheme }) => {
    const renewable = scheme === 'session' || scheme.startsWith('oauth2-')
    return [
      {
        ...common,
        about: id,
        name: `the credential ${id} opens the vendor`,
        run: (subject: IntegrationSubject) => opens(subject, id, read),
      },
      ...(scheme === 'none'
        ? []
        : [
            {
              ...common,
              about: id,
              name: `the credential ${id} never shows`,
              run: (subject: IntegrationSubject) => hidden(subject, id, read),
            },
          ]),
      ...(renewable
        ? [
            {
              ...common,
              about: id,
              name: `the credential ${id} is renewed once for all callers`,
              run: (subject: IntegrationSubject) => renewedOnce(subject, id, read),
            },
          ]
        : []),
    ]
  })
}

/** The check of the connection, or the first read. */
export function cheapRead(manifest: IntegrationManifest): string | undefined {
  const reads = Object.entries(manifest.operations).filter(
    ([, { effect, soap }]) => effect === 'read' && soap === undefined,
  )
  return manifest.check?.operation ?? reads.find(([, { list }]) => list === undefined)?.[0] ?? reads[0]?.[0]
}

function call(one: Bench, name: string): Promise<unknown> {
  const { manifest } = one.simulator
  const plan = planOf(manifest, name, manifest.operations[name] as never)
  const input =
    name === manifest.check?.operation && manifest.check.input !== undefined
      ? { ...manifest.check.input }
      : one.simulator.input(name)
  return plan.operation.list === undefined ? one.call(name, input, approval) : one.list(name, input)
}

async function opens(subject: IntegrationSubject, id: string, read: string): Promise<void> {
  const one = bench(subject, { credential: id })
  const outcome = await one.run(outcomeOf(call(one, read)))
  const refusal = one.simulator.requests.findLast(({ status }) => status >= 400)?.verdict ?? ''
  demand(
    'value' in outcome,
    `credentials ${id}: ${'error' in outcome ? inspectError(outcome.error) : ''}; the vendor says: ${refusal}`,
  )
  await one.close()
}

async function hidden(subject: IntegrationSubject, id: string, read: string): Promise<void> {
  const one = bench(subject, { credential: id })
  const seen: unknown[] = []
  const events = one.connection.$events as { on(type: string, listen: (data: unknown, type: string) => void): unknown }
  events.on('*', (data, type) => seen.push(type, inspect(data, { depth: 10 })))
  await one.run(outcomeOf(call(one, read)))
  // Careless vendors quote what they were sent.
  for (const kind of ['credential', 'invalid-input', 'unavailable'] as const) {
    one.simulator.disturb({
      before({ request, routed, errors, refusals }) {
        if (routed === undefined) return undefined
        const sent = `${request.url.href} ${Object.values(request.headers).join(' ')}`
        const quoted = one.simulator.secrets.filter((secret) => sent.includes(secret))
        return errors.answer(kind, `refused: ${quoted.join(' ')}`, {}, refusals)
      },
    })
    const outcome = await one.run(outcomeOf(call(one, read)))
    if ('error' in outcome)
      seen.push(
        String(outcome.error),
        outcome.error.stack,
        JSON.stringify(outcome.error),
        inspect(outcome.error, { depth: 10 }),
      )
  }
  seen.push(inspect(one.connection, { depth: 6 }), JSON.stringify(one.simulator.requests))
  const text = seen.join('\n')
  const shown = one.simulator.secrets.filter((secret) => secret.length > 7 && text.includes(secret))
  demand(shown.length === 0, `credentials ${id}: ${shown.length} of its secrets stand in errors, events or the ledger`)
  await one.close()
}

async function renewedOnce(subject: IntegrationSubject, id: string, read: string): Promise<void> {
  const one = bench(subject, { credential: id })
  const first = await one.run(outcomeOf(call(one, read)))
  demand('value' in first, `credentials ${id}: ${'error' in first ? inspectError(first.error) : ''}`)
  const before = logins(one)
  one.simulator.expireTokens()
  const outcomes = await one.run(Promise.all(Array.from({ length: 10 }, () => outcomeOf(call(one, read)))))
  const failed = outcomes.flatMap((outcome) => ('error' in outcome ? [inspectError(outcome.error)] : []))
  demand(
    failed.length === 0,
    `credentials ${id}: ${failed.length} of 10 callers failed when it had ended: ${failed[0]}`,
  )
  const renewals = logins(one) - before
  const steps = stepsOf(one.simulator.manifest, id)
  demand(renewals === steps, `credentials ${id}: 10 callers renewed it with ${renewals} requests instead of ${steps}`)
  await one.close()
}

const logins = ({ simulator }: Bench): number =>
  simulator.requests.filter(({ verdict }) => verdict.startsWith('authentication')).length

function stepsOf({ credentials }: IntegrationManifest, id: string): number {
  const credential = credentials.find((one) => one.id === id)
  return credential?.scheme === 'session' ? credential.settle.steps.length : 1
}
